// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// enter makes a room of the SDK's and lets the server say that the agent is in it. There
// is no server here: what it says, the test says by the methods that the SDK's own
// signalling calls.
func enter(cb *lksdk.RoomCallback, room *livekit.Room, others ...*livekit.ParticipantInfo) *lksdk.Room {
	r := lksdk.NewRoom(cb)
	if room == nil {
		room = &livekit.Room{Name: "call-4711", Sid: "RM_1"}
	}
	r.OnRoomJoined(room, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"}, others, &livekit.ServerInfo{}, nil)
	otellivekit.SessionFromRoom(context.Background(), r, "") // As Join does, the room is made known.
	return r
}

func caller(sid string, change ...func(*livekit.ParticipantInfo)) *livekit.ParticipantInfo {
	p := &livekit.ParticipantInfo{
		Identity: "caller", Sid: sid,
		Tracks: []*livekit.TrackInfo{{Sid: "TR_" + sid, Type: livekit.TrackType_AUDIO}},
	}
	for _, c := range change {
		c(p)
	}
	return p
}

func gone(reason livekit.DisconnectReason) func(*livekit.ParticipantInfo) {
	return func(p *livekit.ParticipantInfo) {
		p.State, p.DisconnectReason = livekit.ParticipantInfo_DISCONNECTED, reason
	}
}

func find(t *testing.T, rec *voicetest.Recorder, message string) map[string]any {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if line["message"] == message {
			return line
		}
	}
	t.Fatalf("no line has the message %q", message)
	return nil
}

func only(t *testing.T, rec *voicetest.Recorder, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	spans := rec.Named(name)
	if len(spans) != 1 {
		t.Fatalf("there are %d spans %s, want 1", len(spans), name)
	}
	return spans[0]
}

func attributesOf(s sdktrace.ReadOnlySpan) map[string]string {
	out := make(map[string]string)
	for _, kv := range s.Attributes() {
		out[string(kv.Key)] = kv.Value.String()
	}
	return out
}

func check(t *testing.T, got map[string]string, want map[attribute.Key]string) {
	t.Helper()
	for key, value := range want {
		if got[string(key)] != value {
			t.Errorf("%s is %q, want %q", key, got[string(key)], value)
		}
	}
}

// eventsOf returns what happened in the room according to a session's span.
func eventsOf(s sdktrace.ReadOnlySpan) string {
	var names []string
	for _, e := range s.Events() {
		if e.Name != semconv.EventVoiceRoomEvent {
			continue
		}
		for _, kv := range e.Attributes {
			if kv.Key == semconv.VoiceRoomEventKey {
				names = append(names, kv.Value.AsString())
			}
		}
	}
	return strings.Join(names, " ")
}

// total adds up a counter's points, by the values of their dimensions.
func total(t *testing.T, rec *voicetest.Recorder, name string) map[string]int64 {
	t.Helper()
	data, ok := rec.Metric(name)
	if !ok {
		return nil
	}
	out := make(map[string]int64)
	for _, point := range data.(metricdata.Sum[int64]).DataPoints {
		var values []string
		for _, kv := range point.Attributes.ToSlice() {
			values = append(values, kv.Value.String())
		}
		out[strings.Join(values, ",")] += point.Value
	}
	return out
}

