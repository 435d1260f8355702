// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package metricguard isolates metric callbacks from each other. The SDK calls callbacks one after
// another in the goroutine of its reader: a callback that panics ends the process, one that does not
// return stops all exports, and if one returns an error, the SDK's periodic reader drops the whole
// export.
package metricguard

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// DefaultLimit is how long a callback may take. A scrape usually waits for ten seconds.
const DefaultLimit = 5 * time.Second

// Provider is a meter provider whose callbacks are guarded. All else is passed to another
// provider. It is safe for concurrent use.
type Provider struct {
	metric.MeterProvider

	limit    time.Duration
	gate     *gate // Nil lets everything pass as it is.
	failures atomic.Int64
	tell     atomic.Pointer[func(error)]
}

// New returns a provider in front of another. A limit of 0 is [DefaultLimit].
func New(next metric.MeterProvider, limit time.Duration) *Provider {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Provider{MeterProvider: next, limit: limit}
}

// Failures returns the number of callback calls that failed, panicked, did not return in time, or
// were skipped because an earlier call has not returned.
func (p *Provider) Failures() int64 { return p.failures.Load() }

// Listen sets the function that is called when a callback begins to fail, in place of
// OpenTelemetry's error handler. It must not block.
func (p *Provider) Listen(tell func(error)) { p.tell.Store(&tell) }

// Meter returns a meter of the other provider whose callbacks are guarded.
func (p *Provider) Meter(name string, opts ...metric.MeterOption) metric.Meter {
	if p.gate != nil {
		name, opts = p.gate.text(name), p.gate.scope(opts)
	}
	return &meter{Meter: p.MeterProvider.Meter(name, opts...), provider: p, gate: p.gate, name: name}
}

func (p *Provider) report(err error) {
	if tell := p.tell.Load(); tell != nil {
		(*tell)(err)
		return
	}
	otel.Handle(err)
}

// guard runs one callback.
type guard struct {
	provider *Provider
	gate     *gate
	name     string       // For error messages.
	stuck    atomic.Int32 // Calls that were given up and have not returned.
	failing  atomic.Bool  // The last call failed, and that was reported.
}

// The states of a call.
const (
	running = iota
	returned
	abandoned
)

// call is one call of a callback.
type call struct {
	state atomic.Int32
	gate  *gate
}

// alive reports whether a collection waits for the call. Later observations are dropped.
func (c *call) alive() bool { return c.state.Load() == running }

var (
	errSlow   = errors.New("it has not returned; it is left out until it does")
	errPanics = errors.New("it panicked")
)

// run calls the callback in a goroutine of its own and waits for it, within the limit and the
// context. It always returns nil, because an error would drop the whole export.
func (g *guard) run(ctx context.Context, callback func(context.Context, *call) error) error {
	if ctx.Err() != nil {
		return nil // The collection is over.
	}
	if g.stuck.Load() > 0 {
		g.provider.failures.Add(1)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, g.provider.limit)
	defer cancel()
	c := &call{gate: g.gate}
	done := make(chan error, 1) // The result may arrive after the collection has ended.
	go func() {
		done <- protected(ctx, c, callback)
		if !c.state.CompareAndSwap(running, returned) {
			g.stuck.Add(-1)
		}
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		if c.state.CompareAndSwap(running, abandoned) {
			g.stuck.Add(1)
			if errors.Is(ctx.Err(), context.DeadlineExceeded) { // Otherwise the collection was cancelled.
				err = errSlow
			}
		}
	}
	if err == nil {
		g.failing.Store(false)
		return nil
	}
	g.provider.failures.Add(1)
	if g.failing.CompareAndSwap(false, true) {
		g.provider.report(fmt.Errorf("metric callback of %q failed: %w", g.name, err))
	}
	return nil
}

func protected(ctx context.Context, c *call, callback func(context.Context, *call) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanics, r)
		}
	}()
	return callback(ctx, c)
}
