// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package index computes the lists of calls and turns from the signals in a store, while they come.
package index

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// An Index keeps the lists of a store. It is safe for concurrent use.
type Index struct {
	store *store.Store
	slow  float64

	mu     sync.Mutex
	all    map[*Listener]struct{}
	failed error
	// settling has those who wait until the calls that changed are computed.
	settling chan chan<- struct{}
}

// New returns an index. A turn that took longer than slow is slow, unless it has a budget of its own.
func New(s *store.Store, slow time.Duration) *Index {
	return &Index{store: s, slow: slow.Seconds(), all: make(map[*Listener]struct{}), settling: make(chan chan<- struct{})}
}

// Settle waits until the calls are listed that the store had when it was called. Run must run.
func (x *Index) Settle(ctx context.Context) error {
	settled := make(chan struct{})
	select {
	case x.settling <- settled:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-settled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rest is the least time between two computations of one call. A long call is computed again after ten times as
// long as it took.
const rest = 300 * time.Millisecond

// A state is what the index knows of a session that changed.
type state struct {
	next  time.Time // When it may be computed again.
	isDue bool
}

// Run keeps the lists until ctx is done or the store is closed. It uses half of a core at most.
func (x *Index) Run(ctx context.Context) error {
	watcher := x.store.Watch()
	defer watcher.Stop()
	states := make(map[string]*state)
	stale, err := x.store.Stale(ctx)
	if err != nil {
		return fmt.Errorf("read which calls changed: %w", err)
	}
	for _, id := range stale {
		states[id] = &state{isDue: true}
	}
	var settling []chan<- struct{}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-watcher.Changed:
			if !ok {
				return nil
			}
		case settled := <-x.settling:
			settling = append(settling, settled)
		case <-timer.C:
		}
		for _, id := range watcher.Take() {
			if states[id] == nil {
				states[id] = new(state)
			}
			states[id].isDue = true
		}
		if err := x.compute(ctx, states); err != nil {
			return err
		}
		if !isAnyDue(states) {
			for _, settled := range settling {
				close(settled)
			}
			settling = nil
		}
		timer.Reset(rest / 3)
	}
}

func isAnyDue(states map[string]*state) bool {
	for _, s := range states {
		if s.isDue {
			return true
		}
	}
	return false
}

// compute computes the calls that are due and may be computed.
func (x *Index) compute(ctx context.Context, states map[string]*state) error {
	var done []string
	for id, s := range states {
		now := time.Now()
		switch {
		case !s.isDue:
			if now.After(s.next) {
				delete(states, id)
			}
			continue
		case now.Before(s.next):
			continue
		}
		err := x.computeCall(ctx, id)
		switch {
		case errors.Is(err, store.ErrUnknown): // It was forgotten, or is now part of another.
			delete(states, id)
		case ctx.Err() != nil:
			return nil //nolint:nilerr // The program ends.
		case err != nil:
			x.fail(fmt.Errorf("compute the call %s: %w", id, err))
		}
		took := time.Since(now)
		s.isDue, s.next = false, time.Now().Add(max(rest, 10*took))
		done = append(done, id)
		select {
		case <-time.After(took):
		case <-ctx.Done():
			return nil
		}
	}
	x.tell(done)
	return nil
}

func (x *Index) computeCall(ctx context.Context, id string) error {
	batch, err := x.store.Signals(ctx, id)
	if err != nil {
		return err
	}
	c := Document(id, batch.Spans, batch.Records)
	if !isCall(id, c) {
		return nil
	}
	row, err := summarize(id, c, x.slow)
	if err != nil {
		return err
	}
	row.Faults, row.IDs = faults(c), idsOf(c)
	row.Items = len(batch.Spans) + len(batch.Records)
	return x.store.SetCall(ctx, id, row)
}

// Call returns the document of a call that the store has, or [store.ErrUnknown].
func (x *Index) Call(ctx context.Context, id string) (*call.Call, error) {
	batch, err := x.store.Signals(ctx, id)
	if err != nil {
		return nil, err
	}
	c := Document(id, batch.Spans, batch.Records)
	for _, t := range c.Turns {
		t.IsSlow = t.Slow(x.slow)
	}
	return c, nil
}

// Err returns the latest error of a computation, or nil.
func (x *Index) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.failed
}

func (x *Index) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failed = err
}
