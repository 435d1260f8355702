// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// late counts a change to the turn after its end as dropped. It logs a warning if the turn was
// ended by its own End. It does not if the session ended the turn: when a caller hangs up, work
// of the turn is often still running.
func (t *Turn) late(what string) {
	tel := t.session.tel
	tel.dropped(t.ctx, attribute.Key(what), semconv.VoiceDropReasonLate)
	t.mu.Lock()
	byParent := t.byParent
	t.mu.Unlock()
	if byParent {
		return
	}
	tel.lines.late(t.ctx, tel.lines.turns, what+" came after the turn had ended and is not recorded",
		semconv.VoiceTurnIndex(t.index))
}

// maxLatePlaces is how many places in the code get a warning.
const maxLatePlaces = 128

// latePlaces holds the places in the code that got a warning.
type latePlaces struct {
	mu    sync.Mutex
	known map[*logrecord.Group]struct{}
}

// first reports whether a place is new and adds it. All unknown places count as one.
func (p *latePlaces) first(place *logrecord.Group) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.known[place]; known || len(p.known) >= maxLatePlaces {
		return false
	}
	if p.known == nil {
		p.known = make(map[*logrecord.Group]struct{})
	}
	p.known[place] = struct{}{}
	return true
}

// late writes a warning about a mistake in the order of calls, once for each place in the
// agent's code that makes it.
func (l *lines) late(ctx context.Context, logger *logpipe.Logger, message string, attrs ...attribute.KeyValue) {
	if l.latePlaces.first(l.sources.caller()) {
		l.write(ctx, logger, levelWarn, message, nil, 0, attrs)
	}
}
