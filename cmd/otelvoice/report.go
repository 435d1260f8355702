// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/report"
)

func newReport() *cobra.Command {
	c := &cobra.Command{
		Use:   "report [FILE...]",
		Short: "Print percentiles, outcomes and cost",
		Long: "Prints percentiles of the response latency and of each of its segments, by agent version, channel and model,\n" +
			"the models and tools, outcomes, interruptions and cost. Latencies are those of completed turns.\n\n" + filesHelp,
		Example: `otelvoice report agent.jsonl
otelvoice report --format html traces.json.gz > report.html`,
	}
	format := c.Flags().String("format", "text", "text, markdown, html or json")
	budget := c.Flags().Duration("budget", defaultBudget, "when a turn without a latency budget of its own is slow")
	c.RunE = func(c *cobra.Command, files []string) error {
		if err := positive("budget", *budget); err != nil {
			return usageError{err}
		}
		b := report.Builder{Budget: budget.Seconds()}
		switch *format {
		case "text", "markdown", "html", "json":
		default:
			return usageError{fmt.Errorf("--format is %q, want text, markdown, html or json", *format)}
		}
		if err := readCalls(c, files, b.Add); err != nil {
			return err
		}
		r, out := b.Report(), c.OutOrStdout()
		switch *format {
		case "markdown":
			return r.WriteMarkdown(out)
		case "html":
			return r.WriteHTML(out)
		case "json":
			return r.WriteJSON(out)
		}
		return r.WriteText(out, screen(c))
	}
	return c
}
