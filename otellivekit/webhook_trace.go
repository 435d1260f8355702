// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"sync"

	"github.com/livekit/protocol/livekit"
)

// traces remembers the traces of events by the SIDs of participants and rooms.
type traces struct {
	mu    sync.Mutex
	known recent[map[string]string]
}

// continued returns the context of the event's trace. Track events have no trace, only the
// participant's IDs (livekit-server v1.13.5). They continue the trace of an earlier event of
// the participant or of the room.
func (h *hook) continued(ctx context.Context, event *livekit.WebhookEvent) context.Context {
	// Extract the event's trace without the request's own, which a middleware may have
	// started: that trace must not be remembered as the participant's.
	received := headersOf(h.extract(context.Background(), event), h.tel)
	sids := []string{event.GetParticipant().GetSid(), event.GetRoom().GetSid()}
	if len(received) > 0 {
		h.traces.remember(received, sids)
		return h.extract(ctx, event)
	}
	return extract(ctx, h.tel, h.traces.of(sids))
}

// extract returns ctx with the trace of the event's participant, or else of its room.
func (h *hook) extract(ctx context.Context, event *livekit.WebhookEvent) context.Context {
	ctx = Extract(ctx, h.tel, event.GetRoom().GetMetadata())
	if p := event.GetParticipant(); p != nil {
		ctx = Extract(ctx, h.tel, p.GetMetadata())
		ctx = ExtractAttributes(ctx, h.tel, p.GetAttributes())
	}
	return ctx
}

// remember keeps a trace for SIDs that have none yet.
func (t *traces) remember(headers map[string]string, sids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, sid := range sids {
		if sid != "" {
			t.known.put(key(sid), headers)
		}
	}
}

// of returns the first known trace, or nil.
func (t *traces) of(sids []string) map[string]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, sid := range sids {
		if headers, ok := t.known.values[key(sid)]; ok {
			return headers
		}
	}
	return nil
}