// TestCall is one caller's call, from the token to hanging up.
func TestCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		backend := traced(t, tel.Telemetry)
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil)
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1", func(p *livekit.ParticipantInfo) {
			p.Attributes = otellivekit.InjectAttributes(backend, tel.Telemetry, nil)
		})})
		synctest.Wait()

		ctx, session := otellivekit.SessionFromRoom(t.Context(), room, "caller")
		checkContinued(ctx, t)
		if session == nil || otelvoice.SessionID(ctx) != session.ID() {
			t.Errorf("the session is %v, that of the context %q", session.ID(), otelvoice.SessionID(ctx))
		}
		_, turn := session.StartTurn(ctx)
		turn.End()

		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1", func(p *livekit.ParticipantInfo) {
			p.Attributes = otellivekit.InjectAttributes(backend, tel.Telemetry, nil)
			p.Version, p.Tracks[0].Muted = 1, true
		})})
		room.OnConnectionQuality([]*livekit.ConnectionQualityInfo{{ParticipantSid: "PA_1", Quality: livekit.ConnectionQuality_LOST}})
		room.OnConnectionQuality([]*livekit.ConnectionQualityInfo{{ParticipantSid: "PA_1", Quality: livekit.ConnectionQuality_LOST}})
		room.OnSpeakersChanged([]*livekit.SpeakerInfo{{Sid: "PA_1", Active: true}})
		synctest.Wait()
		if n := total(t, rec, semconv.MetricVoiceRoomParticipants().Name); n["standard"] != 1 {
			t.Errorf("participants: %v", n)
		}
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1", gone(livekit.DisconnectReason_CLIENT_INITIATED))})
		synctest.Wait()

		span := rec.Named("voice.session")[0]
		check(t, attributesOf(span), map[attribute.Key]string{
			semconv.VoiceRoomNameKey: "call-4711", semconv.VoiceRoomIDKey: "RM_1",
			semconv.VoiceParticipantIdentityKey: "caller", semconv.VoiceParticipantIDKey: "PA_1",
			semconv.VoiceParticipantKindKey: "standard", semconv.VoiceChannelKey: "webrtc",
			semconv.VoiceSessionEndReasonKey: "user_hangup", semconv.VoiceRoomDisconnectReasonKey: "client_initiated",
			semconv.VoiceSessionTurnCountKey: "1",
		})
		if got, want := eventsOf(span), "participant_joined track_muted connection_quality_changed participant_left"; got != want {
			t.Errorf("the span has the events %q, want %q", got, want)
		}
		if line := find(t, rec, "connection quality changed"); line["level"] != "WARN" || line["correlation_id"] != correlation || line["session_id"] != session.ID() {
			t.Errorf("the line about the quality is %v", line)
		}
		if n := total(t, rec, semconv.MetricVoiceRoomParticipants().Name); n["standard"] != 0 {
			t.Errorf("participants at the end: %v", n)
		}
		want := map[string]int64{
			"participant_joined": 1, "track_published": 1, "attributes_changed": 1, "track_muted": 1, "connection_quality_changed": 1,
			"speaking_started": 1, "active_speakers_changed": 1, "participant_left": 1,
		}
		if got := total(t, rec, semconv.MetricVoiceRoomEventCount().Name); !maps.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		otellivekit.Disconnect(room)
		voicetest.Check(t, rec)
	})
}

func TestSessionsOfSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		of := func(identity string, kind livekit.ParticipantInfo_Kind) *livekit.ParticipantInfo {
			return &livekit.ParticipantInfo{Identity: identity, Sid: "PA_" + identity, Kind: kind}
		}
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil,
			of("ann", livekit.ParticipantInfo_STANDARD), of("helper", livekit.ParticipantInfo_AGENT),
			of("recorder", livekit.ParticipantInfo_EGRESS))
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{of("bob", livekit.ParticipantInfo_STANDARD)})
		synctest.Wait()
		_, ann := otellivekit.SessionFromRoom(t.Context(), room, "ann")
		_, bob := otellivekit.SessionFromRoom(t.Context(), room, "bob")
		if ann == nil || bob == nil || ann == bob {
			t.Errorf("sessions %v and %v", ann.ID(), bob.ID())
		}
		for _, identity := range []string{"helper", "recorder", "agent", "eve", ""} {
			if ctx, session := otellivekit.SessionFromRoom(t.Context(), room, identity); session != nil || ctx == nil {
				t.Errorf("participant %q has the session %s", identity, session.ID())
			}
		}
		room.OnResuming() // Happens to both.
		room.OnResumed()
		otellivekit.Disconnect(room)
		otellivekit.Disconnect(room)
		for _, span := range rec.Named("voice.session") {
			check(t, attributesOf(span), map[attribute.Key]string{
				semconv.VoiceSessionEndReasonKey: "agent_hangup", semconv.VoiceRoomDisconnectReasonKey: "client_initiated",
			})
			if got, want := eventsOf(span), "participant_joined reconnecting reconnected disconnected"; got != want {
				t.Errorf("the span has the events %q, want %q", got, want)
			}
		}
		if n := len(rec.Named("voice.session")); n != 2 {
			t.Errorf("%d sessions", n)
		}
		voicetest.Check(t, rec)
	})
}

