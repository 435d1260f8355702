// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/voice-agents/telemetry/exporters/spool"
)

// runSpoolDrop deletes the dead letters of a directory. Waiting segments stay.
func runSpoolDrop(args []string, stdout, stderr io.Writer) int {
	dir, code, ok := spoolDir(flag.NewFlagSet("spool drop", flag.ContinueOnError), args, stderr)
	if !ok {
		return code
	}
	letters, items, err := spool.DropDeadLetters(dir)
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice spool drop: %v\n", err)
		return exitFail
	}
	fmt.Fprintf(stdout, "deleted %d dead letters with %d items\n", letters, items)
	return exitOK
}
