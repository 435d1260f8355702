// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/semconv"
)

// The turn has how the caller's audio arrived: a frame is missing, and the line waited for another.
func TestMediaOfALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sdk, rec := voicetest.Setup(t)
		w := &world{tb: t, tel: sdk.Telemetry, call: assembler.New(t.Context(), assembler.Config{Telemetry: sdk.Telemetry})}
		w.ctx = w.call.Context()
		w.ring()
		w.says()
		w.mediaOff = true
		arrives := func(n int, after time.Duration) {
			<-time.After(after)
			w.line.Event(&wire.Event{Kind: wire.UserAudio, Audio: 20 * ms, Media: wire.Media{Timestamp: w.at + time.Duration(n)*20*ms, HasTimestamp: true}})
		}
		for n, after := range []time.Duration{20 * ms, 20 * ms, 320 * ms, 20 * ms} {
			arrives(n, after)
		}
		arrives(6, 20*ms) // 4 and 5 are missing.
		w.hangsUp()
		w.call.End()
		turn := rec.Named(semconv.SpanVoiceTurn)[0]
		got := make(map[string]string)
		for _, kv := range turn.Attributes() {
			got[string(kv.Key)] = kv.Value.String()
		}
		for key, want := range map[string]string{
			"voice.media.packet.lost": "2", "voice.media.gap.count": "1", "voice.media.gap.longest": "0.32", "voice.media.gap.total": "0.32",
		} {
			if got[key] != want {
				t.Errorf("%s is %s, want %s", key, got[key], want)
			}
		}
		for _, name := range []string{"voice.media.packet.count", "voice.media.packet.lost", "voice.media.jitter", "voice.media.gap.duration"} {
			if _, ok := rec.Metric(name); !ok {
				t.Errorf("no metric %s", name)
			}
		}
		voicetest.Check(t, rec)
	})
}
