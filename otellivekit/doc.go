// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otellivekit puts what happens around a LiveKit room into the same story as
// the agent in it.
//
// [Callbacks] instruments a room in one line, and [Join] joins it: a session for each
// participant, with what happens in the room as events, lines and metrics.
// [SessionFromRoom] gives the agent the session that its turns belong to, and
// [ReadTrack] tells the turns how well the user's audio came over the network.
//
// The trace goes where the participants go: [SignToken] puts it into the token that a
// participant joins with, [Inject] into metadata, data and RPC payloads, and [Extract]
// and [ExtractAttributes] take it out again. [Webhook] receives what the server tells,
// in the trace of the room, and [NewLogger] takes the SDK's log lines, and those of
// pion below it, to where all others go:
//
//	lksdk.SetLogger(otellivekit.NewLogger(tel))
//
// It is a module of its own, so that the media stack is only in the go.sum of those
// who use it.
package otellivekit

import "github.com/voice-agents/telemetry/otelvoice"

// component is the component of the lines.
func component() otelvoice.LoggerOption {
	return otelvoice.Component("livekit", otelvoice.ComponentTransport)
}
