// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

const spoolUsage = `usage: otelvoice spool list [-json] DIR
       otelvoice spool resend [-endpoint URL] [-protocol PROTOCOL] [-header KEY=VALUE]... DIR
       otelvoice spool drop DIR

DIR is the directory in OTELVOICE_SPOOL_DIR. The service may be running.
`

// runSpool runs a command on the directory of a spool.
func runSpool(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, spoolUsage)
		return exitUsage
	}
	switch args[0] {
	case "list":
		return runSpoolList(args[1:], stdout, stderr)
	case "resend":
		return runSpoolResend(args[1:], stdout, stderr)
	case "drop":
		return runSpoolDrop(args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, spoolUsage)
		return exitOK
	}
	fmt.Fprintf(stderr, "otelvoice spool: unknown command %q\n%s", args[0], spoolUsage)
	return exitUsage
}

// spoolDir parses the flags of a command whose only argument is a directory. If ok is false, the command
// exits with the code.
func spoolDir(flags *flag.FlagSet, args []string, stderr io.Writer) (dir string, code int, ok bool) {
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: otelvoice %s [flags] DIR\n", flags.Name())
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return "", exitOK, false
		}
		return "", exitUsage, false
	}
	if flags.NArg() != 1 {
		fmt.Fprintf(stderr, "otelvoice %s: want one directory, got %d arguments\n", flags.Name(), flags.NArg())
		flags.Usage()
		return "", exitUsage, false
	}
	return flags.Arg(0), exitOK, true
}
