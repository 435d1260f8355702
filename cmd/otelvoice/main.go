// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command otelvoice works with correlation IDs, redaction, spools, recordings and transcripts from the shell.
//
//	otelvoice id order-42        print the trace ID of a correlation ID
//	otelvoice redact FILE        print a file as redaction leaves it
//	otelvoice spool list DIR     list the segments and dead letters of a spool
//	otelvoice spool resend DIR   send the dead letters again
//	otelvoice spool drop DIR     delete the dead letters
//	otelvoice verify TELEMETRY   compare a call's telemetry with a recording of it
//	otelvoice wer REFERENCE TEXT print the word error rate of a transcript
//	otelvoice version            print the toolkit's version
//
// Dead letters are the requests that the collector rejected.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/voice-agents/telemetry/otelvoice"
)

const usage = `otelvoice works with correlation IDs, redaction, spools and recordings of voice telemetry.

  otelvoice id [-json] ID...   print the trace ID of each correlation ID
  otelvoice redact [-keys NAME,...] [-v] [-q] [-check] [FILE...]
                               print files as redaction leaves them, and count the findings
  otelvoice spool list [-json] DIR
                               list the waiting segments and the dead letters of a spool
  otelvoice spool resend [-endpoint URL] [-protocol PROTOCOL] [-header KEY=VALUE]... DIR
                               send the dead letters again
  otelvoice spool drop DIR     delete the dead letters
  otelvoice verify -recording CALL.wav [-start TIME] [-session ID] TELEMETRY.jsonl...
                               compare a call's telemetry with a recording of it
  otelvoice wer [-characters] [-lines] REFERENCE HYPOTHESIS
                               print the word error rate of a transcript
  otelvoice version            print the toolkit's version
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
	case "verify":
		return runVerify(args[1:], stdin, stdout, stderr)
	case "wer":
		return runWER(args[1:], stdin, stdout, stderr)
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
