// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package index

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// Document returns the document of a session of the store.
func Document(id string, spans []*signal.Span, records []*signal.Record) *call.Call {
	if strings.HasPrefix(id, store.OfTrace) {
		id = ""
	}
	c := call.New(id, spans, records)
	addSums(c)
	addFaults(c, &signal.Batch{Spans: spans, Records: records})
	return c
}

// A Listener learns which calls were computed. It is safe for concurrent use.
type Listener struct {
	of *Index
	// Changed has a value after calls were computed, until Take.
	Changed chan struct{}

	mu  sync.Mutex
	ids map[string]struct{}
}

// Listen returns a listener. Stop it after use.
func (x *Index) Listen() *Listener {
	l := &Listener{of: x, Changed: make(chan struct{}, 1), ids: make(map[string]struct{})}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.all[l] = struct{}{}
	return l
}

// Take returns the calls that were computed since the last Take, sorted.
func (l *Listener) Take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := slices.Sorted(maps.Keys(l.ids))
	clear(l.ids)
	return ids
}

// Stop ends the listener.
func (l *Listener) Stop() {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	delete(l.of.all, l)
}

// tell reports calls that were computed.
func (x *Index) tell(ids []string) {
	if len(ids) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for l := range x.all {
		l.add(ids)
	}
}

func (l *Listener) add(ids []string) {
	l.mu.Lock()
	for _, id := range ids {
		l.ids[id] = struct{}{}
	}
	l.mu.Unlock()
	select {
	case l.Changed <- struct{}{}:
	default:
	}
}