func TestEndReasons(t *testing.T) {
	for reason, want := range map[livekit.DisconnectReason]string{
		livekit.DisconnectReason_CLIENT_INITIATED:    "user_hangup",
		livekit.DisconnectReason_PARTICIPANT_REMOVED: "agent_hangup",
		livekit.DisconnectReason_ROOM_DELETED:        "agent_hangup",
		livekit.DisconnectReason_CONNECTION_TIMEOUT:  "error",
		livekit.DisconnectReason_USER_REJECTED:       "",
		livekit.DisconnectReason_UNKNOWN_REASON:      "",
		livekit.DisconnectReason(99):                 "error",
	} {
		t.Run(reason.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
				room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1", gone(reason))})
				synctest.Wait()
				if got := attributesOf(only(t, rec, "voice.session"))[string(semconv.VoiceSessionEndReasonKey)]; got != want {
					t.Errorf("the session ended for %q, want %q", got, want)
				}
				otellivekit.Disconnect(room)
				voicetest.Check(t, rec)
			})
		})
	}
}

// The agent's own connection is lost and the server starts anew: the SDK takes all
// participants away and brings those who come back.
func TestSessionGoesOnAfterReconnection(t *testing.T) {
	for _, tt := range []struct {
		name   string
		back   []*livekit.ParticipantInfo
		events string
		reason string
	}{
		{"came back", []*livekit.ParticipantInfo{caller("PA_2")}, "participant_joined reconnecting participant_away participant_rejoined reconnected disconnected", "agent_hangup"},
		{"stayed away", nil, "participant_joined reconnecting participant_away reconnected participant_left", "error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
				_, before := otellivekit.SessionFromRoom(t.Context(), room, "caller")
				room.OnRestarting()
				pass(40 * time.Second) // Longer than sessions wait.
				synctest.Wait()
				room.OnParticipantUpdate(tt.back)
				synctest.Wait()
				room.OnRestarted(&livekit.Room{Name: "call-4711", Sid: "RM_2"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent2"}, nil)
				if _, after := otellivekit.SessionFromRoom(t.Context(), room, "caller"); after != before {
					t.Errorf("the session is another")
				}
				pass(40 * time.Second)
				otellivekit.Disconnect(room)
				span := only(t, rec, "voice.session")
				if got := eventsOf(span); got != tt.events {
					t.Errorf("the span has the events %q, want %q", got, tt.events)
				}
				check(t, attributesOf(span), map[attribute.Key]string{
					semconv.VoiceSessionEndReasonKey: tt.reason, semconv.VoiceRoomOutageKey: "40",
				})
				data, ok := rec.Metric(semconv.MetricVoiceRoomReconnectDuration().Name)
				if !ok || data.(metricdata.Histogram[float64]).DataPoints[0].Sum != 40 {
					t.Errorf("the outage is measured as %v", data)
				}
				voicetest.Check(t, rec)
			})
		})
	}
}

// After an outage the caller's client leaves and joins anew, as if it had been asked to.
func TestCallerRejoinsAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
		room.OnRestarting()
		pass(time.Second)
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_2")})
		room.OnRestarted(&livekit.Room{Name: "call-4711", Sid: "RM_2"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent2"}, nil)
		pass(2 * time.Second)
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_2", gone(livekit.DisconnectReason_CLIENT_INITIATED))})
		pass(65 * time.Millisecond)
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_3")})
		synctest.Wait()
		if n := len(rec.Named("voice.session")); n != 0 {
			t.Errorf("%d sessions have ended", n)
		}
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_3", gone(livekit.DisconnectReason_CLIENT_INITIATED))})
		pass(20 * time.Second)
		check(t, attributesOf(only(t, rec, "voice.session")), map[attribute.Key]string{
			semconv.VoiceSessionEndReasonKey: "user_hangup", semconv.VoiceParticipantIDKey: "PA_3", semconv.VoiceRoomOutageKey: "1",
		})
		otellivekit.Disconnect(room)
		voicetest.Check(t, rec)
	})
}

