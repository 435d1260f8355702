// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/output"
)

// Options are the options of a [Provider]. The zero value is the default.
type Options struct {
	// ProcessID is written as process_id; 0 means this process's.
	ProcessID int

	// MaxMessageBytes bounds a message, a string value and a key each; 0 or less
	// means 64 KiB. A longer text is cut at a rune boundary and ends in
	// "…(+N bytes)"; one that is over by less than that note takes is kept.
	MaxMessageBytes int

	// OnError is told of the first failed write of a row of failures: once when
	// a disk fills up, again after it had recovered. It is called by the
	// goroutine that logs, and may itself log; a context that panics is told each
	// time. Nil means that nobody is told, and [Provider.Dropped] still counts.
	OnError func(error)
}

const defaultMaxMessageBytes = 64 << 10

// Provider is a [log.LoggerProvider] whose loggers write JSON lines. It is safe
// for concurrent use. It holds nothing back, so it needs neither flush nor
// shutdown: close the writer when nobody logs any more.
type Provider struct {
	embedded.LoggerProvider

	processID string // As it is written in a line.
	maxText   int
	onError   func(error)
	dropped   atomic.Uint64
	keys      logrecord.KeyCache
	failing   atomic.Bool    // The last write failed.
	queued    *output.Writer // In place of w, if w is one: it orders and repairs lines itself.

	mu   sync.Mutex // Guards what follows.
	w    io.Writer
	torn bool // The last byte written was not the end of a line.
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider that writes to w. Each line is one call of Write, and
// calls do not overlap; w must not log through the provider itself. A nil opts
// means the default options.
func New(w io.Writer, opts *Options) *Provider {
	if opts == nil {
		opts = &Options{}
	}
	p := &Provider{w: w, maxText: opts.MaxMessageBytes, onError: opts.OnError}
	p.queued, _ = w.(*output.Writer)
	if p.maxText <= 0 {
		p.maxText = defaultMaxMessageBytes
	}
	pid := opts.ProcessID
	if pid == 0 {
		pid = os.Getpid()
	}
	p.processID = string(jsonenc.AppendInt([]byte(`,"process_id":`), int64(pid)))
	return p
}

// Dropped returns how many lines could not be written so far.
func (p *Provider) Dropped() uint64 { return p.dropped.Load() }

// write writes what newLine made. A write that failed may have left half a line
// behind. The next line then begins with a line end, so that one is lost to the
// reader and not two.
func (p *Provider) write(line []byte) {
	var err error
	if p.queued != nil {
		_, err = p.queued.Write(line[1:])
	} else {
		err = p.attempt(line)
	}
	switch {
	case err != nil:
		p.drop(!p.failing.Swap(true), err)
	case p.failing.Load():
		p.failing.Store(false)
	}
}

// attempt writes a line while no other is written.
func (p *Provider) attempt(line []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.torn {
		line = line[1:]
	}
	n, err := p.call(line)
	if 0 < n && n <= len(line) {
		p.torn = line[n-1] != '\n'
	}
	return err
}

// call is one call of the writer, which may be anybody's and is not trusted.
func (p *Provider) call(line []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("jsonlog: write: panic: %v", r)
		}
	}()
	n, err = p.w.Write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	if err != nil {
		err = fmt.Errorf("jsonlog: write: %w", err)
	}
	return n, err
}

func (p *Provider) drop(report bool, err error) {
	p.dropped.Add(1)
	if !report || p.onError == nil {
		return
	}
	defer func() { _ = recover() }() // Telling of a failure must not be one.
	p.onError(err)
}
