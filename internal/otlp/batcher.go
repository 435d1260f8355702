// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
)

// BatchConfig configures a [Batcher]. Only Put is required.
type BatchConfig struct {
	// Resource describes the process in each request.
	Resource *resource.Resource
	// Put receives a request with its number of items, and must not retain it. It is called by
	// one goroutine at a time, never by one that adds items.
	Put func(request []byte, items int) error
	// Lost is called with the number of items that were dropped because the queue was full.
	Lost func(items int)
	// Late is called with the number of items that are added after Shutdown. It may be nil.
	Late func(items int)
	// Interval is the longest time that an item waits; 0 is a second.
	Interval time.Duration
	// Batch is the number of items in a request, and Size the number that may wait; the
	// defaults are 1,024 and 65,536.
	Batch, Size int
	// MaxBytes bounds the bytes of the items that wait; 0 is 64 MiB.
	MaxBytes int

	emptyResource bool // Encode a resource without attributes, too.
}

const (
	defaultInterval = time.Second
	defaultBatch    = 1024
	defaultSize     = 64 << 10
	// maxRequest is the approximate size of a full request: collectors accept 4 MiB over gRPC.
	maxRequest   = 2 << 20
	defaultBytes = 64 << 20
	// reserve is the part of the queue beyond its size that urgent items may use.
	reserve = 8
)

// Batcher collects encoded items into requests. It is safe for concurrent use. After Shutdown it
// accepts no items.
type Batcher struct {
	cfg      BatchConfig
	resource []byte // The encoded resource.
	schema   []byte // The encoded schema URL of the resource.

	mu      sync.Mutex
	growing *batch
	full    []*batch
	spare   *batch // Empty, or nil.
	free    chunkPool
	items   int // Waiting, including those that are being handed over.
	bytes   int
	closed  bool

	filled  chan struct{} // A batch is full.
	flushes chan chan struct{}
	closing chan struct{}
	ended   chan struct{}
}

// NewBatcher returns a batcher. The caller must shut it down.
func NewBatcher(cfg BatchConfig) *Batcher {
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.Size <= 0 {
		cfg.Size = defaultSize
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = defaultBytes
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

// Add copies an encoded item into the next request. It does not block: if the queue is full, the
// item is dropped and counted. While the queue is more than half full, Add yields the processor
// once, so that the goroutine that empties it runs among a thousand that fill it.
//
// An urgent item, such as a failed span or the end of a session, is also accepted by a full queue,
// up to an eighth more than its size.
func (p *Batcher) Add(s *Scope, item []byte, urgent bool) {
	taken, crowded := p.add(s, item, urgent)
	if !taken {
		p.lose(crowded)
	}
	if crowded {
		runtime.Gosched()
	}
}

// lose counts an item that was dropped: because the queue was full, or after Shutdown.
func (p *Batcher) lose(crowded bool) {
	count := p.cfg.Late
	if crowded {
		count = p.cfg.Lost
	}
	if count != nil {
		count(1)
	}
}

// add reports whether the item was accepted, and whether the queue is more than half full. After
// Shutdown both are false.
func (p *Batcher) add(s *Scope, item []byte, urgent bool) (taken, crowded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false, false
	}
	items, bytes := p.cfg.Size, p.cfg.MaxBytes
	if urgent {
		items, bytes = items+items/reserve, bytes+bytes/reserve
	}
	if p.items >= items || p.bytes+len(item) > bytes {
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
	return true, p.items > p.cfg.Size/2 || p.bytes > p.cfg.MaxBytes/2
}

// run hands over requests until Shutdown.
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
			p.free.shrink()
			p.mu.Unlock()
		case done := <-p.flushes:
			request = p.handOver(request, true)
			close(done)
		case <-p.closing:
			p.handOver(request, true)
			return
		}
		if cap(request) > maxRequest+maxRequest/2 {
			request = nil // Do not retain the memory of one huge item.
		}
	}
}

// handOver hands over the full batches, or all. It reuses the request buffer and returns it.
func (p *Batcher) handOver(request []byte, all bool) []byte {
	for {
		b := p.take(all)
		if b == nil {
			return request
		}
		request = b.appendRequest(request[:0], p.resource, p.schema)
		// The spool counts what it drops.
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

// fresh returns an empty batch. The caller holds the mutex.
func (p *Batcher) fresh() *batch {
	b := p.spare
	p.spare = nil
	if b == nil {
		b = &batch{}
	}
	return b
}

// ForceFlush hands over all items that were added, and waits for that or until the context ends.
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

// Shutdown hands over all items that were added and stops. Later calls wait for the first.
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
