// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// header returns the head of a server's frame with a 64-bit length.
func header(first byte, length uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{first, 127}, length)
}

func TestDecoder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 20_000)
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	server := func(first byte, payload string) []byte { return frame(first, false, payload) }
	tests := []struct {
		name   string
		config websocket.Config
		in     []byte
		want   []string
	}{
		{"text", websocket.Config{}, server(fin|text, "hello"), []string{`text "hello"`}},
		{"binary", websocket.Config{}, server(fin|binaryFrame, "\x00\xff"), []string{`binary "\x00\xff"`}},
		{"empty text", websocket.Config{}, server(fin|text, ""), []string{`text ""`}},
		{"masked text", websocket.Config{Client: true}, frame(fin|text, true, "hello, world"), []string{`text "hello, world"`}},
		{"server's frame with a mask", websocket.Config{}, frame(fin|text, true, "hello"), []string{"error mask"}},
		{"16-bit length", websocket.Config{}, server(fin|binaryFrame, long[:126]), []string{"binary 126 bytes"}},
		{"64-bit length", websocket.Config{}, server(fin|binaryFrame, long), []string{"binary 200000 bytes"}},
		{"64-bit length, masked", websocket.Config{Client: true}, frame(fin|binaryFrame, true, long), []string{"binary 200000 bytes"}},
		{"64-bit length of a short frame", websocket.Config{}, join(header(fin|text, 2), []byte("hi")), []string{`text "hi"`}},
		{
			"fragments with a ping between",
			websocket.Config{},
			join(server(text, "a"), server(fin|ping, "x"), server(continuation, ""), server(fin|continuation, "b"), server(fin|text, "c")),
			[]string{`ping "x"`, `text "ab"`, `text "c"`},
		},
		{
			"masked fragments",
			websocket.Config{Client: true},
			join(frame(text, true, "abc"), frame(fin|ping, true, "xyz"), frame(fin|continuation, true, "defgh")),
			[]string{`ping "xyz"`, `text "abcdefgh"`},
		},
		{"empty fragments", websocket.Config{}, join(server(text, ""), server(continuation, ""), server(fin|continuation, "")), []string{`text ""`}},
		{"character split by fragments", websocket.Config{}, join(server(text, "\xc3"), server(fin|continuation, "\xa4")), []string{`text "ä"`}},
		{"ping and pong", websocket.Config{}, join(server(fin|ping, ""), server(fin|pong, long[:125])), []string{`ping ""`, "pong 125 bytes"}},
		{"text that is not UTF-8", websocket.Config{}, join(server(fin|text, "\xff"), server(fin|text, "a")), []string{`invalid text "\xff"`, `text "a"`}},
		{
			"message over the limit",
			websocket.Config{MaxMessage: 4},
			join(server(fin|text, "12345"), server(fin|text, "1234"), server(text, "123"), server(fin|ping, "p"), server(fin|continuation, "45"), server(fin|binaryFrame, "z")),
			[]string{"text skipped 5", `text "1234"`, `ping "p"`, "text skipped 5", `binary "z"`},
		},
		{"close", websocket.Config{}, join(server(fin|closeFrame, "\x03\xe8bye"), server(fin|text, "late")), []string{`close 1000 "bye"`}},
		{"close without a code", websocket.Config{}, server(fin|closeFrame, ""), []string{`close 1005 ""`}},
		{"close of a program", websocket.Config{}, server(fin|closeFrame, "\x0b\xb8"), []string{`close 3000 ""`}},
		{"close with one byte", websocket.Config{}, server(fin|closeFrame, "\x03"), []string{"error close_payload"}},
		{"close with a reason that is not UTF-8", websocket.Config{}, server(fin|closeFrame, "\x03\xe8\xff"), []string{"error close_payload"}},
		{"close code 999", websocket.Config{}, server(fin|closeFrame, "\x03\xe7"), []string{"error close_code"}},
		{"close code 1005", websocket.Config{}, server(fin|closeFrame, "\x03\xed"), []string{"error close_code"}},
		{"close code 5000", websocket.Config{}, server(fin|closeFrame, "\x13\x88"), []string{"error close_code"}},
		{"first reserved bit", websocket.Config{}, server(fin|rsv1|text, "a"), []string{"error reserved_bits"}},
		{"second reserved bit", websocket.Config{Deflate: true}, server(fin|0x20|text, "a"), []string{"error reserved_bits"}},
		{"third reserved bit", websocket.Config{Deflate: true}, server(fin|0x10|text, "a"), []string{"error reserved_bits"}},
		{"compressed ping", websocket.Config{Deflate: true}, server(fin|rsv1|ping, "a"), []string{"error reserved_bits"}},
		{"compression bit on a continuation", websocket.Config{Deflate: true}, join(server(rsv1|text, "a"), server(fin|rsv1|continuation, "b")), []string{"error reserved_bits"}},
		{"undefined data opcode", websocket.Config{}, server(fin|0x3, "a"), []string{"error opcode"}},
		{"undefined control opcode", websocket.Config{}, server(fin|0xB, "a"), []string{"error opcode"}},
		{"ping of 126 bytes", websocket.Config{}, server(fin|ping, long[:126]), []string{"error control_length"}},
		{"ping in fragments", websocket.Config{}, server(ping, "a"), []string{"error control_fragmented"}},
		{"continuation of nothing", websocket.Config{}, join(server(fin|text, "a"), server(fin|continuation, "b")), []string{`text "a"`, "error fragment_order"}},
		{"message inside a message", websocket.Config{}, join(server(text, "a"), server(fin|text, "b")), []string{"error fragment_order"}},
		{"client's frame without a mask", websocket.Config{Client: true}, server(fin|text, "a"), []string{"error mask"}},
		{"negative length", websocket.Config{}, header(fin|text, 1<<63), []string{"error length"}},
		{"largest length", websocket.Config{}, join(header(fin|text, math.MaxInt64), []byte("abc")), nil},
		{"frame that ends early", websocket.Config{}, server(fin|text, "hello")[:4], nil},
		{"compressed text that is no DEFLATE", websocket.Config{Deflate: true}, server(fin|rsv1|text, "\xff\xff\xff"), []string{"error deflate"}},
		{"compressed empty text", websocket.Config{Deflate: true}, server(fin|rsv1|text, "\x00"), []string{`text ""`}},
		// The examples of RFC 7692, section 7.2.3.
		{"RFC 7692: one block", websocket.Config{Deflate: true}, server(fin|rsv1|text, "\xf2\x48\xcd\xc9\xc9\x07\x00"), []string{`text "Hello"`}},
		{"RFC 7692: fragments", websocket.Config{Deflate: true}, join(server(rsv1|text, "\xf2\x48\xcd"), server(fin|continuation, "\xc9\xc9\x07\x00")), []string{`text "Hello"`}},
		{"RFC 7692: shared window", websocket.Config{Deflate: true}, join(server(fin|rsv1|text, "\xf2\x48\xcd\xc9\xc9\x07\x00"), server(fin|rsv1|text, "\xf2\x00\x11\x00\x00")), []string{`text "Hello"`, `text "Hello"`}},
		{"RFC 7692: shared window without takeover", websocket.Config{Deflate: true, NoContext: true}, join(server(fin|rsv1|text, "\xf2\x48\xcd\xc9\xc9\x07\x00"), server(fin|rsv1|text, "\xf2\x00\x11\x00\x00")), []string{`text "Hello"`, "error deflate"}},
		{"RFC 7692: no compression", websocket.Config{Deflate: true}, server(fin|rsv1|text, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), []string{`text "Hello"`}},
		{"RFC 7692: last block", websocket.Config{Deflate: true}, server(fin|rsv1|text, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []string{`text "Hello"`}},
		{"RFC 7692: two blocks", websocket.Config{Deflate: true}, server(fin|rsv1|text, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), []string{`text "Hello"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, piece := range []int{1, 2, 3, 7, 64, 4096, 1 << 20} {
				before := bytes.Clone(test.in)
				got := decode(test.config, test.in, piece)
				if !slices.Equal(got, test.want) {
					t.Errorf("in pieces of %d: got %q, want %q", piece, got, test.want)
				}
				if !bytes.Equal(before, test.in) {
					t.Error("the decoder changed the bytes")
				}
			}
		})
	}
}

func TestDecoderContextTakeover(t *testing.T) {
	t.Parallel()
	for _, client := range []bool{false, true} {
		deflater := newDeflater(t)
		var in []byte
		var want []string
		for i := range 200 {
			message := strings.Repeat(`{"type":"media","n":`+string(rune('a'+i%26))+`}`, 1+i*7%90)
			in = append(in, frame(fin|rsv1|text, client, deflater.message(t, message))...)
			want = append(want, message)
		}
		for _, piece := range []int{1, 100, len(in)} {
			var got []string
			d := websocket.NewDecoder(websocket.Config{Client: client, Deflate: true}, func(e *websocket.Event) { got = append(got, string(e.Data)) })
			for p := range slices.Chunk(in, piece) {
				d.Feed(p)
			}
			if !slices.Equal(got, want) {
				t.Errorf("client %v, pieces of %d: the messages differ", client, piece)
			}
		}
	}
}

func TestDecoderCompressedOverTheLimit(t *testing.T) {
	t.Parallel()
	deflater := newDeflater(t)
	zeros := strings.Repeat("\x00", 3000)
	words := "the quick brown fox jumps over the lazy dog, 0123456789"
	bomb := strings.Repeat("\x00", 64<<10) + words
	first := deflater.message(t, "hello")
	over := deflater.message(t, zeros)        // Over the limit, but the window is kept.
	after := deflater.message(t, zeros[:900]) // Refers to the message before.
	lost := deflater.message(t, bomb)         // Over what is decompressed at all.
	unknown := deflater.message(t, words)
	alone := newDeflater(t).message(t, "alone")
	var in []byte
	for _, message := range []string{first, over, after, lost, unknown, alone} {
		in = append(in, frame(fin|rsv1|binaryFrame, false, message)...)
	}
	want := []string{
		`binary "hello"`, "binary skipped " + strconv.Itoa(len(over)), "binary 900 bytes",
		"binary skipped " + strconv.Itoa(len(lost)), "binary skipped " + strconv.Itoa(len(unknown)), `binary "alone"`,
	}
	got := decode(websocket.Config{Deflate: true, MaxMessage: 1000}, in, 1)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecoderStop(t *testing.T) {
	t.Parallel()
	d := websocket.NewDecoder(websocket.Config{}, func(e *websocket.Event) { t.Errorf("reported %s", line(e)) })
	whole := frame(fin|text, false, "hello")
	d.Feed(whole[:4])
	d.Stop()
	d.Feed(whole[4:])
	d.Feed(whole)
	if !d.Stopped() {
		t.Error("the decoder has not stopped")
	}
}
