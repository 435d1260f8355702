// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otellivekit instruments LiveKit rooms that a voice agent joins.
//
// Stability: experimental; may change in a minor release.
//
// [Callbacks] instruments a room, and [Join] joins it: each participant gets a session, and
// the room's events become span events, log lines and metrics. [SessionFromRoom] returns the
// session for the agent's turns, and [ReadTrack] records the network quality of the user's
// audio on the turns.
//
// The trace is propagated to the participants: [SignToken] writes it into the token that a
// participant joins with, [Inject] writes it into metadata, data and RPC payloads, and
// [Extract] and [ExtractAttributes] read it. [Webhook] handles the server's webhooks in the
// trace of the room. [NewLogger] returns a logger for the log lines of the SDK and of pion:
//
//	lksdk.SetLogger(otellivekit.NewLogger(tel))
//
// The package is a module of its own, so that only its users depend on the media stack.
package otellivekit

import "github.com/voice-agents/telemetry/otelvoice"

// component returns the component of the log lines.
func component() otelvoice.LoggerOption {
	return otelvoice.Component("livekit", otelvoice.ComponentTransport)
}
