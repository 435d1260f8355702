// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audiosocket_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audiosocket"
)

func frame(kind byte, payload ...byte) []byte {
	return append([]byte{kind, byte(len(payload) >> 8), byte(len(payload))}, payload...)
}

func audio(kind byte, size int) []byte { return frame(kind, make([]byte, size)...) }

// events feeds a decoder with bytes in pieces, first those that are received.
func events(received, sent []byte, size int, content bool) string {
	var b strings.Builder
	d := audiosocket.New(func(e *wire.Event) { b.WriteString(wiretest.Format(e) + "\n") })
	d.Content = content
	for len(received) > 0 {
		n := min(size, len(received))
		d.Feed(false, received[:n])
		received = received[n:]
	}
	for len(sent) > 0 {
		n := min(size, len(sent))
		d.Feed(true, sent[:n])
		sent = sent[n:]
	}
	d.Closed()
	return b.String()
}

func TestFeed(t *testing.T) {
	id := []byte{0x63, 0xf6, 0x18, 0x63, 0x4a, 0x51, 0x4f, 0x6b, 0x86, 0xe1, 0x46, 0xed, 0xeb, 0xcf, 0x93, 0x56}
	const started = `CallStarted provider="audiosocket" call="63f61863-4a51-4f6b-86e1-46edebcf9356" codec=pcm_s16le sample_rate=8000 channels=1 output=pcm_s16le output_rate=8000`
	for _, tt := range []struct {
		name           string
		received, sent [][]byte
		want           []string
	}{
		{"a call", [][]byte{frame(1, id...), audio(0x10, 320), frame(3, '5'), frame(0)}, [][]byte{audio(0x10, 320), audio(0x10, 640), frame(0)}, []string{
			started, "UserAudio audio=20ms", `Digit text="5"`, `CallStopped name="hangup"`,
			"Audio audio=20ms", "Audio audio=40ms", `CallStopped name="program"`,
		}},
		{"audio of 16 kHz and 48 kHz", [][]byte{audio(0x12, 640)}, [][]byte{audio(0x16, 1920), audio(0x16, 1920)}, []string{
			`Reopened stage="line" provider="audiosocket" codec=pcm_s16le sample_rate=16000 channels=1 output=pcm_s16le output_rate=8000`, "UserAudio audio=20ms",
			"AudioFormat codec=pcm_s16le sample_rate=48000 channels=1", "Audio audio=20ms", "Audio audio=20ms",
		}},
		{"errors", [][]byte{frame(0xff, 1), frame(0xff, 2), frame(0xff, 4), frame(0xff, 0x20), frame(0xff)}, nil, []string{
			`Failed name="hangup"`, `Failed name="frame"`, `Failed name="memory"`, `Failed name="0x20"`, `Failed name="error"`,
		}},
		{"what is not understood", [][]byte{frame(2, 1, 2, 3), frame(0x19, 1), frame(1, 1), frame(3), audio(0x10, 0)}, [][]byte{frame(1, id...), frame(3, '1')}, []string{
			`NotUnderstood name="event"`,
		}},
		{"the longest frame", [][]byte{audio(0x10, 65535)}, nil, []string{"UserAudio audio=4.095875s"}},
		{"an end in mid-frame", [][]byte{frame(1, id...), audio(0x10, 320)[:100]}, nil, []string{started}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.Join(tt.want, "\n") + "\n"
			for _, size := range []int{1, 2, 100, 1 << 20} {
				if got := events(bytes.Join(tt.received, nil), bytes.Join(tt.sent, nil), size, true); got != want {
					t.Errorf("in pieces of %d bytes:\n%swant\n%s", size, got, want)
				}
			}
		})
	}
	if got := events(frame(3, '5'), nil, 10, false); got != "Digit\n" {
		t.Errorf("without content: %s", got)
	}
}

func TestFramesAllocateNothing(t *testing.T) {
	d := audiosocket.New(func(*wire.Event) {})
	p := audio(0x10, 320)
	if n := testing.AllocsPerRun(100, func() {
		d.Feed(false, p)
		d.Feed(true, p[:100])
		d.Feed(true, p[100:])
	}); n != 0 {
		t.Errorf("%v allocations for two frames", n)
	}
}

func FuzzFeed(f *testing.F) {
	f.Add(bytes.Join([][]byte{frame(1, make([]byte, 16)...), audio(0x10, 320), frame(0)}, nil), 7)
	f.Add(audio(0x12, 100), 1)
	f.Fuzz(func(t *testing.T, p []byte, size int) {
		want := events(p, p, 1<<20, true)
		if got := events(p, p, min(max(size, 1), 1000), true); got != want {
			t.Errorf("in pieces of %d bytes:\n%sas a whole:\n%s", size, got, want)
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	d := audiosocket.New(func(*wire.Event) {})
	p := audio(0x10, 320)
	b.ReportAllocs()
	for b.Loop() {
		d.Feed(false, p)
	}
}
