// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The names that the SIP bridge derives from a number.
var callerNames = []struct{ name, room, identity, number, digits string }{
	{"with a plus", "call-_+14155550123_ab12", "sip_+14155550123", "+14155550123", "14155550123"},
	{"without a plus", "call-_14155550123_ab12", "sip_14155550123", "+14155550123", "14155550123"},
	{"with an international prefix", "call-_004930901820123_ab12", "sip_004930901820123", "004930901820123", "4930901820123"},
	{"as it was dialled", "desk-5550123-ab12", "sip_5550123", "555-0123", "5550123"},
	{"by another participant's name", "call-_+14155550123_ab12", "+14155550123", "+14155550123", "14155550123"},
}

// A caller's number is in no place: neither in the room's name beside the hashed identity, nor in
// the ids that were made of it.
func TestNumberOfACaller(t *testing.T) {
	for _, tt := range callerNames {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
				cb := otellivekit.Callbacks(tel.Telemetry, nil)
				phone := &livekit.ParticipantInfo{
					Identity: tt.identity, Sid: "PA_1", Kind: livekit.ParticipantInfo_SIP, Name: "Phone " + tt.number,
					Attributes: map[string]string{livekit.AttrSIPPhoneNumber: tt.number, livekit.AttrSIPCallID: "SCL_1"},
				}
				room := enter(cb, &livekit.Room{Name: tt.room, Sid: "RM_1"}, phone)
				synctest.Wait()
				ctx, session := otellivekit.SessionFromRoom(t.Context(), room, tt.identity)
				_, turn := session.StartTurn(ctx)
				turn.End()
				log := otellivekit.NewLoggerContext(ctx, tel.Telemetry)
				log.WithName("rtc").Infow("connected", "room", livekit.RoomName(tt.room), "participant", livekit.ParticipantIdentity(tt.identity), "pID", "PA_1")
				otellivekit.Disconnect(room)

				span := attributesOf(only(t, rec, "voice.session"))
				check(t, span, map[attribute.Key]string{semconv.VoiceRoomIDKey: "RM_1", semconv.VoiceSIPCallIDKey: "SCL_1", semconv.VoiceParticipantIDKey: "PA_1"})
				if name := span[string(semconv.VoiceRoomNameKey)]; !strings.Contains(name, "[REDACTED:phone]") || !strings.HasSuffix(name, "ab12") {
					t.Errorf("the room's name is %q", name)
				}
				if identity := span[string(semconv.VoiceParticipantIdentityKey)]; !strings.HasPrefix(identity, "p_") {
					t.Errorf("the identity is %q", identity)
				}
				if tt.room != "desk-5550123-ab12" { // The room name alone does not show that this is a number.
					voicetest.NoSecrets(t, rec, tt.digits)
				}
			})
		})
	}
}

// An agent may name its session by the room or the caller.
func TestSessionNamedByACaller(t *testing.T) {
	for _, id := range []string{"call-_+14155550123_ab12", "sip_+14155550123", "+14155550123"} {
		tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID(id), otelvoice.WithPipelineID(id))
		ctx, turn := session.StartTurn(ctx)
		_, op := tel.StartOperation(ctx, "join "+id)
		tel.Logger("agent."+id).InfoContext(ctx, "joined "+id, id, 1)
		op.End(errors.New("no room " + id))
		turn.End()
		session.End()
		voicetest.NoSecrets(t, rec, "14155550123")
	}
}

// Webhooks name the room and the participant, too.
func TestNumberOfACallerInAWebhook(t *testing.T) {
	for _, tt := range callerNames {
		if strings.HasPrefix(tt.room, "desk-") {
			continue // As above.
		}
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
			h := otellivekit.Webhook(tel.Telemetry, keys, func(context.Context, *livekit.WebhookEvent) error { return errors.New("no agent for " + tt.number) })
			body, err := protojson.Marshal(&livekit.WebhookEvent{
				Event: webhook.EventParticipantJoined, Id: "EV_1", Room: &livekit.Room{Name: tt.room, Sid: "RM_1"},
				Participant: &livekit.ParticipantInfo{Identity: tt.identity, Sid: "PA_1", Kind: livekit.ParticipantInfo_SIP},
			})
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, signed(t, body, "key", secret))
			if w.Code != http.StatusInternalServerError {
				t.Errorf("status %d", w.Code)
			}
			line := find(t, rec, "webhook participant_joined")
			if name, _ := extra(line, string(semconv.VoiceRoomNameKey)).(string); !strings.HasSuffix(name, "_ab12") {
				t.Errorf("the line is %v", line)
			}
			voicetest.NoSecrets(t, rec, tt.digits)
		})
	}
}
