// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command otelvoice answers questions about telemetry from the shell.
//
//	otelvoice id order-42        the trace ID of a correlation ID, and back
//	otelvoice redact FILE        what redaction leaves of a text
//	otelvoice spool list DIR     what waits in a spool, and what was refused
//	otelvoice spool resend DIR   sends again what was refused
//	otelvoice spool drop DIR     deletes what was refused
//	otelvoice version            the toolkit's version
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/voice-agents/telemetry/otelvoice"
)

const usage = `otelvoice answers questions about voice telemetry.

  otelvoice id [-json] ID...   the trace ID under which a correlation ID is found
  otelvoice redact [-keys NAME,...] [-v] [-q] [-check] [FILE...]
                               what redaction leaves of a text, and what it found
  otelvoice spool list [-json] DIR
                               what waits in a spool's directory, and its dead letters
  otelvoice spool resend [-endpoint URL] [-header KEY=VALUE]... DIR
                               sends the dead letters again
  otelvoice spool drop DIR     deletes the dead letters
  otelvoice version            the toolkit's version
`

// Exit codes.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	switch args[0] {
	case "id":
		return runID(args[1:], stdout, stderr)
	case "redact":
		return runRedact(args[1:], stdin, stdout, stderr)
	case "spool":
		return runSpool(args[1:], stdout, stderr)
	case "version":
		fmt.Fprintln(stdout, otelvoice.Version)
		return exitOK
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	fmt.Fprintf(stderr, "otelvoice: unknown command %q\ntry: otelvoice help\n", args[0])
	return exitUsage
}
