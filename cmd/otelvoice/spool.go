// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

const spoolHelp = "DIR is the directory in OTELVOICE_SPOOL_DIR. The service may be running.\n\n" + exitCodes

func newSpool() *cobra.Command {
	c := &cobra.Command{
		Use:     "spool",
		Short:   "List, send again or delete what a spool holds",
		Long:    "Works on the directory of a spool. Dead letters are the requests that the collector rejected.\n\n" + exitCodes,
		Example: "otelvoice spool list /var/spool/agent",
		Args:    noSuchCommand,
		RunE:    func(*cobra.Command, []string) error { return nil }, // Args fails first.
	}
	c.AddCommand(newSpoolList(), newSpoolResend(), newSpoolDrop())
	return c
}

// oneDirectory is the check of a command whose only argument is a directory.
func oneDirectory(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("want one directory, got %d arguments", len(args))}
	}
	return nil
}
