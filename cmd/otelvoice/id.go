// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voice-agents/telemetry/otelvoice"
)

// runID prints the trace ID of each correlation ID: alone for one ID, after the ID for several, and as a
// JSON object for each with -json.
func runID(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("id", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print a JSON object for each ID")
	flags.Usage = func() { fmt.Fprintln(stderr, "usage: otelvoice id [-json] ID...") }
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "otelvoice id: no ID given\ntry: otelvoice id 550e8400-e29b-41d4-a716-446655440000")
		return exitUsage
	}
	code := exitOK
	for _, id := range flags.Args() {
		tid, ok := otelvoice.TraceIDFor(id)
		switch {
		case !ok:
			fmt.Fprintf(stderr, "otelvoice id: %q is not a correlation ID: want at most 128 of [A-Za-z0-9._:-]\n"+
				"try: otelvoice id 550e8400-e29b-41d4-a716-446655440000\n", id)
			code = exitFail
		case *asJSON:
			// The strings always encode. A write to a closed stdout may fail.
			_ = json.NewEncoder(stdout).Encode(struct {
				CorrelationID string `json:"correlation_id"`
				TraceID       string `json:"trace_id"`
			}{id, tid.String()})
		case flags.NArg() == 1:
			fmt.Fprintln(stdout, tid)
		default:
			fmt.Fprintf(stdout, "%s %s\n", id, tid)
		}
	}
	return code
}
