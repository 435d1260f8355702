// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
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
	// maxWebhook bounds the body of a webhook. LiveKit's are a few kilobytes.
	maxWebhook = 1 << 20
	// remembered is how many events are remembered, to know one that comes again.
	remembered = 4096
)

// Webhook returns a handler for LiveKit's webhooks. It verifies the signature with
// LiveKit's own code, continues the trace of the room (or of the participant) that the
// event is about, logs the event, counts it in voice.webhook.count, and has handle,
// which may be nil, do what is to be done. In the context of handle is an operation of
// that trace.
//
// What is unsigned, signed by somebody else, too large or no event is refused with 401,
// 413 or 400, logged as a warning, and shown to nobody. An event that was handled
// before, which LiveKit sends again when an answer is lost and others when they have
// heard one, is answered with 200 and not handled twice. An error of handle is
// answered with 500, and LiveKit tries again.
func Webhook(tel *otelvoice.Telemetry, keys auth.KeyProvider, handle func(context.Context, *livekit.WebhookEvent) error) http.Handler {
	return &hook{
		tel: tel, keys: keys, handle: handle,
		count:  counter(tel.MeterProvider().Meter(scopeName), semconv.MetricVoiceWebhookCount()),
		log:    tel.Logger("livekit.webhook", component()),
		seen:   recent[struct{}]{limit: remembered},
		traces: recent[map[string]string]{limit: remembered},
	}
}

type hook struct {
	tel    *otelvoice.Telemetry
	keys   auth.KeyProvider
	handle func(context.Context, *livekit.WebhookEvent) error
	count  metric.Int64Counter
	log    *slog.Logger

	mu     sync.Mutex
	seen   recent[struct{}]          // The ids of events.
	traces recent[map[string]string] // By the sids of participants and rooms.
}

// ServeHTTP receives one webhook.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	r.Body = http.MaxBytesReader(w, r.Body, maxWebhook)
	event, status, err := h.receive(r)
	if err != nil {
		h.log.LogAttrs(ctx, slog.LevelWarn, "webhook refused", slog.Int("status", status), otelvoice.Error(err))
		h.counted(ctx, nil, semconv.VoiceWebhookOutcomeRefused)
		http.Error(w, http.StatusText(status), status)
		return
	}
	ctx = h.continued(ctx, event)
	if !h.first(event.GetId()) {
		h.log.LogAttrs(ctx, slog.LevelInfo, "webhook came again", subject(event)...)
		h.counted(ctx, event, semconv.VoiceWebhookOutcomeDuplicate)
		return
	}
	_, err = otelvoice.Timed(h.tel.Context(ctx), "livekit webhook", func(ctx context.Context) (struct{}, error) {
		h.log.LogAttrs(ctx, slog.LevelInfo, "webhook "+name(event), subject(event)...)
		if h.handle == nil {
			return struct{}{}, nil
		}
		return struct{}{}, h.handle(ctx, event)
	})
	if err != nil {
		h.forget(event.GetId()) // It may be tried again.
		h.counted(ctx, event, semconv.VoiceWebhookOutcomeFailed)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h.counted(ctx, event, semconv.VoiceWebhookOutcomeAccepted)
}

// receive verifies a webhook and reads its event. The status is how it is refused.
func (h *hook) receive(r *http.Request) (event *livekit.WebhookEvent, status int, err error) {
	body, err := webhook.Receive(r, h.keys)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge, err
	case err != nil:
		return nil, http.StatusUnauthorized, err
	}
	event = new(livekit.WebhookEvent)
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true, AllowPartial: true}).Unmarshal(body, event); err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("otellivekit: read the event: %w", err)
	}
	return event, 0, nil
}

// continued returns the context of the trace that the event belongs to. Not every event
// brings it: those of tracks name their participant and no more (livekit-server v1.13.5).
// They continue the trace of an earlier one of the participant, or of the room.
func (h *hook) continued(ctx context.Context, event *livekit.WebhookEvent) context.Context {
	before := ctx
	ctx = Extract(ctx, h.tel, event.GetRoom().GetMetadata())
	if p := event.GetParticipant(); p != nil {
		ctx = Extract(ctx, h.tel, p.GetMetadata())
		ctx = ExtractAttributes(ctx, h.tel, p.GetAttributes())
	}
	sids := []string{event.GetParticipant().GetSid(), event.GetRoom().GetSid()}
	if ctx != before {
		h.remember(headersOf(ctx, h.tel), sids)
		return ctx
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sid := range sids {
		if headers, ok := h.traces.values[sid]; ok {
			return extract(ctx, h.tel, headers)
		}
	}
	return ctx
}

// remember keeps the trace of a participant, and of a room that has none yet.
func (h *hook) remember(headers map[string]string, sids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sid := range sids {
		if sid != "" {
			h.traces.put(sid, headers)
		}
	}
}

// first reports whether an event comes for the first time. An event without an id
// always does.
func (h *hook) first(id string) bool {
	if id == "" {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen.has(id) {
		return false
	}
	h.seen.put(id, struct{}{})
	return true
}

func (h *hook) forget(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen.remove(id)
}

func (h *hook) counted(ctx context.Context, event *livekit.WebhookEvent, outcome string) {
	attrs := semconv.VoiceWebhookOutcome(outcome)
	if event == nil {
		h.count.Add(ctx, 1, metric.WithAttributes(attrs))
		return
	}
	h.count.Add(ctx, 1, metric.WithAttributes(attrs, semconv.VoiceRoomEvent(name(event))))
}

// name returns the event's name if it is one of LiveKit's: as a dimension it must be
// one of few, even when somebody who has the key sends what they like.
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

// subject says what an event is about.
func subject(event *livekit.WebhookEvent) []slog.Attr {
	attrs := []slog.Attr{slog.String(string(semconv.VoiceRoomEventKey), name(event))}
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	add(string(semconv.VoiceRoomNameKey), event.GetRoom().GetName())
	add(string(semconv.VoiceRoomIDKey), event.GetRoom().GetSid())
	add(string(semconv.VoiceParticipantIdentityKey), event.GetParticipant().GetIdentity())
	add(string(semconv.VoiceParticipantIDKey), event.GetParticipant().GetSid())
	add(string(semconv.VoiceTrackIDKey), event.GetTrack().GetSid())
	if at := event.GetCreatedAt(); at > 0 {
		add("created_at", time.Unix(at, 0).UTC().Format(time.RFC3339))
	}
	return attrs
}
