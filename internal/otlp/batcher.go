// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlp makes OTLP requests of items that come encoded, log records or spans: each
// is appended to the request that it will be sent in by whoever made it, and nothing but the
// requests is left to be handed over.
package otlp

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
)

// Config says what becomes of items. Put is the only field that has no default.
type BatchConfig struct {
	// Resource is whose items they are.
	Resource *resource.Resource
	// Put takes a request with its items, and keeps none of it. It is called by one
	// goroutine at a time, never one that adds.
	Put func(request []byte, items int) error
	// Lost is told of items for which there was no room.
	Lost func(items int)
	// Late is called with the number of items that are added after Shutdown. It may be nil.
	Late func(items int)
	// Interval is for how long an item waits at the most; 0 is a second.
	Interval time.Duration
	// Batch is how many make a request, and Size how many wait at the most; 0 is 1,024 and
	// 65,536.
	Batch, Size int

	emptyResource bool // Encode a resource without attributes, too.
}

const (
	defaultInterval = time.Second
	defaultBatch    = 1024
	defaultSize     = 64 << 10
	// maxRequest is about how many bytes make a request: collectors take 4 MiB by gRPC.
	maxRequest = 2 << 20
	// maxWaiting bounds the bytes of what waits, whatever it is.
	maxWaiting = 64 << 20
)

// Batcher makes requests. It is safe for concurrent use, and after Shutdown takes nothing.
type Batcher struct {
	cfg      BatchConfig
	resource []byte // As it is in each request.
	schema   []byte // Likewise.

	mu      sync.Mutex
	growing *batch
	full    []*batch
	spare   *batch // Empty, or nil.
	free    chunkPool
	items   int // All that wait, those included that are being handed over.
	bytes   int
	closed  bool

	filled  chan struct{} // Something is full.
	flushes chan chan struct{}
	closing chan struct{}
	ended   chan struct{}
}

// New returns a batcher, which is to be shut down.
func NewBatcher(cfg BatchConfig) *Batcher {
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.Size <= 0 {
		cfg.Size = defaultSize
	}
	if cfg.Batch <= 0 {
		cfg.Batch = min(defaultBatch, cfg.Size)
	}
	p := &Batcher{
		cfg: cfg, growing: &batch{}, filled: make(chan struct{}, 1), flushes: make(chan chan struct{}),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	p.resource, p.schema = encodeResource(cfg.Resource, cfg.emptyResource)
	go p.run()
	return p
}

// Add takes an encoded item, which it copies. It waits for nobody, and what there is no room
// for is lost and counted; but while much waits it lets others run once, for one of them is
// who hands it over, and of a thousand goroutines that add it is one in a thousand.
func (p *Batcher) Add(s *Scope, item []byte) {
	taken, crowded := p.add(s, item)
	if !taken {
		p.lose(crowded)
	}
	if crowded {
		runtime.Gosched()
	}
}

// lose counts an item that was not taken: for lack of room, or else after Shutdown.
func (p *Batcher) lose(crowded bool) {
	count := p.cfg.Late
	if crowded {
		count = p.cfg.Lost
	}
	if count != nil {
		count(1)
	}
}

// add reports whether the item was taken, and whether more than half of the room is. After
// Shutdown neither is so.
func (p *Batcher) add(s *Scope, item []byte) (taken, crowded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false, false
	}
	if p.items >= p.cfg.Size || p.bytes+len(item) > maxWaiting {
		return false, true
	}
	p.growing.add(s, item, &p.free)
	p.items++
	p.bytes += len(item)
	if p.growing.items >= p.cfg.Batch || p.growing.bytes >= maxRequest {
		p.full = append(p.full, p.growing)
		p.growing = p.fresh()
		select {
		case p.filled <- struct{}{}:
		default:
		}
	}
	return true, p.items > p.cfg.Size/2 || p.bytes > maxWaiting/2
}

// run hands requests over until the provider is shut down.
func (p *Batcher) run() {
	defer close(p.ended)
	tick := time.NewTicker(p.cfg.Interval)
	defer tick.Stop()
	var request []byte
	for {
		select {
		case <-p.filled:
			request = p.handOver(request, false)
		case <-tick.C:
			request = p.handOver(request, true)
			p.mu.Lock()
			p.free.rest()
			p.mu.Unlock()
		case done := <-p.flushes:
			request = p.handOver(request, true)
			close(done)
		case <-p.closing:
			p.handOver(request, true)
			return
		}
		if cap(request) > maxRequest+maxRequest/2 {
			request = nil // One huge record must not pin its memory.
		}
	}
}

// handOver hands over what is full, or all. It uses the bytes, and returns them to be used again.
func (p *Batcher) handOver(request []byte, all bool) []byte {
	for {
		b := p.take(all)
		if b == nil {
			return request
		}
		request = b.appendRequest(request[:0], p.resource, p.schema)
		// What the spool does not take it counts.
		_ = p.cfg.Put(request, b.items)
		p.mu.Lock()
		p.items -= b.items
		p.bytes -= b.bytes
		b.reset(&p.free)
		p.spare = b
		p.mu.Unlock()
	}
}

func (p *Batcher) take(all bool) *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.full) > 0 {
		b := p.full[0]
		p.full = slices.Delete(p.full, 0, 1)
		return b
	}
	if b := p.growing; all && b.items > 0 {
		p.growing = p.fresh()
		return b
	}
	return nil
}

// fresh returns an empty batch. The mutex is held.
func (p *Batcher) fresh() *batch {
	b := p.spare
	p.spare = nil
	if b == nil {
		b = &batch{}
	}
	return b
}

// ForceFlush returns when all that was written has been handed over, or the context ends.
func (p *Batcher) ForceFlush(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case p.flushes <- done:
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Shutdown hands over what was written, and ends. Calls after the first wait for it.
func (p *Batcher) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.closing)
	}
	p.mu.Unlock()
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
