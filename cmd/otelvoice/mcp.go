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
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/assistant"
	otelsignal "github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/view"
	"github.com/voice-agents/telemetry/otelvoice"
)

func newMCP() *cobra.Command {
	c := &cobra.Command{
		Use:   "mcp [FILE...]",
		Short: "Answer the questions of an assistant about calls",
		Long: `Speaks the Model Context Protocol on standard input and output: an assistant lists calls, has one explained, asks
for percentiles, and compares versions. It asks the viewer that runs (otelvoice view), or reads files. It changes
nothing. What it answers goes to the assistant, and with it what was recorded of the calls.

` + exitCodes,
		Example: `otelvoice mcp
otelvoice mcp agent.jsonl
otelvoice mcp -viewer http://localhost:8686`,
	}
	viewer := assistant.Viewer{}
	flags := c.Flags()
	flags.StringVar(&viewer.URL, "viewer", "http://localhost:8686", "the `URL` of the viewer")
	flags.StringVar(&viewer.Token, "token", "", "the token of the viewer; else the variable "+tokenVariable)
	c.RunE = func(c *cobra.Command, files []string) error {
		if slices.Contains(files, "-") {
			return usageError{errors.New("standard input has the assistant's questions, and is no file")}
		}
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		if viewer.Token == "" {
			viewer.Token = os.Getenv(tokenVariable)
		}
		if len(files) == 0 {
			sayAddress(c, viewer.URL)
			return answerQuestions(ctx, c, &viewer)
		}
		return askFiles(ctx, c, files)
	}
	return c
}

// askFiles answers with the calls in files.
func askFiles(ctx context.Context, c *cobra.Command, files []string) error {
	if err := exist(files); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, listed, done := make(chan string, 1), make(chan struct{}), make(chan error, 1)
	cfg := view.Config{
		Address: "127.0.0.1:0", Slow: defaultBudget, Version: otelvoice.Version,
		Ready: func(a view.Addresses) {
			sayAddress(c, "http://"+a.Pages) // Before files are read: reading writes to standard error, too.
			ready <- a.Pages
		},
		Listed: func() { close(listed) },
		Read: func(ctx context.Context, add func(context.Context, *otelsignal.Batch) error) error {
			return viewFiles(ctx, c, files, add)
		},
	}
	go func() {
		err := view.Run(ctx, &cfg, c.ErrOrStderr())
		stop() // Without the viewer there are no answers.
		done <- err
	}()
	select {
	case address := <-ready:
		err := answerQuestions(ctx, c, &assistant.Viewer{URL: "http://" + address, Ready: listed})
		stop()
		if failure := <-done; err == nil {
			err = failure
		}
		return err
	case err := <-done:
		return err
	}
}

func sayAddress(c *cobra.Command, url string) {
	fmt.Fprintf(c.ErrOrStderr(), "answers from %s\n", url)
}

func answerQuestions(ctx context.Context, c *cobra.Command, viewer *assistant.Viewer) error {
	in, ok := c.InOrStdin().(io.ReadCloser)
	if !ok {
		in = io.NopCloser(c.InOrStdin())
	}
	err := assistant.New(viewer, otelvoice.Version).Run(ctx, assistant.Lines(in, c.OutOrStdout()))
	if ctx.Err() != nil {
		return nil //nolint:nilerr // The user ended it.
	}
	return err
}
