// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A user who speaks for 17 MiB while the agent does is not understood in part: the turn
// says that it was too long.
func TestInterruptionThatIsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.MinInterruption = 2 * time.Second
		w.call(func() {
			w.say(1 * time.Second)
			pass(1500 * ms) // The agent speaks.
			w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
			for range 17 {
				w.send(voicepipe.Event{Frame: voiceprovider.Frame{Format: pcm, Data: make([]byte, 1<<20)}})
			}
			pass(5 * time.Second)
		})
		if len(w.turns) != 2 || w.turns[1].Outcome != otelvoice.Failed || !errors.Is(w.errs[1], voiceprovider.ErrTooLong) {
			t.Errorf("got %v, want a second turn that was too long\n%s", w.errs, w.rec.Timeline())
		}
		voicetest.Check(t, w.rec)
	})
}
