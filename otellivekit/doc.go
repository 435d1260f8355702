// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otellivekit puts what happens around a LiveKit room into the same story as
// the agent in it.
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
