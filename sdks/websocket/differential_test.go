// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// The first bytes of frames.
const (
	fin          = 0x80
	rsv1         = 0x40
	continuation = 0x0
	text         = 0x1
	binaryFrame  = 0x2
	closeFrame   = 0x8
	ping         = 0x9
	pong         = 0xA
)

// frame returns a frame, masked if a client sends it.
func frame(first byte, client bool, payload string) []byte {
	var bit byte
	if client {
		bit = 0x80
	}
	out := []byte{first}
	switch n := len(payload); {
	case n < 126:
		out = append(out, bit|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, bit|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, bit|127), uint64(n))
	}
	if !client {
		return append(out, payload...)
	}
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	out = append(out, key[:]...)
	for i := range len(payload) {
		out = append(out, payload[i]^key[i&3])
	}
	return out
}

// deflated returns messages as an endpoint sends them with context takeover.
func deflated(tb testing.TB, messages ...string) []string {
	tb.Helper()
	var buffer bytes.Buffer
	w, err := flate.NewWriter(&buffer, flate.DefaultCompression)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, message := range messages {
		buffer.Reset()
		_, _ = w.Write([]byte(message))
		_ = w.Flush()
		out = append(out, strings.TrimSuffix(buffer.String(), "\x00\x00\xff\xff"))
	}
	return out
}

// A stream is the frames of a direction.
type stream struct {
	name    string
	deflate bool
	frames  func(f func(first byte, payload string) []byte) []byte
}

// streams are like the cases of the Autobahn test suite.
func streams(tb testing.TB) []stream {
	tb.Helper()
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	long := strings.Repeat("Hello, WebSocket! ", 8000)
	type framer = func(first byte, payload string) []byte
	all := []stream{
		{"text and binary", false, func(f framer) []byte { return join(f(fin|text, "hello"), f(fin|binaryFrame, "\x00\xff")) }},
		{"empty messages", false, func(f framer) []byte { return join(f(fin|text, ""), f(fin|binaryFrame, "")) }},
		{"fragments with pings", false, func(f framer) []byte {
			return join(f(text, "a"), f(fin|ping, "1"), f(continuation, ""), f(fin|pong, "2"), f(fin|continuation, "b"), f(fin|text, "c"))
		}},
		{"a byte in each fragment", false, func(f framer) []byte {
			out := f(text, "")
			for i := range 100 {
				out = append(out, f(continuation, long[i:i+1])...)
			}
			return append(out, f(fin|continuation, "")...)
		}},
		{"text that is not UTF-8", false, func(f framer) []byte { return join(f(fin|text, "\xce\xba\xed\xa0\x80"), f(fin|text, "a")) }},
		{"largest ping", false, func(f framer) []byte { return f(fin|ping, long[:125]) }},
		{"ping that is too long", false, func(f framer) []byte { return f(fin|ping, long[:126]) }},
		{"ping in fragments", false, func(f framer) []byte { return join(f(ping, "a"), f(fin|continuation, "b")) }},
		{"continuation of nothing", false, func(f framer) []byte { return f(fin|continuation, "a") }},
		{"message inside a message", false, func(f framer) []byte { return join(f(text, "a"), f(fin|text, "b")) }},
		{"close without a code", false, func(f framer) []byte { return join(f(fin|closeFrame, ""), f(fin|text, "a")) }},
		{"close with a reason", false, func(f framer) []byte { return f(fin|closeFrame, "\x03\xe8"+long[:123]) }},
		{"close inside a message", false, func(f framer) []byte { return join(f(text, "a"), f(fin|closeFrame, "\x03\xe8")) }},
		{"close that is too long", false, func(f framer) []byte { return f(fin|closeFrame, "\x03\xe8"+long[:124]) }},
		{"compressed without agreement", false, func(f framer) []byte { return f(fin|rsv1|text, "a") }},
	}
	for _, size := range []int{125, 126, 127, 128, 65535, 65536, 100_000} {
		all = append(all, stream{fmt.Sprint(size, " bytes"), false, func(f framer) []byte { return f(fin|binaryFrame, long[:size]) }})
	}
	for _, bit := range []byte{0x40, 0x20, 0x10, 0x70} {
		for _, op := range []byte{text, ping, closeFrame} {
			all = append(all, stream{fmt.Sprintf("reserved bits %#x of opcode %d", bit, op), false, func(f framer) []byte {
				return join(f(fin|text, "a"), f(fin|bit|op, ""))
			}})
		}
	}
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		all = append(all, stream{fmt.Sprint("opcode ", op), false, func(f framer) []byte { return f(fin|op, "a") }})
	}
	for _, code := range []uint16{
		0, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1015,
		1016, 1100, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535,
	} {
		all = append(all, stream{fmt.Sprint("close code ", code), false, func(f framer) []byte {
			return f(fin|closeFrame, string(binary.BigEndian.AppendUint16(nil, code))+"why")
		}})
	}
	parts := deflated(tb, "hello", long, "hello", "", long[:3000], "again: hello")
	single := deflated(tb, long)[0]
	return append(all,
		stream{"compressed message", true, func(f framer) []byte { return f(fin|rsv1|text, single) }},
		stream{"compressed fragments", true, func(f framer) []byte {
			return join(f(rsv1|text, single[:10]), f(fin|ping, "1"), f(continuation, single[10:20]), f(fin|continuation, single[20:]), f(fin|text, "raw"))
		}},
		stream{"compressed with context takeover", true, func(f framer) []byte {
			var out []byte
			for _, part := range parts {
				out = append(out, f(fin|rsv1|binaryFrame, part)...)
			}
			return out
		}},
		stream{"compressed that is no DEFLATE", true, func(f framer) []byte { return f(fin|rsv1|text, "\xff\xff\xff") }},
	)
}

