// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/tail"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

// pollInterval is how often a file is looked at for more.
const pollInterval = 200 * time.Millisecond

func newTail() *cobra.Command {
	c := &cobra.Command{
		Use:   "tail [FILE]",
		Short: "Follow the lines of a running agent",
		Long: "Prints the JSON log lines of a running agent as a person wants to see them: a turn on one line, with a bar of the\n" +
			"segments of its response latency, of which 2 seconds fill the bar. Other lines pass through. A file is followed\n" +
			"until the command is interrupted, also when it is rotated. Without a file, standard input is read to its end.\n\n" + exitCodes,
		Example: `go run ./agent | otelvoice tail
otelvoice tail --lines 50 /var/log/agent.jsonl`,
		Args: arguments(cobra.MaximumNArgs(1)),
	}
	lines := c.Flags().IntP("lines", "n", 100, "how many of the file's last lines are printed first")
	stages := c.Flags().Bool("stages", false, "print each stage too, and not only those that failed")
	once := c.Flags().Bool("no-follow", false, "end at the end of the file, and print all of its lines")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := within("lines", int64(*lines), 0, math.MaxInt32); err != nil {
			return usageError{err}
		}
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
		defer stop()
		p := tail.Printer{Out: c.OutOrStdout(), Screen: screen(c), Stages: *stages}
		if len(args) == 0 || args[0] == "-" {
			if terminal.IsTerminal(c.InOrStdin()) {
				return usageError{errNoFile}
			}
			return tailOnce(ctx, c, "stdin", c.InOrStdin(), p.Line)
		}
		info, err := os.Stat(args[0])
		if err != nil {
			return err
		}
		if *once || !info.Mode().IsRegular() && !info.IsDir() { // A pipe is read to its end.
			return tailOnce(ctx, c, args[0], &telemetryfile.Stream{Name: args[0]}, p.Line)
		}
		ticker := time.NewTicker(pollInterval)
		defer ticker.Stop()
		return tail.Follow(ctx, args[0], *lines, ticker.C, p.Line)
	}
	return c
}

// tailOnce prints the lines of a stream, which may be compressed.
func tailOnce(ctx context.Context, c *cobra.Command, name string, in io.Reader, each func([]byte) error) error {
	in, stop := telemetryfile.Interruptible(ctx, in)
	defer stop()
	var r telemetryfile.Reader
	plain, done, err := r.Plain(name, in)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer done()
	if err := tail.Lines(ctx, plain, each); err != nil && ctx.Err() == nil {
		return err
	}
	sayCut(c, &r)
	return nil
}
