// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"sync"

	"github.com/livekit/protocol/livekit"
)

// traces remembers the traces that events have brought, by the sids of participants and
// rooms.
type traces struct {
	mu    sync.Mutex
	known recent[map[string]string]
}

// continued returns the context of the trace that the event belongs to. Not every event
// brings one: those of tracks have the participant's ids alone (livekit-server v1.13.5).
// They continue the trace of an earlier event of the participant, or of the room.
func (h *hook) continued(ctx context.Context, event *livekit.WebhookEvent) context.Context {
	// What the event brings is extracted without the request's own trace, which a middleware
	// may have started: that one is not the participant's, and must not be remembered as it.
	brought := headersOf(h.extract(context.Background(), event), h.tel)
	sids := []string{event.GetParticipant().GetSid(), event.GetRoom().GetSid()}
	if len(brought) > 0 {
		h.traces.remember(brought, sids)
		return h.extract(ctx, event)
	}
	return extract(ctx, h.tel, h.traces.of(sids))
}

// extract returns ctx with the trace of the event's room or, before that, its participant.
func (h *hook) extract(ctx context.Context, event *livekit.WebhookEvent) context.Context {
	ctx = Extract(ctx, h.tel, event.GetRoom().GetMetadata())
	if p := event.GetParticipant(); p != nil {
		ctx = Extract(ctx, h.tel, p.GetMetadata())
		ctx = ExtractAttributes(ctx, h.tel, p.GetAttributes())
	}
	return ctx
}

// remember keeps the trace of a participant, and of a room that has none yet.
func (t *traces) remember(headers map[string]string, sids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, sid := range sids {
		if sid != "" {
			t.known.put(key(sid), headers)
		}
	}
}

// of returns the first trace that is known, nil if none is.
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