// With a rejoin timeout of zero, losing the agent's connection ends the session, and a
// participant who returns afterwards starts another.
func TestRejoinTimeoutOfZero(t *testing.T) {
	for _, timeout := range []time.Duration{0, -time.Second} {
		synctest.Test(t, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			room := enter(otellivekit.Callbacks(tel.Telemetry, nil, otellivekit.WithRejoinTimeout(timeout)), nil, caller("PA_1"))
			room.OnRestarting()
			synctest.Wait()
			if got, want := eventsOf(only(t, rec, semconv.SpanVoiceSession)), "participant_joined reconnecting participant_left"; got != want {
				t.Errorf("the span has the events %q, want %q", got, want)
			}
			room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_2")})
			room.OnRestarted(&livekit.Room{Name: "call-4711", Sid: "RM_2"}, &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent2"}, nil)
			otellivekit.Disconnect(room)
			if n := len(rec.Named(semconv.SpanVoiceSession)); n != 2 {
				t.Errorf("there were %d sessions, want 2", n)
			}
			voicetest.Check(t, rec)
		})
	}
}

func TestConnectionGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
		room.OnRestarting()
		pass(5 * time.Second)
		synctest.Wait()
		room.OnDisconnected(livekit.DisconnectReason_SIGNAL_CLOSE) // The reason that the SDK gives.
		span := only(t, rec, "voice.session")
		check(t, attributesOf(span), map[attribute.Key]string{
			semconv.VoiceSessionEndReasonKey: "error", semconv.VoiceRoomDisconnectReasonKey: "failed",
		})
		data, _ := rec.Metric(semconv.MetricVoiceRoomReconnectDuration().Name)
		if kind, _ := data.(metricdata.Histogram[float64]).DataPoints[0].Attributes.Value(semconv.ErrorTypeKey); kind.AsString() != "given_up" {
			t.Errorf("the outage is counted as %q", kind.AsString())
		}
		voicetest.Check(t, rec)
	})
}

func TestParticipantWhoJoinsTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
		_, first := otellivekit.SessionFromRoom(t.Context(), room, "caller")
		pass(time.Minute)
		// The SDK changes its participant's ID without a callback.
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_2")})
		synctest.Wait()
		_, second := otellivekit.SessionFromRoom(t.Context(), room, "caller")
		if second == nil || second == first {
			t.Errorf("the second's session is %v, the first's %v", second.ID(), first.ID())
		}
		check(t, attributesOf(only(t, rec, "voice.session")), map[attribute.Key]string{
			semconv.VoiceParticipantIDKey: "PA_1", semconv.VoiceRoomDisconnectReasonKey: "duplicate_identity",
		})
		// Late events of the first participant change nothing.
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1", func(p *livekit.ParticipantInfo) { p.Identity = "renamed" })})
		synctest.Wait()
		if _, late := otellivekit.SessionFromRoom(t.Context(), room, "renamed"); late != nil {
			t.Error("who left has a session again")
		}
		otellivekit.Disconnect(room)
		voicetest.Check(t, rec)
	})
}

func TestRoomThatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		moved := make(chan string, 2)
		cb := otellivekit.Callbacks(tel.Telemetry, &lksdk.RoomCallback{
			OnRoomMoved:        func(name, _ string) { moved <- name },
			OnRoomMovedWithSID: func(name, sid, _ string) { moved <- name + " " + sid },
		})
		room := enter(cb, nil, caller("PA_1"), &livekit.ParticipantInfo{Identity: "other", Sid: "PA_other"})
		otellivekit.SessionFromRoom(t.Context(), room, "caller")
		room.OnRoomMoved(&livekit.RoomMovedResponse{
			Room: &livekit.Room{Name: "call-4712", Sid: "RM_2"}, Participant: &livekit.ParticipantInfo{Identity: "agent", Sid: "PA_agent"},
			OtherParticipants: []*livekit.ParticipantInfo{caller("PA_2")},
		})
		synctest.Wait()
		heard := []string{<-moved, <-moved}
		slices.Sort(heard)
		if want := []string{"call-4712", "call-4712 RM_2"}; !slices.Equal(heard, want) {
			t.Errorf("the user heard of %q, want %q", heard, want)
		}
		if got := total(t, rec, semconv.MetricVoiceRoomEventCount().Name)["room_moved"]; got != 1 {
			t.Errorf("the move is counted %d times", got)
		}
		pass(time.Minute)
		check(t, attributesOf(only(t, rec, "voice.session")), map[attribute.Key]string{
			semconv.VoiceParticipantIdentityKey: "other", semconv.VoiceSessionEndReasonKey: "transferred",
		})
		otellivekit.Disconnect(room)
		check(t, attributesOf(rec.Named("voice.session")[1]), map[attribute.Key]string{
			semconv.VoiceParticipantIdentityKey: "caller", semconv.VoiceRoomNameKey: "call-4712", semconv.VoiceRoomIDKey: "RM_2", semconv.VoiceParticipantIDKey: "PA_2",
		})
		voicetest.Check(t, rec)
	})
}

