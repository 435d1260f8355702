// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

const secret = "secret-of-32-characters-or-longer"

var keys = auth.NewSimpleKeyProvider("key", secret)

// signed is a webhook as the server sends it.
func signed(t *testing.T, body []byte, key, secret string) *http.Request {
	t.Helper()
	sum := sha256.Sum256(body)
	token, err := auth.NewAccessToken(key, secret).SetValidFor(time.Minute).SetSha256(base64.StdEncoding.EncodeToString(sum[:])).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/livekit", bytes.NewReader(body))
	r.Header.Set("Authorization", token)
	return r
}

func joined(t *testing.T, id, metadata string) []byte {
	t.Helper()
	body, err := protojson.Marshal(&livekit.WebhookEvent{
		Event: webhook.EventParticipantJoined, Id: id, CreatedAt: 1_700_000_000,
		Room:        &livekit.Room{Name: "call-4711", Sid: "RM_1", Metadata: metadata},
		Participant: &livekit.ParticipantInfo{Identity: "caller", Sid: "PA_1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWebhook(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx := traced(t, tel.Telemetry)
	metadata, err := otellivekit.Inject(ctx, tel.Telemetry, "")
	if err != nil {
		t.Fatal(err)
	}
	var handled []string
	h := otellivekit.Webhook(tel.Telemetry, keys, func(ctx context.Context, e *livekit.WebhookEvent) error {
		handled = append(handled, e.GetEvent()+" "+e.GetRoom().GetName()+" "+traceOf(ctx))
		if e.GetId() == "EV_bad" {
			return errors.New("the database is down")
		}
		return nil
	})
	tampered := signed(t, joined(t, "EV_9", metadata), "key", secret)
	tampered.Body = http.NoBody
	unsigned := signed(t, joined(t, "EV_9", metadata), "key", secret)
	unsigned.Header.Del("Authorization")
	rubbish := signed(t, joined(t, "EV_9", metadata), "key", secret)
	rubbish.Header.Set("Authorization", "Bearer x")
	for _, tt := range []struct {
		name    string
		request *http.Request
		status  int
		outcome string
		handled bool
	}{
		{"good", signed(t, joined(t, "EV_1", metadata), "key", secret), 200, semconv.VoiceWebhookOutcomeAccepted, true},
		{"again", signed(t, joined(t, "EV_1", metadata), "key", secret), 200, semconv.VoiceWebhookOutcomeDuplicate, false},
		{"handler fails", signed(t, joined(t, "EV_bad", metadata), "key", secret), 500, semconv.VoiceWebhookOutcomeFailed, true},
		{"and is tried again", signed(t, joined(t, "EV_bad", metadata), "key", secret), 500, semconv.VoiceWebhookOutcomeFailed, true},
		{"unsigned", unsigned, 401, semconv.VoiceWebhookOutcomeRefused, false},
		{"invalid signature", rubbish, 401, semconv.VoiceWebhookOutcomeRefused, false},
		{"tampered with", tampered, 401, semconv.VoiceWebhookOutcomeRefused, false},
		{"another API key", signed(t, joined(t, "EV_9", metadata), "other", secret), 401, semconv.VoiceWebhookOutcomeRefused, false},
		{"wrong secret", signed(t, joined(t, "EV_9", metadata), "key", secret+"x"), 401, semconv.VoiceWebhookOutcomeRefused, false},
		{"too large", signed(t, bytes.Repeat([]byte(" "), 2<<20), "key", secret), 413, semconv.VoiceWebhookOutcomeRefused, false},
		{"no event", signed(t, []byte("[]"), "key", secret), 400, semconv.VoiceWebhookOutcomeRefused, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, counted := len(handled), count(t, rec, tt.outcome)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, tt.request)
			if w.Code != tt.status || (len(handled) > before) != tt.handled {
				t.Errorf("status %d, handled %v", w.Code, handled[before:])
			}
			if got := count(t, rec, tt.outcome); got != counted+1 {
				t.Errorf("%s: counted %d, want %d", tt.outcome, got, counted+1)
			}
		})
	}
	for _, got := range handled {
		if want := "participant_joined call-4711 " + strings.ReplaceAll(correlation, "-", ""); got != want {
			t.Errorf("handled %s, want %s", got, want)
		}
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, line := range lines {
		message, _ := line["message"].(string)
		extra, _ := line["extra_data"].(map[string]any)
		switch message {
		case "webhook participant_joined":
			found["event"] = line["correlation_id"] == correlation && extra["voice.room.name"] == "call-4711" && extra["voice.participant.id"] == "PA_1"
		case "webhook rejected":
			found["refused"] = line["level"] == "WARN" && line["exception"] != nil
		}
	}
	if !found["event"] || !found["refused"] {
		t.Errorf("found %v among the lines: %v", found, lines)
	}
}

// count returns how many webhooks had an outcome.
func count(t *testing.T, rec *voicetest.Recorder, outcome string) (n int64) {
	t.Helper()
	data, ok := rec.Metric(semconv.MetricVoiceWebhookCount().Name)
	if !ok {
		return 0
	}
	sum, ok := data.(metricdata.Sum[int64])
	if !ok {
		t.Fatalf("a %T", data)
	}
	for _, p := range sum.DataPoints {
		if v, _ := p.Attributes.Value(semconv.VoiceWebhookOutcomeKey); v.AsString() == outcome {
			n += p.Value
		}
	}
	return n
}

// The server's own sender is understood.
func TestWebhookFromTheServersSender(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	came := make(chan struct{}, 1)
	server := httptest.NewServer(otellivekit.Webhook(tel.Telemetry, keys, func(_ context.Context, e *livekit.WebhookEvent) error {
		if e.GetEvent() == webhook.EventRoomFinished && e.GetRoom().GetName() == "call-4711" {
			came <- struct{}{}
		}
		return nil
	}))
	defer server.Close()
	webhook.InitWebhookStats(nil) // It counts, and panics without.
	sender, err := webhook.NewDefaultNotifier(webhook.WebHookConfig{URLs: []string{server.URL}, APIKey: "key"}, keys)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.QueueNotify(t.Context(), &livekit.WebhookEvent{Event: webhook.EventRoomFinished, Room: &livekit.Room{Name: "call-4711"}}); err != nil {
		t.Fatal(err)
	}
	<-came
	sender.Stop(false)
}

func ExampleWebhook() {
	tel, err := voicesdk.Setup(context.Background(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		panic(err)
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	mux := http.NewServeMux()
	mux.Handle("POST /livekit", otellivekit.Webhook(tel.Telemetry, keys, func(_ context.Context, e *livekit.WebhookEvent) error {
		_ = e.GetRoom().GetName() // The program's own handling of a join.
		return nil
	}))
	// Output:
}

// The server's events about tracks name the participant and bring no trace.
func TestWebhookRemembersTheTrace(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	metadata, err := otellivekit.Inject(traced(t, tel.Telemetry), tel.Telemetry, "")
	if err != nil {
		t.Fatal(err)
	}
	var traces []string
	h := otellivekit.Webhook(tel.Telemetry, keys, func(ctx context.Context, _ *livekit.WebhookEvent) error {
		traces = append(traces, traceOf(ctx))
		return nil
	})
	send := func(event *livekit.WebhookEvent) {
		body, err := protojson.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		h.ServeHTTP(httptest.NewRecorder(), signed(t, body, "key", secret))
	}
	send(&livekit.WebhookEvent{
		Event: webhook.EventParticipantJoined, Id: "EV_1",
		Room: &livekit.Room{Sid: "RM_1"}, Participant: &livekit.ParticipantInfo{Sid: "PA_1", Metadata: metadata},
	})
	send(&livekit.WebhookEvent{Event: webhook.EventTrackPublished, Id: "EV_2", Participant: &livekit.ParticipantInfo{Sid: "PA_1"}})
	send(&livekit.WebhookEvent{Event: webhook.EventRoomFinished, Id: "EV_3", Room: &livekit.Room{Sid: "RM_1"}})
	send(&livekit.WebhookEvent{Event: webhook.EventRoomStarted, Id: "EV_4", Room: &livekit.Room{Sid: "RM_2"}})
	want := strings.ReplaceAll(correlation, "-", "")
	if len(traces) != 4 || traces[0] != want || traces[1] != want || traces[2] != want || traces[3] == want {
		t.Errorf("the events are in the traces %v, want the first three in %s", traces, want)
	}
	for i := range 5000 { // More than are remembered.
		send(&livekit.WebhookEvent{
			Event: webhook.EventParticipantJoined, Id: fmt.Sprint("EV_j", i),
			Participant: &livekit.ParticipantInfo{Sid: fmt.Sprint("PA_j", i), Metadata: metadata},
		})
	}
	send(&livekit.WebhookEvent{Event: webhook.EventTrackPublished, Id: "EV_5", Participant: &livekit.ParticipantInfo{Sid: "PA_1"}})
	if traces[len(traces)-1] == want {
		t.Error("the trace of the first of thousands is still remembered")
	}
}

// Any participant may write metadata. Metadata without a readable trace is not remembered
// as a trace.
func TestInvalidTraceMetadataIsNotStored(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	good, err := otellivekit.Inject(traced(t, tel.Telemetry), tel.Telemetry, "")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(correlation, "-", "")
	for _, bad := range []string{
		`{"otelvoice":{"traceparent":"00-x-y-01"}}`,
		`{"otelvoice":{"traceparent":"00-00000000000000000000000000000000-0000000000000000-01"}}`,
		`{"otelvoice":{"traceparent":"` + strings.Repeat("0", 600) + `"}}`,
		`{"otelvoice":{"x-correlation-id":"not an id"}}`,
		`{"otelvoice":{"tracestate":"a=b"}}`,
		`{"otelvoice":{"baggage":"a=b"}}`,
		`{"otelvoice":{}}`,
		`{"otelvoice":"text"}`,
	} {
		t.Run(bad[:min(len(bad), 60)], func(t *testing.T) {
			var traces []string
			h := otellivekit.Webhook(tel.Telemetry, keys, func(ctx context.Context, _ *livekit.WebhookEvent) error {
				traces = append(traces, traceOf(ctx))
				return nil
			})
			for i, metadata := range []string{bad, good, ""} {
				body, err := protojson.Marshal(&livekit.WebhookEvent{
					Event: webhook.EventParticipantJoined, Id: fmt.Sprint("EV_", i),
					Participant: &livekit.ParticipantInfo{Sid: "PA_1", Metadata: metadata},
				})
				if err != nil {
					t.Fatal(err)
				}
				r := signed(t, body, "key", secret)
				ctx, session := tel.StartSession(r.Context()) // A trace of the request's own, as behind a middleware.
				h.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
				session.End()
			}
			if len(traces) != 3 || traces[0] == want || traces[1] != want || traces[2] != want {
				t.Errorf("the events are in the traces %v, want the last two in %s", traces, want)
			}
		})
	}
}

// A middleware before the webhook gives each request a trace. It is not the participant's.
func TestTraceOfTheRequestIsNotRememberedForTheParticipant(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	want := strings.ReplaceAll(correlation, "-", "")
	var got string
	h := otellivekit.Webhook(tel.Telemetry, keys, func(ctx context.Context, _ *livekit.WebhookEvent) error {
		got = traceOf(ctx)
		return nil
	})
	event := &livekit.WebhookEvent{
		Event: webhook.EventParticipantJoined, Id: "EV_1",
		Participant: &livekit.ParticipantInfo{Sid: "PA_1", Metadata: `{"otelvoice":{"x-correlation-id":"` + correlation + `"}}`},
	}
	body, err := protojson.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	r := signed(t, body, "key", secret)
	ctx, session := tel.StartSession(r.Context())
	defer session.End()
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))

	event.Id, event.Participant.Metadata = "EV_2", ""
	if body, err = protojson.Marshal(event); err != nil {
		t.Fatal(err)
	}
	h.ServeHTTP(httptest.NewRecorder(), signed(t, body, "key", secret))
	if got != want {
		t.Errorf("the second event is in the trace %s, want %s; the first request's is %s", got, want, traceOf(ctx))
	}
}

// uncomparable is a context of a kind that panics when it is compared with ==.
type uncomparable struct {
	context.Context //nolint:containedctx // It is a context.

	_ []int
}

func TestContextThatCannotBeCompared(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	r := signed(t, joined(t, "EV_1", ""), "key", secret)
	w := httptest.NewRecorder()
	otellivekit.Webhook(tel.Telemetry, keys, nil).ServeHTTP(w, r.WithContext(uncomparable{Context: r.Context()}))
	if w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
}

// A body that breaks off is not answered with a 4xx, after which LiveKit gives up.
func TestWebhookWithAnIncompleteBodyIsRedelivered(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	h := otellivekit.Webhook(tel.Telemetry, keys, nil)
	body := joined(t, "EV_1", "")
	for name, err := range map[string]error{"cut": io.ErrUnexpectedEOF, "timeout": context.DeadlineExceeded} {
		r := signed(t, body, "key", secret)
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:10]), iotest.ErrReader(err)))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: answered with %d", name, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, signed(t, body, "key", secret))
	if w.Code != http.StatusOK {
		t.Errorf("the whole one is answered with %d", w.Code)
	}
}
