// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioformat_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

var le = binary.LittleEndian

// file returns a WAV file of chunks.
func file(chunks ...[]byte) []byte {
	return append([]byte("RIFF\x00\x00\x00\x00WAVE"), slices.Concat(chunks...)...)
}

func chunk(name string, size uint32, data ...byte) []byte {
	return append(le.AppendUint32([]byte(name), size), data...)
}

// pcm returns the chunk "fmt " of an encoding.
func pcm(tag, channels uint16, rate uint32, bits uint16, more ...byte) []byte {
	b := le.AppendUint16(nil, tag)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, rate*uint32(channels)*uint32(bits)/8)
	b = le.AppendUint16(b, channels*bits/8)
	b = le.AppendUint16(b, bits)
	b = append(b, more...)
	return chunk("fmt ", uint32(len(b)), b...)
}

func TestWAV(t *testing.T) {
	second := make([]byte, 16000)
	mono := wire.Format{Codec: "pcm_s16le", SampleRate: 8000, Channels: 1}
	fmt16 := pcm(1, 1, 8000, 16)
	extensible := append([]byte{22, 0, 16, 0, 4, 0, 0, 0, 7, 0}, make([]byte, 14)...)
	ds64 := chunk("ds64", 28, le.AppendUint64(make([]byte, 8), 32000)...)
	for _, tt := range []struct {
		name     string
		data     []byte
		format   wire.Format
		header   int64
		audio    int
		duration time.Duration
	}{
		{"known size", file(fmt16, chunk("data", 16000, second...)), mono, 44, 16000, time.Second},
		{"declared more than sent", file(fmt16, chunk("data", 32000, second...)), mono, 44, 16000, 2 * time.Second},
		{"a chunk after the audio", file(fmt16, chunk("data", 16000, second...), chunk("LIST", 4, 1, 2, 3, 4)), mono, 44, 16000, time.Second},
		{"a chunk of odd size before", file(chunk("LIST", 3, 1, 2, 3, 0), fmt16, chunk("data", 16000, second...)), mono, 56, 16000, time.Second},
		{"size of a stream", file(fmt16, chunk("data", 0xffffffff, second...)), mono, 44, 16000, time.Second},
		{"size of a stream of sox", file(fmt16, chunk("data", 0x7fffffdb, second...)), mono, 44, 16000, time.Second},
		{"size 0", file(fmt16, chunk("data", 0, second...)), mono, 44, 16000, time.Second},
		{"RF64", append([]byte("RF64\xff\xff\xff\xffWAVE"), slices.Concat(ds64, make([]byte, 12), fmt16, chunk("data", 0xffffffff, second...))...), mono, 80, 16000, 2 * time.Second},
		{"mu-law, stereo", file(pcm(7, 2, 8000, 8, 0, 0), chunk("data", 16000, second...)), wire.Format{Codec: "pcm_mulaw", SampleRate: 8000, Channels: 2}, 46, 16000, time.Second},
		{"extensible", file(pcm(0xfffe, 1, 8000, 16, extensible...), chunk("data", 16000)), wire.Format{Codec: "pcm_mulaw", SampleRate: 8000, Channels: 1}, 68, 0, time.Second},
		{"float", file(pcm(3, 1, 16000, 32), chunk("data", 64000)), wire.Format{Codec: "pcm_f32le", SampleRate: 16000, Channels: 1}, 44, 0, time.Second},
		{"no format", file(chunk("data", 16000, second...)), wire.Format{}, 20, 16000, 0},
		{"cut off", file(fmt16), wire.Format{}, 36, 0, 0},
		{"MP3", []byte("ID3\x03 and more"), wire.Format{}, 0, 13, 0},
		{"RIFX", []byte("RIFX\x00\x00\x00\x00WAVEfmt "), wire.Format{}, 0, 16, 0},
		{"a film", []byte("RIFF\x00\x00\x00\x00AVI LIST"), wire.Format{}, 0, 16, 0},
	} {
		for _, size := range []int{1, 7, 1 << 20} {
			var w audioformat.WAV
			audio := 0
			for p := range slices.Chunk(tt.data, size) {
				w.Read(p, func(p []byte) { audio += len(p) })
			}
			if w.Format() != tt.format || w.HeaderSize() != tt.header || audio != tt.audio || w.Duration() != tt.duration {
				t.Errorf("%s in pieces of %d: %+v, header of %d bytes, %d bytes of audio, %v; want %+v, %d, %d, %v", tt.name, size,
					w.Format(), w.HeaderSize(), audio, w.Duration(), tt.format, tt.header, tt.audio, tt.duration)
			}
		}
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(file(pcm(1, 1, 8000, 16), chunk("data", 4, 1, 2, 3, 4)), byte(3))
	f.Add([]byte("RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"), byte(1))
	f.Fuzz(func(t *testing.T, data []byte, size byte) {
		read := func(size int) (audioformat.WAV, []byte) {
			var w audioformat.WAV
			var audio []byte
			for p := range slices.Chunk(data, size) {
				w.Read(p, func(p []byte) { audio = append(audio, p...) })
			}
			return w, audio
		}
		a, whole := read(1 << 20)
		b, pieces := read(int(size) + 1)
		if !bytes.Equal(whole, pieces) || a.Format() != b.Format() || a.HeaderSize() != b.HeaderSize() || a.Duration() != b.Duration() {
			t.Errorf("pieces of %d bytes: %+v, want %+v", int(size)+1, b, a)
		}
		if a.Duration() < 0 || a.HeaderSize() < 0 {
			t.Errorf("a negative size: %v, %d", a.Duration(), a.HeaderSize())
		}
	})
}

func TestBase64(t *testing.T) {
	long := strings.Repeat("otelvoice", 2000)
	for _, tt := range []struct {
		name, text, want string
		ok               bool
	}{
		{"padded", "b3RlbA==", "otel", true},
		{"not padded", "b3RlbA", "otel", true},
		{"URL alphabet", "-_-_", "\xfb\xff\xbf", true},
		{"with line ends", "b3Rl\r\nbA==\n", "otel", true},
		{"longer than the buffer", base64.StdEncoding.EncodeToString([]byte(long)), long, true},
		{"empty", "", "", true},
		{"a wrong character", "b3R!lbA==", "otel", false},
		{"a lone character", "b3Rlb", "ote", false},
	} {
		for _, size := range []int{1, 3, 1 << 20} {
			var b audioformat.Base64
			got := ""
			add := func(p []byte) { got += string(p) }
			for p := range slices.Chunk([]byte(tt.text), size) {
				b.Decode(p, add)
			}
			if ok := b.End(add); ok != tt.ok || got != tt.want {
				t.Errorf("%s in pieces of %d: %q, %v; want %q, %v", tt.name, size, got, ok, tt.want, tt.ok)
			}
		}
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("otel"), byte(1))
	f.Fuzz(func(t *testing.T, data []byte, size byte) {
		var b audioformat.Base64
		var got []byte
		add := func(p []byte) { got = append(got, p...) }
		for p := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(data)), int(size)+1) {
			b.Decode(p, add)
		}
		if !b.End(add) || !bytes.Equal(got, data) {
			t.Errorf("got %q, want %q", got, data)
		}
		b.Decode(data, add) // Text that is no base64.
		b.End(add)
	})
}

func BenchmarkBase64(b *testing.B) {
	text := []byte(base64.StdEncoding.EncodeToString(make([]byte, 4800)))
	var d audioformat.Base64
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(text, func([]byte) {})
		d.End(func([]byte) {})
	}
}
