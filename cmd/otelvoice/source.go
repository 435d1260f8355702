// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	otelsignal "github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

// filesHelp says what the commands read.
const filesHelp = `FILE is JSON log lines, OTLP as the Collector's file exporter writes it or as a person formats it, spans of
OpenTelemetry's console exporters of Go and Python, or a trace of Jaeger or Tempo, also mixed with text. All of
these may be compressed with gzip or zstd, or in UTF-16. FILE may also be a segment or the directory of a spool.
Without a file, or with -, it is standard input.

` + exitCodes

// maxSignals bounds the spans and records that are held until their call has ended.
const maxSignals = 100_000

// errNoSignals is returned for files without telemetry.
var errNoSignals = errors.New("there are no spans and no log lines")

var errNoFile = errors.New("no file given, and standard input is a terminal")

// readFiles reads files, or standard input if there are none, until it is interrupted.
func readFiles(c *cobra.Command, files []string, each func(*otelsignal.Batch) error) error {
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	if len(files) == 0 {
		if terminal.IsTerminal(c.InOrStdin()) {
			return usageError{errNoFile}
		}
		files = []string{"-"}
	}
	_, err := readSignals(ctx, c, files, each)
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	return err
}

// readSignals reads files, and says on standard error how far it is and what it could not read. It returns errNoSignals
// for files without telemetry.
func readSignals(ctx context.Context, c *cobra.Command, files []string, each func(*otelsignal.Batch) error) (*telemetryfile.Reader, error) {
	r := &telemetryfile.Reader{Each: each, Stdin: c.InOrStdin()}
	shown := progress(r, c.ErrOrStderr())
	defer shown()
	for _, name := range files {
		if err := r.Read(ctx, name); err != nil {
			return r, err
		}
	}
	shown()
	if r.Broken > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%s: %d of %d lines are broken and were skipped, the first is %s\n",
			c.CommandPath(), r.Broken, r.Lines, terminal.Clean(r.FirstBroken, 200))
	}
	sayCut(c, r)
	if r.Spans+r.Records == 0 {
		return r, fmt.Errorf("%w in %d lines", errNoSignals, r.Lines)
	}
	return r, nil
}

// sayCut says on standard error which compressed files were not read to their end.
func sayCut(c *cobra.Command, r *telemetryfile.Reader) {
	for _, name := range r.Short {
		fmt.Fprintf(c.ErrOrStderr(), "%s: the compressed data of %s end early; what is before was read\n", c.CommandPath(), terminal.Clean(name, 200))
	}
	for _, what := range r.Damaged {
		fmt.Fprintf(c.ErrOrStderr(), "%s: the compressed data are damaged; what is before was read: %s\n", c.CommandPath(), terminal.Clean(what, 300))
	}
}

// progress shows on a terminal how much of a file was read. The function that it returns clears the line.
func progress(r *telemetryfile.Reader, stderr io.Writer) (done func()) {
	if !terminal.IsTerminal(stderr) {
		return func() {}
	}
	const every = 200 * time.Millisecond
	last := time.Now() // What is read at once shows nothing.
	shown := false
	r.Progress = func(name string, read, size int64) {
		if time.Since(last) < every {
			return
		}
		last, shown = time.Now(), true
		text := fmt.Sprintf("%s: %d MB", terminal.Clean(name, 40), read>>20)
		if size > 0 {
			text += fmt.Sprintf(" of %d MB, %d %%", size>>20, 100*read/size)
		}
		fmt.Fprintf(stderr, "\r\x1b[K%s", text)
	}
	return func() {
		if shown {
			fmt.Fprint(stderr, "\r\x1b[K")
		}
	}
}

// readCalls reads the calls in files, in bounded memory: of more calls than it can hold, those that have ended are
// given first, so that the order is not that of the start.
func readCalls(c *cobra.Command, files []string, each func(*call.Call)) error {
	b := call.Builder{Limit: maxSignals, Ended: each}
	err := readFiles(c, files, func(batch *otelsignal.Batch) error {
		b.Add(batch)
		return nil
	})
	if err != nil {
		return err
	}
	for _, document := range b.Flush() {
		each(document)
	}
	if b.Stray > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%s: %d spans and lines are of no call and were left out\n", c.CommandPath(), b.Stray)
	}
	if b.Late > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%s: %d spans and lines came long after their call had ended and were left out\n", c.CommandPath(), b.Late)
	}
	return nil
}

// selection selects calls of a file. Its zero value selects all.
type selection struct {
	version      string // Of the agent.
	since, until time.Time
}

func (s *selection) has(document *call.Call) bool {
	return (s.version == "" || s.version == document.Agent.KnownVersion()) && !document.Start.Before(s.since) &&
		(s.until.IsZero() || document.Start.Before(s.until))
}

// readSample reads the latencies of the calls in a file that are selected.
func readSample(c *cobra.Command, file string, of selection, s *latency.Sample) error {
	found := 0
	err := readCalls(c, []string{file}, func(document *call.Call) {
		if of.has(document) {
			found++
			s.AddCall(document)
		}
	})
	switch {
	case err != nil || s.Clusters() > 0:
		return err
	case found == 0 && of != (selection{}):
		return fmt.Errorf("%s has no call of that version and period", file)
	}
	return fmt.Errorf("%s has no turn with a latency", file)
}
