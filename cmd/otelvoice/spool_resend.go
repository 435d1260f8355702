// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/settings"
	buffer "github.com/voice-agents/telemetry/internal/spool"
)

func newSpoolResend() *cobra.Command {
	c := &cobra.Command{
		Use:   "resend DIR",
		Short: "Send the dead letters again",
		Long: "Sends the dead letters of a directory again, and deletes those that the collector accepts. It may be repeated\n" +
			"at any time: no accepted letter is sent twice.\n\n" + spoolHelp,
		Example: "otelvoice spool resend --endpoint http://localhost:4318 /var/spool/agent",
		Args:    oneDirectory,
	}
	flags := c.Flags()
	endpoint := flags.String("endpoint", "", "`URL` of the collector, as in OTEL_EXPORTER_OTLP_ENDPOINT; by default the OTEL_EXPORTER_OTLP_* variables apply")
	protocol := flags.String("protocol", "", "http/protobuf or grpc, as in OTEL_EXPORTER_OTLP_PROTOCOL")
	var headers []string
	flags.Func("header", "a header as `KEY=VALUE`; may be repeated. Other users of the machine can read flags: pass a secret in OTEL_EXPORTER_OTLP_HEADERS", func(s string) error {
		key, value, ok := strings.Cut(s, "=")
		if !ok || key == "" {
			return errors.New("want KEY=VALUE")
		}
		headers = append(headers, key+"="+url.PathEscape(value))
		return nil
	})
	c.RunE = action(func(c *cobra.Command, args []string) int {
		return runSpoolResend(c.Context(), args[0], *endpoint, *protocol, headers, c.OutOrStdout(), c.ErrOrStderr())
	})
	return c
}

// runSpoolResend sends the dead letters of a directory again. Letters that the collector accepts are deleted.
// If it rejects any again, they stay, and the exit code is 1.
func runSpoolResend(ctx context.Context, dir, endpoint, protocol string, headers []string, stdout, stderr io.Writer) int {
	code := exitOK
	overrides := map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "otlp", "OTEL_LOGS_EXPORTER": "otlp"}
	for name, value := range map[string]string{"ENDPOINT": endpoint, "PROTOCOL": protocol, "HEADERS": strings.Join(headers, ",")} {
		if value == "" {
			continue
		}
		for _, of := range []string{"TRACES_", "METRICS_", "LOGS_"} {
			overrides["OTEL_EXPORTER_OTLP_"+of+name] = "" // Unset it: the flag applies to all signals.
		}
		overrides["OTEL_EXPORTER_OTLP_"+name] = value
	}
	reader := settings.NewReader(func(name string) (string, bool) {
		if value, ok := overrides[name]; ok {
			return value, value != ""
		}
		return os.LookupEnv(name)
	})
	cfg := export.FromEnv(reader)
	if err := reader.Err(); err != nil {
		fmt.Fprintf(stderr, "otelvoice spool resend: %v\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	done, err := spool.ResendDeadLetters(ctx, dir, func(s spool.Signal) (spool.Endpoint, error) {
		of := map[spool.Signal]*export.Collector{spool.Traces: cfg.Traces.OTLP, spool.Metrics: cfg.Metrics.OTLP, spool.Logs: cfg.Logs.OTLP}[s]
		if of == nil || of.Endpoint == "" {
			return spool.Endpoint{}, errors.New("not set: use -endpoint or OTEL_EXPORTER_OTLP_ENDPOINT")
		}
		to, err := of.SpoolEndpoint(buffer.Signal(s))
		return spool.Endpoint(to), err
	})
	fmt.Fprintf(stdout, "sent %d dead letters with %d items again\n", done.Letters, done.Items)
	if done.Refused > 0 {
		fmt.Fprintf(stderr, "otelvoice spool resend: collector rejected %d dead letters again, keeping them: %s\n", done.Refused, done.RefusedReason)
		code = exitFail
	}
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice spool resend: %v\n", err)
		code = exitFail
	}
	return code
}
