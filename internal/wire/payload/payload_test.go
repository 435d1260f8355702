// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package payload_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

func ExampleDuration() {
	f := wire.Format{Codec: "pcm_s16le", SampleRate: 16000}
	fmt.Println(payload.Duration(f, 640))
	// Output: 20ms
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		name   string
		format wire.Format
		size   int
		want   time.Duration
	}{
		{"PCM", wire.Format{Codec: "pcm_s16le", SampleRate: 24000, Channels: 1}, 960, 20 * time.Millisecond},
		{"PCM in stereo", wire.Format{Codec: "pcm_s16le", SampleRate: 24000, Channels: 2}, 1920, 20 * time.Millisecond},
		{"mu-law", wire.Format{Codec: "pcm_mulaw", SampleRate: 8000}, 160, 20 * time.Millisecond},
		{"A-law", wire.Format{Codec: "pcm_alaw", SampleRate: 8000}, 80, 10 * time.Millisecond},
		{"floats", wire.Format{Codec: "pcm_f32le", SampleRate: 44100}, 176400, time.Second},
		{"a day", wire.Format{Codec: "pcm_mulaw", SampleRate: 8000}, 8000 * 86400, 24 * time.Hour},
		{"unknown rate", wire.Format{Codec: "pcm_s16le"}, 960, 0},
		{"compressed", wire.Format{Codec: "mp3", SampleRate: 44100}, 960, 0},
		{"nothing", wire.Format{}, 0, 0},
	} {
		if got := payload.Duration(tt.format, tt.size); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSize(t *testing.T) {
	for n := range 100 {
		data := make([]byte, n)
		for _, text := range []string{base64.StdEncoding.EncodeToString(data), base64.RawStdEncoding.EncodeToString(data)} {
			if got := payload.Size([]byte(text)); got != n {
				t.Errorf("%q: %d, want %d", text, got, n)
			}
		}
	}
}

func TestDecode(t *testing.T) {
	long := bytes.Repeat([]byte("otelvoice"), 20_000)
	for _, tt := range []struct {
		name, text string
		want       []byte
		ok         bool
	}{
		{"padded", "b3RlbA==", []byte("otel"), true},
		{"not padded", "b3RlbA", []byte("otel"), true},
		{"alphabet of URLs", "-_-_", []byte("\xfb\xff\xbf"), true},
		{"longer than a piece", base64.StdEncoding.EncodeToString(long), long, true},
		{"longer than a piece, not padded", base64.RawURLEncoding.EncodeToString(append(long, 1)), append(long, 1), true},
		{"empty", "", nil, true},
		{"no base64", "b3R!lbA==", []byte("otel"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b payload.Base64
			for range 2 {
				var got []byte
				if ok := b.Decode([]byte(tt.text), func(p []byte) { got = append(got, p...) }); ok != tt.ok || !bytes.Equal(got, tt.want) {
					t.Errorf("%d bytes, %v; want %d bytes, %v", len(got), ok, len(tt.want), tt.ok)
				}
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("otel"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b payload.Base64
		b.Decode(data, func([]byte) {})
		var got []byte
		text := base64.StdEncoding.EncodeToString(data)
		if !b.Decode([]byte(text), func(p []byte) { got = append(got, p...) }) || !bytes.Equal(got, data) || payload.Size([]byte(text)) != len(data) {
			t.Errorf("%q: got %q", text, got)
		}
	})
}
