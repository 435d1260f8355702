// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"context"

	"github.com/pion/interceptor"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Interceptor returns a factory for [interceptor.Registry] that measures the audio of a session's
// PeerConnections. With a nil session, its interceptors do nothing. It is safe for concurrent use.
// The order of the registry does not matter.
//
// [otelvoice.AgentStarted] of a turn is the time at which its first audible packet was sent. A
// packet belongs to a turn if it is the first one after a pause of at least [DefaultPause], and the
// turn is the newest open one. This is correct for tracks that send only while the agent speaks,
// and for tracks that send silence in between: packets of silence are part of the pause. Silence is
//
//   - an Opus packet of at most three bytes: DTX, and digital silence with a variable bit rate;
//   - a PCMU or PCMA packet without a sample above -41 dB of full scale;
//   - a packet without payload.
//
// G722 has no such rule: a track of G722 must send only while the agent speaks. If a turn starts
// while the agent speaks, the rest of that speech belongs to the turn before. If the answer then
// follows without a pause, AgentStarted is not marked.
//
// [otelvoice.AgentStopped] is the time of the last audible packet before such a pause, each time.
// It is not marked if the turn ends within the pause.
func Interceptor(session *otelvoice.Session, opts ...Option) interceptor.Factory {
	c := config{pause: DefaultPause}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&c)
		}
	}
	if session == nil {
		return factory{}
	}
	return factory{newCall(session, c)}
}

// FromContext returns the [Interceptor] of the session that the context carries.
func FromContext(ctx context.Context, opts ...Option) interceptor.Factory {
	return Interceptor(otelvoice.SessionFromContext(ctx), opts...)
}

// factory makes the interceptors of a call. The call is nil without a session.
type factory struct{ call *call }

// NewInterceptor returns an interceptor for one PeerConnection.
func (f factory) NewInterceptor(string) (interceptor.Interceptor, error) {
	if f.call == nil {
		return &interceptor.NoOp{}, nil
	}
	return &connection{call: f.call}, nil
}
