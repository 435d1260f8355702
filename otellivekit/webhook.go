// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

const (
	// maxWebhook bounds the body of a webhook, in bytes. LiveKit's are a few kilobytes.
	maxWebhook = 1 << 20
	// maxTraces bounds how many participants and rooms have their trace remembered.
	maxTraces = 4096
)

// Webhook returns a handler for LiveKit's webhooks. It verifies the signature with
// LiveKit's own code, continues the trace of the event's room or participant, logs the
// event, counts it in voice.webhook.count, and calls handle, which may be nil. The context of
// handle has an operation of that trace. It is canceled when the sender closes the
// connection.
//
// Requests with a missing or invalid signature get 401, bodies over 1 MiB 413, and
// malformed events 400. They are logged as warnings and do not reach handle.
//
// Events are identified by their ID. The response depends on earlier deliveries of the event:
//
//   - The event was handled: 200, and handle is not called again. The last 4096 handled
//     events are remembered, in this process.
//   - The event is in flight, that is, handle has not returned: 503 with Retry-After,
//     because the delivery in flight may still fail.
//   - handle returned an error, panicked or called [runtime.Goexit]: this delivery is
//     handled like a first one.
//
// If handle returns an error, the response is 500. A panic continues to the server, which
// closes the connection. LiveKit retries after a status of 500 or above, after 429 and after
// a lost connection, four times by default (protocol v1.43.2, package webhook, whose client
// is go-retryablehttp v0.7.7). It takes every other status for success.
//
// Events without an ID are always handled. While more than 4096 events are in flight, a
// redelivered event may be handled twice, and a warning is logged once a minute.
//
// The handler is safe for concurrent use and starts no goroutine.
func Webhook(tel *otelvoice.Telemetry, keys auth.KeyProvider, handle func(context.Context, *livekit.WebhookEvent) error) http.Handler {
	return &hook{
		tel: tel, keys: keys, handle: handle,
		count:      counter(tel.MeterProvider().Meter(scopeName), semconv.MetricVoiceWebhookCount()),
		log:        tel.Logger("livekit.webhook", component()),
		seed:       maphash.MakeSeed(),
		deliveries: deliveries{handled: recent[uint64]{limit: maxHandled}},
		traces:     traces{known: recent[map[string]string]{limit: maxTraces}},
	}
}

type hook struct {
	tel    *otelvoice.Telemetry
	keys   auth.KeyProvider
	handle func(context.Context, *livekit.WebhookEvent) error
	count  metric.Int64Counter
	log    *slog.Logger
	seed   maphash.Seed // Of the digests of bodies.

	deliveries deliveries
	traces     traces
}

// ServeHTTP receives one webhook.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	r.Body = http.MaxBytesReader(w, r.Body, maxWebhook)
	event, digest, status, err := h.receive(r)
	if err != nil {
		h.log.LogAttrs(ctx, slog.LevelWarn, "webhook rejected", slog.Int("status", status), otelvoice.Error(err))
		h.counted(ctx, nil, semconv.VoiceWebhookOutcomeRefused)
		http.Error(w, http.StatusText(status), status)
		return
	}
	ctx = h.continued(ctx, event)
	now := time.Now()
	d := h.deliveries.begin(event.GetId(), digest, now)
	switch d.state {
	case handled:
		h.again(ctx, event, "webhook redelivered", d.digest == digest)
		h.counted(ctx, event, semconv.VoiceWebhookOutcomeDuplicate)
		return
	case inFlight:
		age := now.Sub(d.start)
		h.again(ctx, event, "webhook redelivered while in flight", d.digest == digest, slog.Float64("in_flight_seconds", age.Seconds()))
		h.counted(ctx, event, semconv.VoiceWebhookOutcomeInFlight)
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter(age)))
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	case untracked:
		if h.deliveries.warn(now) {
			h.log.LogAttrs(ctx, slog.LevelWarn, "too many webhooks in flight, redelivered events may be handled twice", slog.Int("in_flight", maxInFlight))
		}
	case unknown:
	}
	if err := h.deliver(ctx, event, d); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// deliver handles the event and records the outcome before the response. A panic and
