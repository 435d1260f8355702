// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"io"
	"os"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// Options are the options of a [Provider]. The zero value is the default.
type Options struct {
	// ProcessID is the field process_id; 0 means this process.
	ProcessID int

	// MaxMessageBytes is the limit of a message, a string value and a key each; 0 or less means
	// 64 KiB. A longer text is cut at a rune boundary and ends in "…(+N bytes)", unless the note
	// would be longer than the rest.
	MaxMessageBytes int

	// OnError is called with the first error of a series of failed writes: once when a disk is
	// full, and again if it fails after it had recovered. It is called for each record that
	// cannot be encoded because a method of its context or its error panics. It runs on the
	// goroutine that logs, and may log itself. [Provider.Dropped] counts with and without it.
	OnError func(error)
}

// Provider is a [log.LoggerProvider] whose loggers write JSON lines. It is safe for concurrent use.
// It does not buffer, so it needs neither flush nor shutdown. Close the writer after the last record.
type Provider struct {
	embedded.LoggerProvider

	processID string // The field of a line.
	maxText   int
	keys      logrecord.KeyCache
	writer    *logline.Writer
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider that writes to w. Each line is one call of Write, and calls do not overlap.
// If w has a method WriteLine as [syslog.Writer] does, that is called instead. Neither may log through
// the provider. Nil options are the defaults.
//
// [syslog.Writer]: https://pkg.go.dev/github.com/voice-agents/telemetry/exporters/syslog#Writer
func New(w io.Writer, opts *Options) *Provider {
	if opts == nil {
		opts = &Options{}
	}
	p := &Provider{maxText: opts.MaxMessageBytes}
	if p.maxText <= 0 {
		p.maxText = logline.DefaultMaxText
	}
	pid := opts.ProcessID
	if pid == 0 {
		pid = os.Getpid()
	}
	p.processID = string(logline.AppendInt([]byte(`,"process_id":`), int64(pid)))
	p.writer = logline.NewWriter("jsonlog", w, pid, opts.OnError)
	return p
}

// Dropped returns the number of lines that could not be written.
func (p *Provider) Dropped() uint64 { return p.writer.Dropped() }
