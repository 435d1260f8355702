// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"fmt"
	"io"
	"os"
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
	"github.com/voice-agents/telemetry/internal/logconfig"
)

// newOutput opens one of the places that lines are written to.
func (s *Set) newOutput(cfg Config, settings logconfig.Config, output logconfig.Output, res *resource.Resource) (log.LoggerProvider, error) {
	lines := newLines{set: s, name: output.Name, format: output.Format, res: res}
	lines.onError = func(err error) {
		// The log itself is the one place where nobody could read it.
		fmt.Fprintf(os.Stderr, "otelvoice: log lines for the %s are lost and counted: %v\n", output.Name, err)
	}
	switch output.Name {
	case logconfig.File:
		file, err := logfile.Open(settings.File, &logfile.Options{
			MaxSize: settings.MaxFileSize, Backups: settings.BackupCount, Compress: settings.CompressBackups,
			Buffer: settings.FileBuffer, FlushInterval: settings.FileFlushInterval,
		})
		if err != nil {
			return nil, err
		}
		file.ReopenOnHangup()
		s.closers = append(s.closers, file)
		lines.onError = nil // The file tells of it, with the first line that was lost.
		provider, err := lines.to(file)
		if err != nil || settings.FileBuffer == 0 {
			return provider, err
		}
		s.signals = append(s.signals, flushedFile{file})
		told := s.Lost[output.Name]
		s.lost(output.Name, func() uint64 { return told() + file.LostLate() })
		return urgentProvider{LoggerProvider: provider, file: file}, nil
	case logconfig.Syslog:
		opts := syslog.Options{
			Address: settings.SyslogAddress, Facility: settings.SyslogFacility, AppName: s.Service, OnError: lines.onError,
		}
		if output.Format == logconfig.Text {
			opts.Format = func(line []byte) []byte { return textlog.Append(nil, line, textlog.Options{Location: time.UTC}) }
		}
		writer, err := syslog.NewWriter(opts)
		if err != nil {
			return nil, err
		}
		s.signals = append(s.signals, writer)
		provider := jsonlog.New(writer, nil)
		s.lost(output.Name, writer.Lost)
		return provider, nil
	default:
		w := cfg.Writer
		switch {
		case w != nil:
		case settings.Stderr:
			w = os.Stderr
		default:
			w = os.Stdout
		}
		lines.colors = settings.Colors == "true" || settings.Colors == "auto" && textlog.ColorsFor(w, cfg.Lookup)
		return lines.to(w)
	}
}

// newLines is what makes a provider that writes lines.
type newLines struct {
	set          *Set
	name, format string
	colors       bool
	onError      func(error)
	res          *resource.Resource
}

func (l newLines) to(w io.Writer) (log.LoggerProvider, error) {
	switch l.format {
	case logconfig.Text:
		w = textlog.NewWriter(w, &textlog.Options{Colors: l.colors})
	case logconfig.OTel:
		counted := &countedWriter{w: w}
		exporter, err := stdoutlog.New(stdoutlog.WithWriter(counted))
		if err != nil {
			return nil, err
		}
		l.set.lost(l.name, counted.lost.Load)
		// Lines must be out before a crash, so they are not batched.
		return newLoggerProvider(l.res, sdklog.NewSimpleProcessor(exporter)), nil
	}
	provider := jsonlog.New(w, &jsonlog.Options{OnError: l.onError})
	l.set.lost(l.name, provider.Dropped)
	return provider, nil
}

// lost remembers who counts the lines that an output could not write.
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
