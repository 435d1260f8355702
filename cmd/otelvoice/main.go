// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command otelvoice shows, reports and compares the calls of voice agents from files of their telemetry, and
// works with correlation IDs, redaction, spools, recordings and transcripts.
//
//	otelvoice calls FILE...      list calls
//	otelvoice timeline ID FILE   draw one call
//	otelvoice slow FILE...       list the slowest turns, and why they were slow
//	otelvoice tail FILE          follow the lines of a running agent
//	otelvoice report FILE...     print percentiles, outcomes and cost
//	otelvoice compare BASE NEW   compare the latencies of two sets of calls
//	otelvoice check FILE...      check that telemetry follows the conventions
//	otelvoice verify TELEMETRY   compare a call's telemetry with a recording of it
//	otelvoice id order-42        print the trace ID of a correlation ID
//	otelvoice redact FILE        print a file as redaction leaves it
//	otelvoice spool list DIR     list the segments and dead letters of a spool
//	otelvoice wer REFERENCE TEXT print the word error rate of a transcript
//
// Each command has --help, with an example. Flags may have one dash or two. The exit status is 0 if all went
// well, 1 if something was found or failed, and 2 if the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Exit codes.
const (
	exitOK    = 0
	exitFail  = 1 // Something was found, differs or failed.
	exitUsage = 2 // The command line is wrong.
)

const exitCodes = `Exit status: 0 if all went well, 1 if something was found or failed, 2 if the command line is wrong.`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// exitError ends a command with a status. The command has printed why.
type exitError int

func (e exitError) Error() string { return "exit status " + strconv.Itoa(int(e)) }

// isFinding reports whether a command ended with the status for what it found, which its output tells.
func isFinding(err error) bool {
	var exit exitError
	return errors.As(err, &exit) && exit == exitFail
}

// usageError is an error of the command line.
type usageError struct{ error }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &output{to: stdout}
	root := newRoot(stdin, out, stderr)
	root.SetArgs(longFlags(root, args))
	cmd, err := root.ExecuteContextC(context.Background())
	if lost := out.Err(); lost != nil && (err == nil || isFinding(err)) {
		err = lost
	}
	var exit exitError
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %v\nusage: %s\ntry: %[1]s --help\n", cmd.CommandPath(), err, cmd.UseLine())
		return exitUsage
	}
	fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), err)
	return exitFail
}

func newRoot(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "otelvoice",
		Short: "Show, report and compare the calls of voice agents",
		Long: "otelvoice shows, reports and compares the calls of voice agents from files of their telemetry, and works\n" +
			"with correlation IDs, redaction, spools, recordings and transcripts.\n\n" + exitCodes,
		Example:       "otelvoice calls agent.jsonl\notelvoice timeline sess_f5e6d7c8b9a0 agent.jsonl",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noSuchCommand,
		RunE:          func(*cobra.Command, []string) error { return nil }, // Args fails first.
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddGroup(&cobra.Group{ID: groupCalls, Title: "Calls:"}, &cobra.Group{ID: groupTools, Title: "Tools:"})
	root.SetHelpCommandGroupID(groupTools)
	root.SetCompletionCommandGroupID(groupTools)
	add(root, groupCalls, newView(), newMCP(), newCalls(), newTimeline(), newSlow(), newTail(), newReport(), newCompare(), newCheck(), newVerify())
	add(root, groupTools, newID(), newRedact(), newSpool(), newWER(), newVersion())
	root.InitDefaultCompletionCmd("completion") // So that its example can be set.
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		c.Example = "otelvoice completion bash > /etc/bash_completion.d/otelvoice"
		c.Args, c.RunE = noSuchCommand, func(*cobra.Command, []string) error { return nil } // Args fails first.
		for _, shell := range c.Commands() {
			shell.Args = arguments(cobra.NoArgs)
		}
	}
	root.InitDefaultHelpCmd()
	if c, _, err := root.Find([]string{"help"}); err == nil {
		c.Args = isCommand
	}
	indentExamples(root)
	return root
}

// indentExamples indents the examples as the help indents flags.
func indentExamples(c *cobra.Command) {
	if c.Example != "" && !strings.HasPrefix(c.Example, " ") {
		c.Example = "  " + strings.ReplaceAll(c.Example, "\n", "\n  ")
	}
	for _, sub := range c.Commands() {
		indentExamples(sub)
	}
}

// The groups of commands in the help.
const (
	groupCalls = "calls"
	groupTools = "tools"
)

func add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
}

// action makes the function of a command from one that prints its errors and returns its status.
func action(do func(c *cobra.Command, args []string) int) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if code := do(c, args); code != exitOK {
			return exitError(code)
		}
		return nil
	}
}

// arguments makes an error of the number of arguments one of the command line.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// noSuchCommand is the check of a command that only has commands of its own.
func noSuchCommand(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError{errors.New("no command given")}
	}
	return usageError{fmt.Errorf("unknown command %q", args[0])}
}

// isCommand is the check of the help, which is about a command.
func isCommand(c *cobra.Command, args []string) error {
	about, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 && about.HasSubCommands() {
		return usageError{fmt.Errorf("unknown command %q", strings.Join(args, " "))}
	}
	return nil
}

// longFlags gives long flags with one dash, such as -json, the second one.
func longFlags(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil {
		return args
	}
	out := make([]string, 0, len(args))
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if name, ok := strings.CutPrefix(arg, "-"); ok && !strings.HasPrefix(name, "-") {
			if name, _, _ = strings.Cut(name, "="); len(name) > 1 && (name == "help" || cmd.Flags().Lookup(name) != nil) {
				arg = "-" + arg
			}
		}
		out = append(out, arg)
	}
	return out
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the toolkit's version",
		Example: "otelvoice version",
		Args:    arguments(cobra.NoArgs),
		Run:     func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), otelvoice.Version) },
	}
}
