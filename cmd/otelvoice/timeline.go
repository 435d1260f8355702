// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/timeline"
)

func newTimeline() *cobra.Command {
	c := &cobra.Command{
		Use:   "timeline ID [FILE...]",
		Short: "Draw one call",
		Long: "Draws a call: a line for each turn with a bar of the segments of its response latency, and its stages below.\n" +
			"ID is that of a correlation, session, trace, turn or span, of a request as the provider names it, or of the\n" +
			"telephone call. All calls that have it are drawn.\n\n" + filesHelp,
		Example: `otelvoice timeline sess_f5e6d7c8b9a0 agent.jsonl
otelvoice timeline --json 550e8400-e29b-41d4-a716-446655440000 traces.json > call.json`,
		Args: arguments(cobra.MinimumNArgs(1)),
	}
	asJSON := c.Flags().Bool("json", false, "print the document of the call in JSON")
	c.RunE = func(c *cobra.Command, args []string) error {
		id, found := args[0], []*call.Call{}
		err := readCalls(c, args[1:], func(document *call.Call) {
			if document.Known(id) {
				found = append(found, document)
			}
		})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("no call has the ID %s; otelvoice calls lists them", terminal.Clean(id, 100))
		}
		for i, document := range found {
			if *asJSON {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetEscapeHTML(false)
				out.SetIndent("", "  ")
				if err := out.Encode(document); err != nil {
					return err
				}
				continue
			}
			if i > 0 {
				fmt.Fprintln(c.OutOrStdout())
			}
			if err := timeline.Write(c.OutOrStdout(), document, screen(c)); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}
