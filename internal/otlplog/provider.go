// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlplog makes OTLP requests of log records: each is encoded when it is written, by
// the goroutine that logs, and appended to the request that it will be sent in. The SDK copies
// a record into a queue, out of it again into structs for the encoder, and encodes these: five
// times the work, and some thirty allocations.
package otlplog

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/attrkey"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// Config says what becomes of records. Put is the only field that has no default.
type Config struct {
	// Resource is whose records they are.
	Resource *resource.Resource
	// Put takes a request with its records, and keeps none of it. It is called by one
	// goroutine at a time, never one that logs.
	Put func(request []byte, records int) error
	// Lost is told of records for which there was no room.
	Lost func(records int)
	// Interval is for how long a record waits at the most; 0 is a second.
	Interval time.Duration
	// Batch is how many make a request, and Size how many wait at the most; 0 is 1,024 and
	// 16,384.
	Batch, Size int
}

const (
	defaultInterval = time.Second
	defaultBatch    = 1024
	defaultSize     = 16 << 10
	// maxRequest is about how many bytes make a request: collectors take 4 MiB by gRPC.
	maxRequest = 2 << 20
	// maxWaiting bounds the bytes of what waits, whatever it is that is logged.
	maxWaiting = 64 << 20
)

// Provider is a [log.LoggerProvider]. It is safe for concurrent use, and after Shutdown its
// loggers do nothing.
type Provider struct {
	embedded.LoggerProvider

	cfg      Config
	resource []byte // As it is in each request.
	schema   []byte // Likewise.
	keys     attrkey.Table

	mu      sync.Mutex
	growing *batch
	full    []*batch
	spare   *batch // Empty, or nil.
	room    room
	records int // All that wait, those included that are being handed over.
	bytes   int
	closed  bool

	filled  chan struct{} // Something is full.
	flushes chan chan struct{}
	closing chan struct{}
	ended   chan struct{}
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider, which is to be shut down.
func New(cfg Config) *Provider {
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.Size <= 0 {
		cfg.Size = defaultSize
	}
	if cfg.Batch <= 0 {
		cfg.Batch = min(defaultBatch, cfg.Size)
	}
	p := &Provider{
		cfg: cfg, growing: &batch{}, filled: make(chan struct{}, 1), flushes: make(chan chan struct{}),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	p.resource, p.schema = encodeResource(cfg.Resource)
	go p.run()
	return p
}

// Logger returns a logger of a scope.
func (p *Provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	return &logger{provider: p, scope: newScope(name, log.NewLoggerConfig(opts...))}
}

type logger struct {
	embedded.Logger

	provider *Provider
	scope    scope
}

var (
	_ log.Logger       = (*logger)(nil)
	_ logrecord.Writer = (*logger)(nil)
)

// Enabled is true: whoever holds the logger has decided by level.
func (l *logger) Enabled(context.Context, log.EnabledParameters) bool { return true }

// Emit encodes the record. What there is to say of an error must be among its attributes.
func (l *logger) Emit(ctx context.Context, record log.Record) {
	r := logrecord.New(&l.provider.keys)
	r.Read(&record)
	r.Span = trace.SpanContextFromContext(ctx)
	l.WriteRecord(ctx, r)
	r.Free()
}

// WriteRecord encodes the record. It waits for nobody: what there is no room for is lost, and
// counted.
func (l *logger) WriteRecord(_ context.Context, r *logrecord.Record) {
	r.Scratch = appendRecord(r.Scratch[:0], r)
	if !l.provider.add(&l.scope, r.Scratch) && l.provider.cfg.Lost != nil {
		l.provider.cfg.Lost(1)
	}
}

// add reports whether there was room. After Shutdown nobody asks.
func (p *Provider) add(s *scope, record []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return true
	}
	if p.records >= p.cfg.Size || p.bytes+len(record) > maxWaiting {
		return false
	}
	p.growing.add(s, record, &p.room)
	p.records++
	p.bytes += len(record)
	if p.growing.records >= p.cfg.Batch || p.growing.bytes >= maxRequest {
		p.full = append(p.full, p.growing)
		p.growing = p.fresh()
		select {
		case p.filled <- struct{}{}:
		default:
		}
	}
	return true
}

// run hands requests over until the provider is shut down.
func (p *Provider) run() {
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
			p.room.rest()
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
func (p *Provider) handOver(request []byte, all bool) []byte {
	for {
		b := p.take(all)
		if b == nil {
			return request
		}
		request = b.appendRequest(request[:0], p.resource, p.schema)
		// What the spool does not take it counts.
		_ = p.cfg.Put(request, b.records)
		p.mu.Lock()
		p.records -= b.records
		p.bytes -= b.bytes
		b.reset(&p.room)
		p.spare = b
		p.mu.Unlock()
	}
}

func (p *Provider) take(all bool) *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.full) > 0 {
		b := p.full[0]
		p.full = append(p.full[:0], p.full[1:]...)
		return b
	}
	if b := p.growing; all && b.records > 0 {
		p.growing = p.fresh()
		return b
	}
	return nil
}

// fresh returns an empty batch. The mutex is held.
func (p *Provider) fresh() *batch {
	b := p.spare
	p.spare = nil
	if b == nil {
		b = &batch{}
	}
	return b
}

// ForceFlush returns when all that was written has been handed over, or the context ends.
func (p *Provider) ForceFlush(ctx context.Context) error {
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
func (p *Provider) Shutdown(ctx context.Context) error {
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