// [runtime.Goexit] continue, and count as failures.
func (h *hook) deliver(ctx context.Context, event *livekit.WebhookEvent, d delivery) error {
	outcome := semconv.VoiceWebhookOutcomeFailed
	defer func() {
		h.deliveries.end(d, outcome == semconv.VoiceWebhookOutcomeAccepted)
		h.counted(ctx, event, outcome)
	}()
	_, err := otelvoice.Timed(h.tel.Context(ctx), "livekit webhook", func(ctx context.Context) (struct{}, error) {
		h.log.LogAttrs(ctx, slog.LevelInfo, "webhook "+name(event), subject(event)...)
		if h.handle == nil {
			return struct{}{}, nil
		}
		return struct{}{}, h.handle(ctx, event)
	})
	if err == nil {
		outcome = semconv.VoiceWebhookOutcomeAccepted
	}
	return err
}

// again logs a delivery that is not handled. A delivery with another body is another event
// with the same ID, which is lost. That is a warning, because LiveKit's IDs are unique.
func (h *hook) again(ctx context.Context, event *livekit.WebhookEvent, message string, sameBody bool, attrs ...slog.Attr) {
	level := slog.LevelInfo
	if !sameBody {
		level, message = slog.LevelWarn, message+" with a different body, not handled"
	}
	h.log.LogAttrs(ctx, level, message, append(subject(event), attrs...)...)
}

// retryAfter returns after how many seconds to redeliver an event that has been in flight for
// a time: after the same time again, as with a sender's exponential backoff. It is at most
// 8 s, the last step of LiveKit's default, because LiveKit drops events of the same
// participant that wait for more than 30 s.
func retryAfter(age time.Duration) int {
	const most = 8 * time.Second
	return int((min(max(age, time.Second), most) + time.Second - 1) / time.Second)
}

// receive verifies a webhook and parses its event. The digest is that of the body. With an
// error, the status is that of the response.
func (h *hook) receive(r *http.Request) (event *livekit.WebhookEvent, digest uint64, status int, err error) {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, 0, http.StatusRequestEntityTooLarge, err
	case err != nil: // LiveKit retries a truncated body only after a 5xx status.
		return nil, 0, http.StatusServiceUnavailable, fmt.Errorf("otellivekit: read webhook body: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if body, err = webhook.Receive(r, h.keys); err != nil {
		return nil, 0, http.StatusUnauthorized, err
	}
	event = new(livekit.WebhookEvent)
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true, AllowPartial: true}).Unmarshal(body, event); err != nil {
		return nil, 0, http.StatusBadRequest, fmt.Errorf("otellivekit: parse webhook event: %w", err)
	}
	return event, maphash.Bytes(h.seed, body), 0, nil
}

func (h *hook) counted(ctx context.Context, event *livekit.WebhookEvent, outcome string) {
	attrs := semconv.VoiceWebhookOutcome(outcome)
	if event == nil {
		h.count.Add(ctx, 1, metric.WithAttributes(attrs))
		return
	}
	h.count.Add(ctx, 1, metric.WithAttributes(attrs, semconv.VoiceRoomEvent(name(event))))
}

// name returns the event's name if it is one of LiveKit's, else "other". As an attribute of a
// metric it must have few values, whatever a sender with the key sends.
func name(event *livekit.WebhookEvent) string {
	switch e := event.GetEvent(); e {
	case webhook.EventRoomStarted, webhook.EventRoomFinished,
		webhook.EventParticipantJoined, webhook.EventParticipantLeft, webhook.EventParticipantConnectionAborted,
		webhook.EventTrackPublished, webhook.EventTrackUnpublished,
		webhook.EventEgressStarted, webhook.EventEgressUpdated, webhook.EventEgressEnded,
		webhook.EventIngressStarted, webhook.EventIngressEnded:
		return e
	}
	return "other"
}

// subject returns the attributes of an event's room, participant and track.
func subject(event *livekit.WebhookEvent) []slog.Attr {
	attrs := []slog.Attr{slog.String(string(semconv.VoiceRoomEventKey), name(event))}
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	add(string(semconv.VoiceRoomNameKey), withoutNumber(event.GetRoom().GetName()))
	add(string(semconv.VoiceRoomIDKey), event.GetRoom().GetSid())
	add(string(semconv.VoiceParticipantIdentityKey), withoutNumber(event.GetParticipant().GetIdentity()))
	add(string(semconv.VoiceParticipantIDKey), event.GetParticipant().GetSid())
	add(string(semconv.VoiceTrackIDKey), event.GetTrack().GetSid())
	if at := event.GetCreatedAt(); at > 0 {
		add("created_at", time.Unix(at, 0).UTC().Format(time.RFC3339))
	}
	return attrs
}
