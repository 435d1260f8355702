// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package calllog

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

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

// LateTurn writes a warning about a mistake in the order of calls on a turn, once for each place in
// the agent's code that makes it.
func (l *Log) LateTurn(ctx context.Context, message string, attrs ...attribute.KeyValue) {
	l.late(ctx, l.turns, message, attrs)
}

// LateStage does the same for a stage.
func (l *Log) LateStage(ctx context.Context, kind, message string) {
	l.late(ctx, l.stages[kind], message, nil)
}

func (l *Log) late(ctx context.Context, logger *logpipe.Logger, message string, attrs []attribute.KeyValue) {
	if l.latePlaces.first(l.sources.caller()) {
		l.write(ctx, logger, Warn, message, nil, 0, attrs)
	}
}
