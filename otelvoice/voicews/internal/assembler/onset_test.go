// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/semconv"
)

// A greeting of the agent is queued, and is heard from its first audible sample on.
func TestFirstAudibleSampleIsTheStart(t *testing.T) {
	mu := func(d time.Duration, sample byte) *wire.Event {
		return &wire.Event{Kind: wire.Audio, Data: bytes.Repeat([]byte{sample}, int(d*8000/time.Second))}
	}
	const loud, quiet = 0x00, 0xff
	l16 := func(d time.Duration, value int16) *wire.Event {
		var data []byte
		for range int(d * 16000 / time.Second) {
			data = binary.LittleEndian.AppendUint16(data, uint16(value))
		}
		return &wire.Event{Kind: wire.Audio, Data: data}
	}
	for _, tt := range []struct {
		name string
		say  func(w *world)
		want string // The start and the stop in ms after the first audio, or "-".
	}{
		{"no silence", func(w *world) { w.line.Event(mu(500*ms, loud)) }, "0-500"},
		{"silence in one piece", func(w *world) {
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: append(mu(90*ms, quiet).Data, mu(410*ms, loud).Data...)})
		}, "90-500"},
		{"silence in pieces that are queued at once", func(w *world) {
			for range 4 {
				w.line.Event(mu(20*ms, quiet))
			}
			w.line.Event(mu(420*ms, loud))
		}, "80-500"},
		{"silence in pieces that are sent as they play", func(w *world) {
			for range 4 {
				w.line.Event(mu(20*ms, quiet))
				w.pass(20 * ms)
			}
			w.line.Event(mu(420*ms, loud))
		}, "80-500"},
		{"a pause after the silence", func(w *world) {
			w.line.Event(mu(100*ms, quiet))
			w.pass(200 * ms)
			w.line.Event(mu(300*ms, loud))
		}, "200-500"},
		{"cut in the silence", func(w *world) {
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: append(mu(100*ms, quiet).Data, mu(400*ms, loud).Data...)})
			w.pass(60 * ms)
			w.line.Event(&wire.Event{Kind: wire.Cleared})
		}, "-"},
		{"cut after the silence", func(w *world) {
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: append(mu(100*ms, quiet).Data, mu(400*ms, loud).Data...)})
			w.pass(160 * ms)
			w.line.Event(&wire.Event{Kind: wire.Cleared})
		}, "100-160"},
		{"a voice that is quieter than silence", func(w *world) { w.line.Event(mu(500*ms, quiet)) }, "0-500"},
		{"such a voice, cut", func(w *world) {
			w.line.Event(mu(2000*ms, quiet))
			w.pass(400 * ms)
			w.line.Event(&wire.Event{Kind: wire.Cleared})
		}, "0-400"},
		{"a compressed codec", func(w *world) {
			w.line.Event(&wire.Event{Kind: wire.AudioFormat, Format: wire.Format{Codec: "opus"}})
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: make([]byte, 100), Audio: 500 * ms})
		}, "0-500"},
		{"audio whose bytes are not known", func(w *world) { w.line.Event(&wire.Event{Kind: wire.Audio, Audio: 500 * ms}) }, "0-500"},
		{"linear samples", func(w *world) {
			w.line.Event(&wire.Event{Kind: wire.AudioFormat, Format: wire.Format{Codec: "pcm_s16le", SampleRate: 16000}})
			w.line.Event(l16(100*ms, 250))
			w.line.Event(l16(400*ms, -math.MaxInt16))
		}, "100-500"},
		{"linear samples of which one is split", func(w *world) {
			w.line.Event(&wire.Event{Kind: wire.AudioFormat, Format: wire.Format{Codec: "pcm_s16le", SampleRate: 16000}})
			data := slices.Concat(l16(100*ms, 0).Data, l16(400*ms, 0x4000).Data)
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: data[:3201]})
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: data[3201:]})
		}, "100-500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sdk, rec := voicetest.Setup(t)
				w := &world{tb: t, tel: sdk.Telemetry, call: assembler.New(t.Context(), assembler.Config{Telemetry: sdk.Telemetry})}
				w.ctx = w.call.Context()
				w.ring()
				began := time.Now()
				tt.say(w)
				w.pass(3000 * ms)
				w.hangsUp()
				w.call.End()
				voicetest.Check(t, rec)
				var started, stopped []string
				for _, turn := range rec.Named(semconv.SpanVoiceTurn) {
					for _, e := range turn.Events() {
						at := fmt.Sprint(e.Time.Sub(began).Milliseconds())
						switch attribute.Key(e.Name) {
						case semconv.EventVoiceAgentStarted:
							started = append(started, at)
						case semconv.EventVoiceAgentStopped:
							stopped = append(stopped, at)
						}
					}
				}
				if got := strings.Join(append(started, stopped...), "-"); got != tt.want && (got != "" || tt.want != "-") {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		})
	}
}
