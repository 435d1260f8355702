// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/calllist"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

// defaultBudget is from when on a turn is slow that has no budget of its own.
const defaultBudget = 2 * time.Second

func newCalls() *cobra.Command {
	c := &cobra.Command{
		Use:   "calls [FILE...]",
		Short: "List calls",
		Long:  "Lists the calls in files, the oldest first. Filters may be combined.\n\n" + filesHelp,
		Example: `otelvoice calls agent.jsonl
otelvoice calls --slow --version 1.5.0 traces.json.gz`,
	}
	var f calllist.Filter
	flags := c.Flags()
	flags.StringVar(&f.Agent, "agent", "", "only calls of the agent `NAME`, or else of the service")
	flags.StringVar(&f.Version, "version", "", "only calls of this `VERSION` of the agent")
	flags.StringVar(&f.Channel, "channel", "", "only calls of this `CHANNEL`, such as phone")
	flags.StringVar(&f.Outcome, "outcome", "", "only calls with this `OUTCOME` or end reason")
	flags.BoolVar(&f.Slow, "slow", false, "only calls with a slow turn")
	flags.BoolVar(&f.Interrupted, "interrupted", false, "only calls in which the user barged in")
	flags.BoolVar(&f.Error, "error", false, "only calls with an error")
	budget := flags.Duration("budget", defaultBudget, "when a turn without a latency budget of its own is slow")
	asJSON := flags.Bool("json", false, "print a JSON object for each call")
	c.RunE = func(c *cobra.Command, files []string) error {
		if err := positive("budget", *budget); err != nil {
			return usageError{err}
		}
		f.Budget = budget.Seconds()
		var rows []calllist.Row
		err := readCalls(c, files, func(document *call.Call) {
			if r := calllist.New(document, f.Budget); f.Matches(&r) {
				rows = append(rows, r)
			}
		})
		if err != nil {
			return err
		}
		calllist.Sort(rows)
		if *asJSON {
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			for _, r := range rows {
				if err := out.Encode(r); err != nil {
					return err
				}
			}
			return nil
		}
		if len(rows) == 0 {
			_, err := fmt.Fprintln(c.OutOrStdout(), "no calls")
			return err
		}
		return calllist.Write(c.OutOrStdout(), rows, screen(c))
	}
	return c
}

// screen returns how to write to the command's output.
func screen(c *cobra.Command) terminal.Screen { return terminal.Of(c.OutOrStdout(), os.LookupEnv) }
