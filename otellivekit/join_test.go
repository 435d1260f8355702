// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The server admits the agent, participants join, and then the join fails, as without a media
// connection. No session or goroutine may stay, and a second join must work.
func TestJoinThatFailsHalfway(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	room := lksdk.NewRoom(otellivekit.Callbacks(tel.Telemetry, nil))
	agent := &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"}
	var sessions []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/rtc") && len(sessions) == 0 {
			room.OnRoomJoined(&livekit.Room{Name: "call-4711", Sid: "RM_1"}, agent, nil, &livekit.ServerInfo{}, nil)
			room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1")})
			_, session := otellivekit.SessionFromRoom(r.Context(), room, "caller")
			sessions = append(sessions, session.ID())
		}
		http.Error(w, "no media connection", http.StatusInternalServerError)
	}))
	defer server.Close()
	token, err := otellivekit.SignToken(traced(t, tel.Telemetry), tel.Telemetry, auth.NewAccessToken("key", secret).SetIdentity("agent")).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	if err := otellivekit.Join(t.Context(), room, strings.Replace(server.URL, "http", "ws", 1), token); err == nil {
		t.Fatal("the join did not fail")
	}
	if len(sessions) != 1 || sessions[0] == "" {
		t.Fatalf("the sessions of the first join are %q", sessions)
	}
	ended := rec.Named(semconv.SpanVoiceSession)
	if len(ended) != 1 || ended[0].Status().Code != codes.Error {
		t.Fatalf("the sessions that ended with the join are %v", ended)
	}
	check(t, attributesOf(ended[0]), map[attribute.Key]string{semconv.VoiceRoomDisconnectReasonKey: "join_failed", semconv.VoiceSessionEndReasonKey: "error"})
	if got := ended[0].SpanContext().TraceID().String(); got != strings.ReplaceAll(correlation, "-", "") {
		t.Errorf("the session is in the trace %s", got)
	}
	// The SDK continues to call back.
	room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_2", func(p *livekit.ParticipantInfo) { p.Identity = "another" })})
	if _, session := otellivekit.SessionFromRoom(t.Context(), room, "another"); session != nil {
		t.Error("a session starts in a room that could not be joined")
	}

	// The second join gets as far and fails too; its sessions are its own.
	sessions = nil
	if err := otellivekit.Join(t.Context(), room, strings.Replace(server.URL, "http", "ws", 1), ""); err == nil {
		t.Fatal("the second join did not fail")
	}
	if len(sessions) != 1 || sessions[0] == "" {
		t.Fatalf("the sessions of the second join are %q", sessions)
	}
	for _, s := range rec.Named(semconv.SpanVoiceSession)[1:] {
		if got := s.SpanContext().TraceID().String(); got == strings.ReplaceAll(correlation, "-", "") {
			t.Error("the trace of the first join is remembered in the second")
		}
	}
	if got := total(t, rec, semconv.MetricVoiceRoomParticipants().Name); got["standard"] != 0 {
		t.Errorf("participants are counted as present: %v", got)
	}
	otellivekit.Disconnect(room)
	voicetest.Check(t, rec)
}

// A join that fails at once leaves the room as it was: whatever joins it next is a first one.
func TestTraceOfAJoinThatFailedIsForgotten(t *testing.T) {
	for name, option := range map[string]lksdk.ConnectOption{
		"an error": lksdk.WithAutoSubscribe(true),
		"a panic":  nil, // The SDK calls it.
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			token, err := otellivekit.SignToken(traced(t, tel.Telemetry), tel.Telemetry, auth.NewAccessToken("key", secret).SetIdentity("agent")).ToJWT()
			if err != nil {
				t.Fatal(err)
			}
			room := lksdk.NewRoom(otellivekit.Callbacks(tel.Telemetry, nil))
			func() {
				defer func() {
					if r := recover(); (r != nil) != (name == "a panic") {
						t.Errorf("the caller sees the panic %v", r)
					}
				}()
				if err := otellivekit.Join(t.Context(), room, "ws://127.0.0.1:1", token, option); err == nil {
					t.Error("the join did not fail")
				}
			}()
			room.OnRoomJoined(&livekit.Room{Name: "call-4711", Sid: "RM_1"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"},
				[]*livekit.ParticipantInfo{caller("PA_1")}, &livekit.ServerInfo{}, nil)
			if _, session := otellivekit.SessionFromRoom(t.Context(), room, "caller"); session == nil {
				t.Error("no session starts in a room that was joined after all")
			}
			otellivekit.Disconnect(room)
			ended := rec.Named(semconv.SpanVoiceSession)
			if len(ended) != 1 || ended[0].SpanContext().TraceID().String() == strings.ReplaceAll(correlation, "-", "") {
				t.Errorf("the sessions are %v, want one in a trace of its own", ended)
			}
			voicetest.Check(t, rec)
		})
	}
}

// A join ends when its context does, in rooms without our callbacks too.
func TestJoinThatIsCanceled(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	for name, cb := range map[string]*lksdk.RoomCallback{"ours": otellivekit.Callbacks(tel.Telemetry, nil), "of others": nil} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := otellivekit.Join(ctx, lksdk.NewRoom(cb), strings.Replace(server.URL, "http", "ws", 1), ""); !errors.Is(err, context.Canceled) {
			t.Errorf("a room %s: got %v", name, err)
		}
	}
	if joins := rec.Named("livekit join"); len(joins) != 1 {
		t.Errorf("%d joins are recorded, want 1", len(joins))
	}
	voicetest.Check(t, rec)
}
