// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/otelvoice"
)

func newID() *cobra.Command {
	c := &cobra.Command{
		Use:   "id ID...",
		Short: "Print the trace ID of a correlation ID",
		Long:  "Prints the trace ID of each correlation ID.",
		Example: `otelvoice id 550e8400-e29b-41d4-a716-446655440000
otelvoice id --json order-42`,
	}
	asJSON := c.Flags().Bool("json", false, "print a JSON object for each ID")
	c.RunE = action(func(c *cobra.Command, args []string) int {
		return runID(args, *asJSON, c.OutOrStdout(), c.ErrOrStderr())
	})
	return c
}

// runID prints the trace ID of each correlation ID: alone for one ID, after the ID for several, and as a
// JSON object for each with asJSON.
func runID(ids []string, asJSON bool, stdout, stderr io.Writer) int {
	if len(ids) == 0 {
		fmt.Fprintln(stderr, "otelvoice id: no ID given\ntry: otelvoice id 550e8400-e29b-41d4-a716-446655440000")
		return exitUsage
	}
	code := exitOK
	for _, id := range ids {
		tid, ok := otelvoice.TraceIDFor(id)
		switch {
		case !ok:
			fmt.Fprintf(stderr, "otelvoice id: %q is not a correlation ID: want at most 128 of [A-Za-z0-9._:-]\n"+
				"try: otelvoice id 550e8400-e29b-41d4-a716-446655440000\n", id)
			code = exitFail
		case asJSON:
			// The strings always encode. The output keeps the error of a write.
			_ = json.NewEncoder(stdout).Encode(struct {
				CorrelationID string `json:"correlation_id"`
				TraceID       string `json:"trace_id"`
			}{id, tid.String()})
		case len(ids) == 1:
			fmt.Fprintln(stdout, tid)
		default:
			fmt.Fprintf(stdout, "%s %s\n", id, tid)
		}
	}
	return code
}
