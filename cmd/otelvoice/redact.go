// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/redactstream"
	"github.com/voice-agents/telemetry/redact"
)

// redaction is one run of the command.
type redaction struct {
	redactor *redact.Redactor
	out      *bufio.Writer
	explain  io.Writer // Where findings are printed; nil for nowhere.
	name     string    // Of the current file.
	counts   map[string]int
}

func newRedact() *cobra.Command {
	c := &cobra.Command{
		Use:   "redact [FILE...]",
		Short: "Print files as redaction leaves them",
		Long: "Prints the files, or standard input, without secrets, and a count of the findings of each rule to standard\n" +
			"error. FILE - is standard input.\n\n" + exitCodes,
		Example: `otelvoice redact agent.jsonl
otelvoice redact --check -q < agent.jsonl`,
	}
	flags := c.Flags()
	keys := flags.String("keys", "", "comma-separated `NAMES` of further secret keys, as in redact.Keys")
	explain := flags.BoolP("explain", "v", false, "print the position, rule and size of each finding to standard error, but never the secret")
	quiet := flags.BoolP("quiet", "q", false, "omit the summary")
	check := flags.Bool("check", false, "print the findings instead of the text, and exit with 1 if there are any")
	c.RunE = action(func(c *cobra.Command, files []string) int {
		return runRedact(files, *keys, *explain, *quiet, *check, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
	})
	return c
}

// runRedact prints files without secrets, and a summary of the findings.
func runRedact(files []string, keys string, explain, quiet, check bool, stdin io.Reader, stdout, stderr io.Writer) int {
	r := &redaction{redactor: redact.New(rulesWith(keys)...), out: bufio.NewWriter(stdout), counts: make(map[string]int)}
	switch {
	case check:
		r.out, r.explain = bufio.NewWriter(io.Discard), stdout
	case explain:
		r.explain = stderr
	}
	code := exitOK
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, file := range files {
		if err := r.file(file, stdin); err != nil {
			if r.out.Flush() != nil {
				return exitFail // The output is lost, and not the file. The output keeps why.
			}
			fmt.Fprintf(stderr, "otelvoice redact: %v\n", err)
			code = exitFail
		}
	}
	if !quiet && (code == exitOK || len(r.counts) > 0) { // Do not print "nothing found" if a file was not read.
		r.summary(stderr)
	}
	if check && len(r.counts) > 0 {
		code = exitFail
	}
	return code
}

// rulesWith returns the default rules and one for a comma-separated list of keys.
func rulesWith(keys string) []redact.Rule {
	var names []string
	for name := range strings.SplitSeq(keys, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return append(redact.Default(), redact.Keys(names...))
}

// file redacts one file.
func (r *redaction) file(name string, stdin io.Reader) error {
	in := stdin
	r.name = "stdin"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		in, r.name = f, name
	}
	if err := redactstream.New(r.redactor, r.out, r.found).Copy(in); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	return nil
}

// found counts a finding and prints its position.
func (r *redaction) found(line, column int, f *redact.Finding) {
	r.counts[f.Rule]++
	if r.explain == nil {
		return
	}
	rule := f.Rule
	if f.Key != "" { // A key may contain a secret itself.
		rule += fmt.Sprintf(" %.64q", r.redactor.String(f.Key))
	}
	fmt.Fprintf(r.explain, "%s:%d:%d: %s (%d bytes)\n", r.name, line, column, rule, f.End-f.Begin)
}

// summary prints each rule with its count.
func (r *redaction) summary(w io.Writer) {
	total := 0
	for _, n := range r.counts {
		total += n
	}
	if total == 0 {
		fmt.Fprintln(w, "otelvoice redact: nothing found")
		return
	}
	fmt.Fprintf(w, "otelvoice redact: %d found\n", total)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, rule := range slices.Sorted(maps.Keys(r.counts)) {
		fmt.Fprintf(table, "  %s\t%d\n", rule, r.counts[rule])
	}
	_ = table.Flush()
}
