// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package livekit_test makes a call in a room of a real LiveKit server.
package livekit_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/agent"
	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/caller"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
	"github.com/voice-agents/telemetry/testdata/speech"
)

const (
	correlation = "550e8400-e29b-41d4-a716-446655440000"
	traceID     = "550e8400e29b41d4a716446655440000"
)

// token creates a token like a backend, in the trace of the request for it.
func token(ctx context.Context, t *testing.T, tel *otelvoice.Telemetry, identity string, kind livekit.ParticipantInfo_Kind) string {
	t.Helper()
	jwt, err := otellivekit.SignToken(ctx, tel, auth.NewAccessToken(backend.LiveKitKey, backend.LiveKitSecret).SetIdentity(identity).SetKind(kind).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: "call-4711"})).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	return jwt
}

// TestCall makes a call from the token to the hang-up: two turns of real speech over real WebRTC. Between
// them the server is killed and started again.
func TestCall(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	lksdk.SetLogger(otellivekit.NewLogger(tel.Telemetry))
	hook := httptest.NewServer(otellivekit.Webhook(tel.Telemetry, auth.NewSimpleKeyProvider(backend.LiveKitKey, backend.LiveKitSecret), nil))
	t.Cleanup(hook.Close)
	s := backend.NewLiveKit(t, hook.URL)

	var theirs, ours string
	ctx := tel.Context(otelvoice.ContextWithCorrelationID(t.Context(), correlation))
	if _, err := otelvoice.Timed(ctx, "mint tokens", func(ctx context.Context) (struct{}, error) {
		theirs = token(ctx, t, tel.Telemetry, "caller", livekit.ParticipantInfo_STANDARD)
		ours = token(ctx, t, tel.Telemetry, "agent", livekit.ParticipantInfo_AGENT)
		return struct{}{}, nil
	}); err != nil {
		t.Fatal(err)
	}

	type told struct {
		result voicepipe.Result
		err    error
	}
	turns := make(chan told, 10)
	a, err := agent.Join(t.Context(), tel.Telemetry, speech.Files(), s.URL, ours, func(r voicepipe.Result, err error) {
		turns <- told{r, err}
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := caller.Join(speech.Files(), s.URL, theirs)
	if err != nil {
		t.Fatal(err)
	}
	exchange := func(file, reply string) {
		t.Helper()
		before := c.Heard()
		if err := c.Say(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		select {
		case turn := <-turns:
			if turn.err != nil || !strings.HasPrefix(reply, turn.result.Reply) || turn.result.Reply == "" {
				t.Fatalf("the agent heard %q and said %q, %v", turn.result.Transcript, turn.result.Reply, turn.err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("the agent has no reply to %s", file)
		}
		if heard := c.Heard() - before; heard < 100 {
			t.Errorf("the caller received %d packets of the answer", heard)
		}
	}
	exchange("book_table.ogg", "A table for four tomorrow at seven, and what name shall I put it under?")

	voices := c.Subscribed()
	s.Kill(t)
	backend.Eventually(t, "the agent logs that it is reconnecting", func() bool { return lineWith(t, rec, "reconnecting") != nil })
	s.Start(t)
	backend.Eventually(t, "the agent has reconnected", func() bool { return lineWith(t, rec, "reconnected") != nil })
	backend.Eventually(t, "the caller has reconnected", func() bool { return count(t, rec, "track subscribed") >= 2 })
	backend.Eventually(t, "the caller hears the agent's track again", func() bool { return c.Subscribed() > voices })
	exchange("name_morgan.ogg", "Thank you, Morgan, we look forward to seeing you tomorrow.")

	c.HangUp()
	backend.Eventually(t, "the caller hung up", func() bool { return len(rec.Named(semconv.SpanVoiceSession)) == 1 })
	a.Leave()
	backend.Eventually(t, "the server sends participant_left", func() bool { return count(t, rec, "webhook participant_left") >= 1 })

	checkSpans(t, rec)
	checkLines(t, rec)
	checkMetrics(t, rec)
	voicetest.Check(t, rec)
	t.Log("\n" + rec.Timeline())
}

// checkSpans checks that the call is one session in the trace of its token.
func checkSpans(t *testing.T, rec *voicetest.Recorder) {
	t.Helper()
	started := 0
	for _, s := range rec.Spans() {
		switch {
		case s.SpanContext().TraceID().String() == traceID:
		case s.Name() == "livekit webhook":
			started++ // A room starts before a participant with a trace joins.
		default:
			t.Errorf("%s is in the trace %s", s.Name(), s.SpanContext().TraceID())
		}
	}
	if started > 2 { // Once for each start of the server.
		t.Errorf("%d webhooks are in other traces", started)
	}
	session := rec.Named(semconv.SpanVoiceSession)[0]
	for key, want := range map[attribute.Key]string{
		semconv.VoiceRoomNameKey: "call-4711", semconv.VoiceParticipantIdentityKey: "caller", semconv.VoiceChannelKey: "webrtc",
		semconv.VoiceSessionEndReasonKey: "user_hangup", semconv.VoiceSessionTurnCountKey: "2",
	} {
		if got := text(session, key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	for _, key := range []attribute.Key{semconv.VoiceRoomIDKey, semconv.VoiceParticipantIDKey, semconv.VoiceRoomOutageKey} {
		if text(session, key) == "" {
			t.Errorf("the session has no %s", key)
		}
	}
	var events []string
	for _, e := range session.Events() {
		for _, kv := range e.Attributes {
			if kv.Key == semconv.VoiceRoomEventKey {
				events = append(events, kv.Value.AsString())
			}
		}
	}
	for _, want := range []string{"participant_joined", "track_subscribed", "reconnecting", "reconnected", "participant_left"} {
		if !slices.Contains(events, want) {
			t.Errorf("the session's span has the events %v, want also %s", events, want)
		}
	}
	turns := rec.Named(semconv.SpanVoiceTurn)
	if len(turns) != 2 {
		t.Errorf("got %d turns, want 2", len(turns))
	}
	for _, turn := range turns {
		for _, key := range []attribute.Key{
			semconv.VoiceTurnResponseLatencyKey, semconv.VoiceMediaPacketCountKey, semconv.VoiceMediaPacketLostKey,
			semconv.VoiceMediaJitterKey, semconv.VoiceMediaRoundTripTimeKey,
		} {
			if text(turn, key) == "" {
				t.Errorf("a turn has no %s", key)
			}
		}
	}
}

// checkLines checks that the lines of the call have its ID.
func checkLines(t *testing.T, rec *voicetest.Recorder) {
	t.Helper()
	for _, message := range []string{
		"livekit join completed", "room joined", "participant joined", "track subscribed", "reconnecting", "reconnected",
		"participant left", "session ended", "webhook participant_joined", "webhook track_published", "webhook participant_left",
	} {
		line := lineWith(t, rec, message)
		if line == nil || line["correlation_id"] != correlation {
			t.Errorf("the line %q is %v", message, line)
		}
	}
}

func checkMetrics(t *testing.T, rec *voicetest.Recorder) {
	t.Helper()
	for _, name := range []string{
		semconv.MetricVoiceRoomJoinDuration().Name, semconv.MetricVoiceRoomReconnectDuration().Name,
		semconv.MetricVoiceMediaJitter().Name, semconv.MetricVoiceMediaRoundTripTime().Name, semconv.MetricVoiceTurnResponseLatency().Name,
	} {
		data, ok := rec.Metric(name)
		if h, is := data.(metricdata.Histogram[float64]); !ok || !is || h.DataPoints[0].Count == 0 {
			t.Errorf("%s was not recorded", name)
		}
	}
	for name, want := range map[string]func(int64) bool{
		semconv.MetricVoiceMediaPacketCount().Name: func(n int64) bool { return n > 200 },
		semconv.MetricVoiceRoomEventCount().Name:   func(n int64) bool { return n > 10 },
		semconv.MetricVoiceWebhookCount().Name:     func(n int64) bool { return n >= 4 },
		semconv.MetricVoiceRoomParticipants().Name: func(n int64) bool { return n == 0 },
		semconv.MetricVoiceRoomTracks().Name:       func(n int64) bool { return n == 0 },
	} {
		var sum int64
		if data, ok := rec.Metric(name); ok {
			for _, p := range data.(metricdata.Sum[int64]).DataPoints {
				sum += p.Value
			}
		}
		if !want(sum) {
			t.Errorf("%s is %d at the end", name, sum)
		}
	}
}

func text(s sdktrace.ReadOnlySpan, key attribute.Key) string {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}

func linesWith(t *testing.T, rec *voicetest.Recorder, message string) (found []map[string]any) {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		// The SDK also logs some lines, without the call's ID.
		if line["message"] == message && line["correlation_id"] != nil && line["correlation_id"] != "" {
			found = append(found, line)
		}
	}
	return found
}

func lineWith(t *testing.T, rec *voicetest.Recorder, message string) map[string]any {
	t.Helper()
	if found := linesWith(t, rec, message); len(found) > 0 {
		return found[0]
	}
	return nil
}

func count(t *testing.T, rec *voicetest.Recorder, message string) int {
	t.Helper()
	return len(linesWith(t, rec, message))
}
