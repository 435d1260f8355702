// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package livekit_test

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// An agent that joins and leaves by the SDK's own methods: the session has the name and the trace of the room, lasts while
// the agent stays, and ends when the agent leaves. In a room with one peer connection, too.
func TestRoomThatOnlyTheSDKJoinsAndLeaves(t *testing.T) {
	s := backend.NewLiveKit(t, "")
	for name, opts := range map[string][]lksdk.ConnectOption{
		"two peer connections": nil,
		"one peer connection":  {lksdk.WithSinglePeerConnection()},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx := tel.Context(otelvoice.ContextWithCorrelationID(t.Context(), correlation))
			callers := lksdk.NewRoom(nil)
			if err := callers.JoinWithToken(s.URL, token(ctx, t, tel.Telemetry, "caller", livekit.ParticipantInfo_STANDARD)); err != nil {
				t.Fatal(err)
			}
			defer callers.Disconnect()
			room := lksdk.NewRoom(otellivekit.Callbacks(tel.Telemetry, nil))
			if err := room.JoinWithToken(s.URL, token(ctx, t, tel.Telemetry, "agent", livekit.ParticipantInfo_AGENT), opts...); err != nil {
				t.Fatal(err)
			}
			if _, session := otellivekit.SessionFromRoom(ctx, room, "caller"); session == nil {
				t.Fatal("the caller has no session")
			}
			backend.Eventually(t, "the round trip is measured while the agent stays", func() bool {
				_, ok := rec.Metric(semconv.MetricVoiceMediaRoundTripTime().Name)
				return ok
			})
			if n := len(rec.Named(semconv.SpanVoiceSession)); n != 0 {
				t.Fatalf("%d sessions have ended while the agent stayed", n)
			}
			room.Disconnect()
			backend.Eventually(t, "the session ends", func() bool { return len(rec.Named(semconv.SpanVoiceSession)) == 1 })
			session := rec.Named(semconv.SpanVoiceSession)[0]
			if got := session.SpanContext().TraceID().String(); got != traceID {
				t.Errorf("the session is in the trace %s", got)
			}
			if got := text(session, semconv.VoiceRoomNameKey) + " " + text(session, semconv.VoiceSessionEndReasonKey); got != "call-4711 agent_hangup" {
				t.Errorf("the room and the end reason are %q", got)
			}

			// In a room that was left before the toolkit knew it, no session of a participant starts.
			late := lksdk.NewRoom(otellivekit.Callbacks(tel.Telemetry, nil))
			if err := late.JoinWithToken(s.URL, token(ctx, t, tel.Telemetry, "late", livekit.ParticipantInfo_AGENT), opts...); err != nil {
				t.Fatal(err)
			}
			connection := late.LocalParticipant.GetPublisherPeerConnection()
			late.Disconnect()
			backend.Eventually(t, "the connection is closed", func() bool {
				return connection.ConnectionState() == webrtc.PeerConnectionStateClosed
			})
			otellivekit.SessionFromRoom(ctx, late, "")
			if n := count(t, rec, "room joined"); n != 1 {
				t.Errorf("%d rooms were joined, want 1", n)
			}
			voicetest.Check(t, rec)
		})
	}
}