func TestCallByTelephone(t *testing.T) {
	const number = "+15105550100"
	hashes := make(map[string]bool)
	for _, tt := range []struct {
		name string
		opts []otellivekit.Option
	}{
		{"with a key", []otellivekit.Option{otellivekit.WithPhoneHashKey([]byte("key"))}},
		{"the key again", []otellivekit.Option{otellivekit.WithPhoneHashKey([]byte("key"))}},
		{"without a key", nil},
		{"without a key again", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t, voicesdk.WithoutDefaultRedaction())
				phone := func(status string, version uint32) *livekit.ParticipantInfo {
					return &livekit.ParticipantInfo{
						Identity: "sip_" + number, Sid: "PA_1", Kind: livekit.ParticipantInfo_SIP, Version: version,
						Attributes: map[string]string{
							livekit.AttrSIPCallID: "SCL_1", livekit.AttrSIPTrunkID: "ST_1", livekit.AttrSIPDispatchRuleID: "SDR_1",
							livekit.AttrSIPPhoneNumber: number, livekit.AttrSIPTrunkNumber: "+1 (800) 555-0199", livekit.AttrSIPCallStatus: status,
						},
					}
				}
				room := enter(otellivekit.Callbacks(tel.Telemetry, nil, tt.opts...), nil)
				room.OnParticipantUpdate([]*livekit.ParticipantInfo{phone("ringing", 0)})
				synctest.Wait()
				room.OnParticipantUpdate([]*livekit.ParticipantInfo{phone("active", 1)})
				otellivekit.Disconnect(room)
				got := attributesOf(only(t, rec, "voice.session"))
				hash := got[string(semconv.VoiceSIPPhoneNumberHashKey)]
				hashes[hash] = true
				check(t, got, map[attribute.Key]string{
					semconv.VoiceSIPCallIDKey: "SCL_1", semconv.VoiceSIPTrunkIDKey: "ST_1", semconv.VoiceSIPRuleIDKey: "SDR_1",
					semconv.VoiceSIPCallStatusKey: "active", semconv.VoiceChannelKey: "phone", semconv.VoiceParticipantKindKey: "sip",
					semconv.VoiceParticipantIdentityKey: hash,
				})
				if hash == "" || got[string(semconv.VoiceSIPTrunkPhoneNumberHashKey)] == hash {
					t.Errorf("the hashes are %q and %q", hash, got[string(semconv.VoiceSIPTrunkPhoneNumberHashKey)])
				}
				voicetest.NoSecrets(t, rec, "5105550100", "555-0199")
				voicetest.Check(t, rec)
			})
		})
	}
	if len(hashes) != 3 {
		t.Errorf("there are %d hashes: the same key must give the same, each room without one its own", len(hashes))
	}
}

// room.Disconnect calls no callback unless the server answers, so the departure must be detected.
func TestDisconnectOfTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), nil, caller("PA_1"))
		otellivekit.SessionFromRoom(t.Context(), room, "caller")
		room.Disconnect()
		pass(10 * time.Second)
		check(t, attributesOf(only(t, rec, "voice.session")), map[attribute.Key]string{semconv.VoiceSessionEndReasonKey: "agent_hangup"})
		voicetest.Check(t, rec)
	})
}

func TestTraceOfTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		metadata, err := otellivekit.Inject(traced(t, tel.Telemetry), tel.Telemetry, `{"tenant": 7}`)
		if err != nil {
			t.Fatal(err)
		}
		room := enter(otellivekit.Callbacks(tel.Telemetry, nil), &livekit.Room{Name: "r", Sid: "RM_1", Metadata: metadata}, caller("PA_1"))
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "mine"))
		defer cancel()
		var joined []context.Context
		for _, identity := range []string{"caller", "unknown"} {
			ctx, _ := otellivekit.SessionFromRoom(ctx, room, identity)
			checkContinued(ctx, t)
			if ctx.Value(key{}) != "mine" {
				t.Error("the context's own values are lost")
			}
			child, stop := context.WithCancel(ctx)
			t.Cleanup(stop)
			joined = append(joined, child)
		}
		cancel()
		synctest.Wait()
		for _, child := range joined {
			if child.Err() == nil {
				t.Error("the context's cancellation is lost")
			}
		}
		otellivekit.Disconnect(room)
	})
}

func TestRoomOfOthers(t *testing.T) {
	room := enter(nil, nil, caller("PA_1"))
	if ctx, session := otellivekit.SessionFromRoom(t.Context(), room, "caller"); session != nil || ctx != t.Context() {
		t.Errorf("a room that is not ours has the session %s", session.ID())
	}
	if _, session := otellivekit.SessionFromRoom(nil, nil, ""); session != nil { //nolint:staticcheck // What if.
		t.Error("no room has a session")
	}
	otellivekit.Disconnect(room)
	otellivekit.Disconnect(nil)
}

// Without telemetry a room is a room.
func TestWithoutTelemetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := 0
		room := enter(otellivekit.Callbacks(nil, every(func(string) { called++ })), nil, caller("PA_1"))
		if _, session := otellivekit.SessionFromRoom(t.Context(), room, "caller"); session != nil {
			t.Errorf("there is a session %s", session.ID())
		}
		room.OnParticipantUpdate([]*livekit.ParticipantInfo{caller("PA_1", gone(livekit.DisconnectReason_CLIENT_INITIATED))})
		synctest.Wait()
		if called == 0 {
			t.Error("the user's callbacks were not called")
		}
		otellivekit.Disconnect(room)
	})
	room := lksdk.NewRoom(otellivekit.Callbacks(nil, nil))
	if err := otellivekit.Join(nil, room, "ws://127.0.0.1:1", "a.b.c"); err == nil { //nolint:staticcheck // What if.
		t.Error("joined a server that is not there")
	}
}

// A join that fails is recorded in the token's trace.
func TestJoinThatFails(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	token, err := otellivekit.SignToken(traced(t, tel.Telemetry), tel.Telemetry, auth.NewAccessToken("key", secret).SetIdentity("agent")).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{token, "", "a.b.c", "a.e30.c"} {
		room := lksdk.NewRoom(otellivekit.Callbacks(tel.Telemetry, nil))
		if err := otellivekit.Join(t.Context(), room, "ws://127.0.0.1:1", token); err == nil || !strings.HasPrefix(err.Error(), "otellivekit: join room: ") {
			t.Errorf("got %v", err)
		}
		otellivekit.Disconnect(room)
	}
	span := rec.Named("livekit join")[0]
	if got := span.SpanContext().TraceID().String(); got != strings.ReplaceAll(correlation, "-", "") {
		t.Errorf("the join is in the trace %s", got)
	}
	data, ok := rec.Metric(semconv.MetricVoiceRoomJoinDuration().Name)
	if !ok || data.(metricdata.Histogram[float64]).DataPoints[0].Count != 4 {
		t.Errorf("the joins are measured as %v", data)
	}
	if err := otellivekit.Join(t.Context(), lksdk.NewRoom(nil), "ws://127.0.0.1:1", token); err == nil {
		t.Error("a room of others joined nothing without an error")
	}
	fmt.Fprintln(t.Output(), span.Status().Description)
}

// pass lets time go by in a bubble.
func pass(d time.Duration) { <-time.After(d) }
