// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/slowturn"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/timeline"
)

func newSlow() *cobra.Command {
	c := &cobra.Command{
		Use:   "slow [FILE...]",
		Short: "List the slowest turns, and why they were slow",
		Long: "Lists the turns with the longest response latency, and for each the segment that took the longest beyond the\n" +
			"median of all completed turns, with what the telemetry says about it.\n\n" + filesHelp,
		Example: `otelvoice slow agent.jsonl
otelvoice slow --count 3 --json traces.json`,
	}
	count := c.Flags().Int("count", 10, "how many turns")
	asJSON := c.Flags().Bool("json", false, "print a JSON object for each turn")
	c.RunE = func(c *cobra.Command, files []string) error {
		if *count < 1 || *count > 100_000 {
			return usageError{fmt.Errorf("--count is %d, want 1 to 100000", *count)}
		}
		f := slowturn.Finder{Count: *count}
		if err := readCalls(c, files, f.Add); err != nil {
			return err
		}
		turns := f.Slowest()
		if *asJSON {
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			for _, t := range turns {
				if err := out.Encode(t); err != nil {
					return err
				}
			}
			return nil
		}
		if len(turns) == 0 {
			_, err := fmt.Fprintln(c.OutOrStdout(), "no turn has a response latency")
			return err
		}
		s := screen(c)
		longest := turns[0].ResponseLatency
		columns := max(10, s.Width/4)
		for _, t := range turns {
			why := t.Segment + " " + terminal.Seconds(&t.Duration)
			switch {
			case t.Segment == "":
				why = "the segments are unknown"
			case t.Excess != nil:
				why += fmt.Sprintf(" (usually %.2fs)", t.Duration-*t.Excess)
			}
			name := terminal.Clean(fmt.Sprintf("%s turn %d", t.Session, t.Index), 40)
			_, err := fmt.Fprintf(c.OutOrStdout(), "%s %s  %s\n         %s\n", s.In(terminal.Bold, terminal.Left(terminal.Seconds(&t.ResponseLatency), 8)),
				timeline.Bar(t.Turn, longest, columns, s), name,
				s.In(terminal.Dim, terminal.Clean(strings.Join(append([]string{why}, t.Reasons...), "; "), max(20, s.Width-9))))
			if err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "\n%s\n", timeline.Legend(s))
		return err
	}
	return c
}
