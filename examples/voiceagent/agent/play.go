// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"

	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// play sends the audio to the caller no faster than it is heard: what has been
// sent cannot be taken back when the caller interrupts.
func (r *reply) play(ctx context.Context, audio <-chan []byte) error {
	format := wire.ReplyFormat()
	started := false
	defer func() {
		if started {
			r.turn.Mark(otelvoice.AgentStopped)
		}
	}()
	for chunk := range audio {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.line.send(wire.Audio, chunk); err != nil {
			return err
		}
		if !started {
			started = true
			// The end of the caller's wait; what comes next is no part of it.
			r.turn.Mark(otelvoice.AgentStarted)
		}
		d := format.Duration(len(chunk))
		if err := r.agent.Speed.Wait(ctx, d); err != nil {
			return err
		}
		r.played.Add(int64(d))
	}
	return nil
}
