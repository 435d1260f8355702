// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audio

import (
	"iter"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// Twenty frames of 1 MiB come, and there is room for 16. What the recognizer has taken
// is not lost, nor is silence that belongs to no utterance.
func TestAudioThatIsDroppedIsCounted(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		name      string
		captured  time.Time
		keep      bool // They belong to an utterance.
		connected bool
		taken     int
		lost      int
	}{
		{name: "no connection", captured: now, keep: true, lost: 4},
		{name: "no connection, silence", captured: now.Add(-time.Minute)},
		{name: "a recognizer that takes nothing", captured: now, keep: true, connected: true, lost: 4},
		{name: "a recognizer that takes some", captured: now, keep: true, connected: true, taken: 3, lost: 1},
		{name: "a recognizer that takes enough", captured: now, keep: true, connected: true, taken: 4},
		{name: "old audio that waits for the recognizer", captured: now.Add(-time.Minute), connected: true, lost: 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			_, stream := session.StartSTTStream(ctx, otelvoice.Model{Provider: "p", Name: "m"})
			f := NewFeed(stream.Dropped)
			if tt.keep {
				f.Keep(now)
			}
			frame := voiceprovider.Frame{Data: make([]byte, 1<<20)}
			next := func() {}
			if tt.connected {
				f.Add(voiceprovider.Frame{Data: []byte{0}}, now) // The recognizer takes the first.
				pull, stop := iter.Pull(f.Connect(t.Context()))
				defer stop()
				next = func() { pull() }
				next()
			}
			for i := range 20 {
				f.Add(frame, tt.captured)
				if i < tt.taken {
					next()
				}
			}
			stream.End(nil)
			session.End()
			var lost int64
			if data, ok := rec.Metric(semconv.MetricVoiceStreamDropCount().Name); ok {
				lost = data.(metricdata.Sum[int64]).DataPoints[0].Value
			}
			if lost != int64(tt.lost) {
				t.Errorf("%d frames are reported as dropped, want %d", lost, tt.lost)
			}
		})
	}
}