// check compares the decoder with the libraries.
func check(t *testing.T, config websocket.Config, in []byte, pieces ...int) {
	t.Helper()
	got, class := decoded(config, in, len(in)+1)
	for _, piece := range pieces {
		if again, _ := decoded(config, in, piece); !slices.Equal(again, got) {
			t.Fatalf("in pieces of %d: %q, whole: %q", piece, again, got)
		}
	}
	if slices.Contains(got, "skipped") {
		return // The libraries have no such limit here.
	}
	if !config.Deflate || config.NoContext { // gorilla/websocket has no context takeover.
		want, err := readGorilla(config, in)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) && !isGorillas(config, got, want, class) {
			t.Errorf("gorilla/websocket: %q, decoder: %q %s", want, got, class)
		}
	}
	want, err := readCoder(t.Context(), config, in)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) && !isCoders(got, want, class) {
		t.Errorf("coder/websocket: %q, decoder: %q %s", want, got, class)
	}
}

// isGorillas reports whether a difference is a known one of gorilla/websocket. It takes a close
// frame with one byte for one without a code, does not know the code 1014, and accepts the first
// reserved bit on any frame if compression was agreed. A compressed message that ends early is an
// unexpected end of the stream, and one that is corrupt is found before its end.
func isGorillas(config websocket.Config, got, want []string, class string) bool {
	switch class {
	case websocket.ErrClosePayload:
		return slices.Contains(want, `close 1005 ""`)
	case websocket.ErrDeflate, websocket.ErrLength: // The latter is an error of the limit there.
		return len(want) == len(got) && slices.Equal(got[:len(got)-1], want[:len(got)-1])
	case websocket.ErrReservedBits:
		return true
	case "":
		if config.Deflate && len(want) == len(got) && slices.Equal(got[:len(got)-1], want[:len(got)-1]) {
			return true
		}
	}
	return slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, "close 1014") })
}

// isCoders reports whether a difference is a known one of coder/websocket. It accepts a reason that
// is not UTF-8, and does not unmask the masked frames of a server. It takes a message for whole when
// the stream ends between its fragments, or when its compressed data ends early. It accepts a short
// control frame whose length has 16 or 64 bits.
func isCoders(got, want []string, class string) bool {
	before := got[:len(got)-1]
	switch class {
	case websocket.ErrClosePayload:
		return len(want) > 1 && strings.HasPrefix(want[len(want)-2], "close ")
	case websocket.ErrMask:
		return true
	case websocket.ErrDeflate, websocket.ErrControlLength, "":
		return len(want) > len(before) && slices.Equal(before, want[:len(before)])
	}
	return false
}

func TestDecoderAgainstLibraries(t *testing.T) {
	t.Parallel()
	for _, stream := range streams(t) {
		for _, client := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, client %v", stream.name, client), func(t *testing.T) {
				t.Parallel()
				in := stream.frames(func(first byte, payload string) []byte { return frame(first, client, payload) })
				config := websocket.Config{Client: client, Deflate: stream.deflate}
				check(t, config, in, 1, 3, 1000)
				config.NoContext = true
				check(t, config, in, 1, 3, 1000)
			})
		}
	}
}

// FuzzDecoderAgainstLibraries gives the same bytes to the decoder and the libraries.
func FuzzDecoderAgainstLibraries(f *testing.F) {
	for _, stream := range streams(f) {
		for _, client := range []bool{false, true} {
			in := stream.frames(func(first byte, payload string) []byte { return frame(first, client, payload) })
			if len(in) > 4096 {
				continue
			}
			mode := byte(0)
			if client {
				mode = 1
			}
			if stream.deflate {
				mode |= 2
			}
			f.Add(in, mode, byte(5))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, mode, piece byte) {
		if len(in) > 4096 {
			t.Skip()
		}
		// gorilla/websocket refuses a frame by its first two bytes. The decoder reads the whole head
		// first, so the last head is completed.
		in = append(bytes.Clone(in), make([]byte, 14)...)
		config := websocket.Config{Client: mode&1 != 0, Deflate: mode&2 != 0, NoContext: mode&4 != 0}
		check(t, config, in, int(piece)+1)
	})
}
