// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/shape"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

func newCheck() *cobra.Command {
	c := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Check that telemetry follows the conventions",
		Long: "Checks spans and log lines against the registry of names: unknown names and values, wrong types, missing attributes,\n" +
			"segments that do not sum to the response latency, 0 for what is unknown, turns and stages without their parent.\n" +
			"Signals without a voice.* attribute are not checked. The exit status is 1 if something is found.\n\n" + filesHelp,
		Example: `otelvoice check traces.json
otelvoice check --json agent.jsonl`,
	}
	asJSON := c.Flags().Bool("json", false, "print a JSON object for each finding")
	c.RunE = func(c *cobra.Command, files []string) error {
		checker := shape.NewChecker()
		err := readFiles(c, files, func(b *signal.Batch) error {
			checker.Add(b)
			return nil
		})
		if err != nil {
			return err
		}
		findings := checker.Findings()
		if err := writeFindings(c, findings, *asJSON); err != nil {
			return err
		}
		if checker.Unlinked {
			fmt.Fprintln(c.ErrOrStderr(), "otelvoice check: there are too many spans to check their parents")
		}
		if !*asJSON {
			if _, err := fmt.Fprintf(c.OutOrStdout(), "%d spans and lines checked, %d others, %d kinds of errors\n", checker.Checked, checker.Others, len(findings)); err != nil {
				return err
			}
		}
		if len(findings) > 0 {
			return exitError(exitFail)
		}
		return nil
	}
	return c
}

func writeFindings(c *cobra.Command, findings []shape.Finding, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(c.OutOrStdout())
		out.SetEscapeHTML(false)
		for _, f := range findings {
			if err := out.Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	if len(findings) == 0 {
		return nil
	}
	table := terminal.Table{Columns: []terminal.Column{{Head: "COUNT", Right: true}, {Head: "RULE"}, {Head: "WHAT", Max: 70}, {Head: "FIRST", Max: 120}}}
	for _, f := range findings {
		table.Add(terminal.Plain, strconv.Itoa(f.Count), f.Rule, f.What, f.First)
	}
	return table.Write(c.OutOrStdout(), screen(c))
}
