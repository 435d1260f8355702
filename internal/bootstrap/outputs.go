// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/exporters/logfile"
	"github.com/voice-agents/telemetry/exporters/syslog"
	"github.com/voice-agents/telemetry/exporters/textlog"
	"github.com/voice-agents/telemetry/internal/bootstrap/urgent"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/output"
	"github.com/voice-agents/telemetry/internal/settings"
)

// newOutput opens one output of log lines.
func (s *Set) newOutput(cfg Config, logging settings.Config, o settings.Output, res *resource.Resource) (log.LoggerProvider, error) {
	lines := newLines{set: s, name: o.Name, format: o.Format, details: logging.TextDetails, res: res}
	lines.failed = func(err error) {
		s.stderr(fmt.Sprintf("otelvoice: log lines for the %s are lost and counted: %s\n", o.Name, s.Redactor.String(err.Error())))
	}
	switch o.Name {
	case settings.File:
		return s.newFile(logging, lines)
	case settings.Syslog:
		writer, err := syslog.NewWriter(syslog.Options{
			Address: logging.SyslogAddress, Facility: logging.SyslogFacility, AppName: s.Service, OnError: lines.failed,
		})
		if err != nil {
			return nil, err
		}
		s.signals = append(s.signals, writer)
		s.lost(o.Name, writer.Lost)
		if o.Format == settings.Text {
			return textlog.New(writer, &textlog.Options{Location: time.UTC, Details: logging.TextDetails}), nil
		}
		return jsonlog.New(writer, nil), nil
	default:
		w := cfg.Writer
		switch {
		case w != nil:
		case logging.Stderr:
			w = os.Stderr
		default:
			w = os.Stdout
		}
		if inMemory(w) {
			return lines.unguarded(w)
		}
		lines.colors = logging.Colors == "true" || logging.Colors == "auto" && textlog.ColorsFor(w, cfg.Lookup)
		return lines.to(output.New(w, lines.options(s)))
	}
}

// inMemory reports that a writer cannot block.
func inMemory(w io.Writer) bool {
	switch w.(type) {
	case *bytes.Buffer, *strings.Builder:
		return true
	}
	return w == io.Discard
}

// newFile opens the log file. Its disk may hang, and so may a pipe in its place.
func (s *Set) newFile(logging settings.Config, lines newLines) (log.LoggerProvider, error) {
	file, err := logfile.Open(logging.File, &logfile.Options{
		MaxSize: logging.MaxFileSize, Backups: logging.BackupCount, Compress: logging.CompressBackups,
		Buffer: logging.FileBuffer, FlushInterval: logging.FileFlushInterval, Fallback: fallback{s},
	})
	if err != nil {
		return nil, fmt.Errorf("LOG_FILE: %w", err)
	}
	file.ReopenOnHangup()
	s.closers = append(s.closers, file)
	lines.failed = nil // The file reports it, with the first lost line.
	opts := lines.options(s)
	lines.late = file.LostLate
	if logging.FileBuffer > 0 {
		opts.Buffer, opts.Interval, opts.Flush = logging.FileBuffer, logging.FileFlushInterval, file.Flush
	}
	out := output.NewRepairing(file, opts)
	provider, err := lines.to(out)
	if err != nil || logging.FileBuffer == 0 {
		return provider, err
	}
	return urgent.New(provider, out), nil
}

// newLines holds what a provider of log lines is created from.
type newLines struct {
	set          *Set
	name, format string
	colors       bool
	details      bool
	failed       func(error)
	late         func() uint64 // Lines that the target itself loses later; may be nil.
	res          *resource.Resource
}

// options are those of the output of the lines.
func (l newLines) options(s *Set) output.Options {
	return output.Options{Name: l.name, Failed: l.failed, Report: s.tell}
}

// to returns a provider whose lines an output guards.
func (l newLines) to(out *output.Writer) (log.LoggerProvider, error) {
	l.set.guardOutput(out)
	late := out.LostLate
	if l.late != nil {
		late = func() uint64 { return out.LostLate() + l.late() }
	}
	return l.provider(out, late)
}

// guardOutput adds an output to those that the set flushes and shuts down.
func (s *Set) guardOutput(out *output.Writer) {
	s.outputs = append(s.outputs, out)
	s.signals = append(s.signals, out)
}

// unguarded returns a provider for a writer that cannot block.
func (l newLines) unguarded(w io.Writer) (log.LoggerProvider, error) {
	return l.provider(w, func() uint64 { return 0 })
}

func (l newLines) provider(w io.Writer, late func() uint64) (log.LoggerProvider, error) {
	if l.format == settings.OTel {
		counted := &countedWriter{w: w}
		exporter, err := stdoutlog.New(stdoutlog.WithWriter(counted))
		if err != nil {
			return nil, err
		}
		l.set.lost(l.name, func() uint64 { return counted.lost.Load() + late() })
		// Lines must be written before a crash, so they are not batched.
		return newLoggerProvider(l.res, sdklog.NewSimpleProcessor(exporter)), nil
	}
	if l.format == settings.Text {
		provider := textlog.New(w, &textlog.Options{Colors: l.colors, Details: l.details, OnError: l.failed})
		l.set.lost(l.name, func() uint64 { return provider.Dropped() + late() })
		return provider, nil
	}
	provider := jsonlog.New(w, &jsonlog.Options{OnError: l.failed})
	l.set.lost(l.name, func() uint64 { return provider.Dropped() + late() })
	return provider, nil
}

// tell logs a status message of an output. The other outputs and the collector get
// the line at once; the output itself gets it when it accepts lines again.
func (s *Set) tell(level slog.Level, message string, attrs ...slog.Attr) {
	slog.New(logpipe.NewHandler(logpipe.TelemetryModule, "", s.Logs)).LogAttrs(context.Background(), level, "telemetry: "+message, attrs...)
}

// stderr writes a message that cannot go to the log. It does not block, and
// does not end a process whose standard error is closed.
func (s *Set) stderr(message string) {
	s.errors.Do(func() {
		s.standardError = output.New(os.Stderr, output.Options{Name: "standard error", MaxBytes: maxStderr})
	})
	_, _ = io.WriteString(s.standardError, message) // A failure cannot be reported anywhere else.
}

// maxStderr bounds the messages that wait for a standard error that is not read.
const maxStderr = 64 << 10

// fallback is the standard error for the lines of a log file.
type fallback struct{ set *Set }

func (f fallback) Write(p []byte) (int, error) {
	f.set.stderr(string(p))
	return len(p), nil
}

// lost registers the counter of the lines that an output could not write.
func (s *Set) lost(output string, count func() uint64) {
	if s.Lost == nil {
		s.Lost = make(map[string]func() uint64)
	}
	s.Lost[output] = count
}

// countedWriter counts the writes that fail.
type countedWriter struct {
	w    io.Writer
	lost atomic.Uint64
}

func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil {
		c.lost.Add(1)
	}
	return n, err
}
