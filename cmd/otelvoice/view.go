// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	otelsignal "github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/ui"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/view"
	"github.com/voice-agents/telemetry/otelvoice"
)

// tokenVariable has the token, so that it need not be on the command line.
const tokenVariable = "OTELVOICE_VIEW_TOKEN" // #nosec G101 -- the name of a variable.

func newView() *cobra.Command {
	c := &cobra.Command{
		Use:   "view [FILE...]",
		Short: "Show calls in the browser, while they go on",
		Long: `Receives telemetry by OTLP and shows the calls at http://localhost:8686. With files, it shows the calls in
them, and receives nothing. Nothing leaves this machine. An agent sends to the viewer with
OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318.

FILE is what the other commands read, such as JSON log lines or OTLP in JSON: see otelvoice calls --help; - is
standard input.

` + exitCodes,
		Example: `otelvoice view
otelvoice view agent.jsonl traces.json.gz
otelvoice view -db calls.db -keep 168h -recordings /var/calls`,
	}
	cfg := view.Config{Version: otelvoice.Version, Pages: ui.Handler(), Page: ui.Page}
	flags := c.Flags()
	host := flags.String("host", "127.0.0.1", "the `ADDRESS` of the pages and of the receivers; one that other machines reach needs a token")
	port := flags.Int("port", 8686, "the `PORT` of the pages; 0 is any")
	overHTTP := flags.Int("otlp-http", 4318, "the `PORT` of OTLP over HTTP; 0 is any, -1 is none")
	overGRPC := flags.Int("otlp-grpc", 4317, "the `PORT` of OTLP over gRPC; 0 is any, -1 is none")
	flags.StringVar(&cfg.Token, "token", "", "what those who are not on this machine must know; else the variable "+tokenVariable)
	flags.StringVar(&cfg.Database, "db", "", "keep the calls in this `FILE`, a database of SQLite; else in memory")
	flags.DurationVar(&cfg.Limits.Age, "keep", 30*24*time.Hour, "forget calls of which nothing came for this `TIME`")
	flags.IntVar(&cfg.Limits.Sessions, "max-calls", 20_000, "keep so many calls, the newest")
	megabytes := flags.Int64("max-megabytes", 512, "keep the newest calls in about so much memory, or in a file of about this size with -db")
	flags.DurationVar(&cfg.Slow, "budget", defaultBudget, "when a turn without a latency budget of its own is slow")
	flags.StringVar(&cfg.Recordings, "recordings", "", "play the recordings of this `DIR`, or of a URL with file, http or https; they have the names that the calls' URIs end with")
	c.RunE = func(c *cobra.Command, files []string) error {
		for _, wrong := range []error{
			within("port", int64(*port), 0, maxPort), within("otlp-http", int64(*overHTTP), -1, maxPort), within("otlp-grpc", int64(*overGRPC), -1, maxPort),
			within("max-calls", int64(cfg.Limits.Sessions), 1, math.MaxInt32), within("max-megabytes", *megabytes, 1, maxMegabytes),
			positive("keep", cfg.Limits.Age), positive("budget", cfg.Slow),
		} {
			if wrong != nil {
				return usageError{wrong}
			}
		}
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		cfg.Limits.Bytes = *megabytes << 20
		if cfg.Token == "" {
			cfg.Token = os.Getenv(tokenVariable)
		}
		cfg.Address = net.JoinHostPort(*host, strconv.Itoa(*port))
		for _, receiver := range []struct {
			port int
			to   *string
		}{{*overHTTP, &cfg.OTLPHTTP}, {*overGRPC, &cfg.OTLPGRPC}} {
			if receiver.port >= 0 && len(files) == 0 {
				*receiver.to = net.JoinHostPort(*host, strconv.Itoa(receiver.port))
			}
		}
		if err := exist(files); err != nil {
			return err
		}
		if len(files) > 0 {
			cfg.Read = func(ctx context.Context, add func(context.Context, *otelsignal.Batch) error) error {
				return viewFiles(ctx, c, files, add)
			}
		}
		cfg.Ready = func(a view.Addresses) {
			fmt.Fprintf(c.OutOrStdout(), "the calls are at http://%s\n", local(a.Pages))
			if a.OTLPHTTP != "" {
				fmt.Fprintf(c.OutOrStdout(), "agents send to OTEL_EXPORTER_OTLP_ENDPOINT=http://%s\n", local(a.OTLPHTTP))
			}
		}
		err := view.Run(ctx, &cfg, c.ErrOrStderr())
		if errors.Is(err, view.ErrExposed) {
			return usageError{err}
		}
		return err
	}
	return c
}

// The greatest values of flags.
const (
	maxPort      = 65_535
	maxMegabytes = 100_000_000
)

// within returns an error for a flag whose value is out of its bounds.
func within(flag string, value, least, most int64) error {
	if value < least || value > most {
		return fmt.Errorf("--%s is %d, want %d to %d", flag, value, least, most)
	}
	return nil
}

// positive returns an error for a flag whose duration is 0 or less.
func positive(flag string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("--%s is %s, want more than 0", flag, d)
	}
	return nil
}

// exist returns an error for a file that cannot be read, before pages without calls are shown.
func exist(files []string) error {
	for _, name := range files {
		if name == "-" {
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() && !info.IsDir() {
			continue // A pipe waits until a program writes to it.
		}
		f, err := os.Open(name) // #nosec G304 -- the user names it.
		if err != nil {
			return err
		}
		_ = f.Close()
	}
	return nil
}

// local returns an address as people write it.
func local(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "127.0.0.1" {
		return "localhost:" + port
	}
	return address
}

// viewFiles reads files into the store.
func viewFiles(ctx context.Context, c *cobra.Command, files []string, add func(context.Context, *otelsignal.Batch) error) error {
	r, err := readSignals(ctx, c, files, func(batch *otelsignal.Batch) error { return add(ctx, batch) })
	if err == nil {
		fmt.Fprintf(c.ErrOrStderr(), "read %d spans and %d log lines\n", r.Spans, r.Records)
	}
	return err
}
