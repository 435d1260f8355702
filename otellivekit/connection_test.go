// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"testing"
	"testing/synctest"

	"github.com/livekit/protocol/livekit"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The server ends the agent's connection, or the SDK gives it up.
func TestReasonsOfTheAgentsDisconnection(t *testing.T) {
	for reason, want := range map[livekit.DisconnectReason]struct{ end, name, err string }{
		livekit.DisconnectReason_CLIENT_INITIATED:    {"agent_hangup", "client_initiated", ""},
		livekit.DisconnectReason_ROOM_DELETED:        {"agent_hangup", "room_deleted", ""},
		livekit.DisconnectReason_ROOM_CLOSED:         {"completed", "room_closed", ""},
		livekit.DisconnectReason_PARTICIPANT_REMOVED: {"", "participant_removed", ""},
		livekit.DisconnectReason_DUPLICATE_IDENTITY:  {"error", "duplicate_identity", "otellivekit: agent disconnected: duplicate identity"},
		livekit.DisconnectReason_SIGNAL_CLOSE:        {"error", "failed", "otellivekit: agent disconnected: connection to room failed"},
		livekit.DisconnectReason_SERVER_SHUTDOWN:     {"error", "server_shutdown", "otellivekit: agent disconnected: server shutdown"},
		livekit.DisconnectReason_UNKNOWN_REASON:      {"error", "other", "otellivekit: agent disconnected: other reasons"},
		livekit.DisconnectReason(99):                 {"error", "other", "otellivekit: agent disconnected: other"},
	} {
		t.Run(reason.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
				synctest.Wait()
				room.OnDisconnected(reason)
				session := only(t, rec, semconv.SpanVoiceSession)
				check(t, attributesOf(session), map[attribute.Key]string{
					semconv.VoiceSessionEndReasonKey: want.end, semconv.VoiceRoomDisconnectReasonKey: want.name,
				})
				if status := session.Status(); status.Description != want.err || (status.Code == codes.Error) != (want.err != "") {
					t.Errorf("the session's status is %v, want the error %q", status, want.err)
				}
				voicetest.Check(t, rec)
			})
		})
	}
}
