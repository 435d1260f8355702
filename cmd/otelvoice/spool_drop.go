// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/exporters/spool"
)

func newSpoolDrop() *cobra.Command {
	return &cobra.Command{
		Use:     "drop DIR",
		Short:   "Delete the dead letters",
		Long:    "Deletes the dead letters of a directory. Waiting segments stay.\n\n" + spoolHelp,
		Example: "otelvoice spool drop /var/spool/agent",
		Args:    oneDirectory,
		RunE: action(func(c *cobra.Command, args []string) int {
			return runSpoolDrop(args[0], c.OutOrStdout(), c.ErrOrStderr())
		}),
	}
}

// runSpoolDrop deletes the dead letters of a directory. Waiting segments stay.
func runSpoolDrop(dir string, stdout, stderr io.Writer) int {
	letters, items, err := spool.DropDeadLetters(dir)
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice spool drop: %v\n", err)
		return exitFail
	}
	fmt.Fprintf(stdout, "deleted %d dead letters with %d items\n", letters, items)
	return exitOK
}
