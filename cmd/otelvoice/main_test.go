// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestRun(t *testing.T) {
	const id, trace = "550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000"
	for _, tt := range []struct {
		name       string
		args       []string
		wantCode   int
		wantStdout string
		wantStderr string // A part of it.
	}{
		{"a UUID", []string{"id", id}, 0, trace + "\n", ""},
		{"any other ID", []string{"id", "order-42"}, 0, "3bf8b157c4238eefe5ae4a66eca81c6b\n", ""},
		{"several", []string{"id", id, "order-42"}, 0, id + " " + trace + "\norder-42 3bf8b157c4238eefe5ae4a66eca81c6b\n", ""},
		{"JSON", []string{"id", "-json", id}, 0, `{"correlation_id":"` + id + `","trace_id":"` + trace + `"}` + "\n", ""},
		{"one of several is bad", []string{"id", id, "a b"}, 1, id + " " + trace + "\n", `"a b" is not a correlation ID`},
		{"none", []string{"id"}, 2, "", "try: otelvoice id"},
		{"unknown flag", []string{"id", "-x"}, 2, "", "usage: otelvoice id"},
		{"no command", nil, 2, "", "no command given"},
		{"a command of no command", []string{"spool"}, 2, "", "no command given"},
		{"unknown command", []string{"frobnicate"}, 2, "", `otelvoice: unknown command "frobnicate"`},
		{"help about an unknown command", []string{"help", "frobnicate"}, 2, "", `otelvoice help: unknown command "frobnicate"`},
		{"help about an unknown command of a command", []string{"help", "spool", "frobnicate"}, 2, "", `otelvoice help: unknown command "spool frobnicate"`},
		{"completion of an unknown shell", []string{"completion", "tcsh"}, 2, "", `otelvoice completion: unknown command "tcsh"`},
		{"completion of two shells", []string{"completion", "bash", "zsh"}, 2, "", "try: otelvoice completion bash --help"},
		{"completion of no shell", []string{"completion"}, 2, "", "no command given"},
		{"version", []string{"version"}, 0, "0.1.0\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(tt.args, strings.NewReader(""), &stdout, &stderr)
			if code != tt.wantCode || stdout.String() != tt.wantStdout || !strings.Contains(stderr.String(), tt.wantStderr) {
				t.Errorf("run(%q)\ngot  %d, %q, %q\nwant %d, %q, %q", tt.args,
					code, stdout.String(), stderr.String(), tt.wantCode, tt.wantStdout, tt.wantStderr)
			}
		})
	}
}

// Each command says what it does, with an example that names it and only flags that it has.
func TestHelp(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		if len(path) > 0 && (path[0] == "completion" && len(path) > 1 || path[0] == "help") {
			return // They are cobra's.
		}
		t.Run(c.CommandPath(), func(t *testing.T) {
			for _, flag := range []string{"--help", "-help", "-h"} {
				var stdout, stderr strings.Builder
				code := run(append(path, flag), strings.NewReader(""), &stdout, &stderr)
				for _, want := range []string{"Usage:\n  " + c.CommandPath(), "Examples:\n  "} {
					if code != exitOK || !strings.Contains(stdout.String(), want) || stderr.String() != "" {
						t.Errorf("%s: got %d, want %q in\n%s%s", flag, code, want, stdout.String(), stderr.String())
					}
				}
			}
			for line := range strings.Lines(c.Example) {
				if c.Name() != "otelvoice" && !strings.Contains(line+" ", c.CommandPath()+" ") && !strings.Contains(line, c.CommandPath()+"\n") {
					t.Errorf("the example %q does not show %s", line, c.CommandPath())
				}
				for word := range strings.FieldsSeq(line) {
					name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
					if strings.HasPrefix(word, "--") && c.Flags().Lookup(name) == nil {
						t.Errorf("the example has %s, which is not a flag", word)
					}
				}
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(strings.NewReader(""), io.Discard, io.Discard))
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var stdout, stderr strings.Builder
		if code := run([]string{"completion", shell}, strings.NewReader(""), &stdout, &stderr); code != exitOK || !strings.Contains(stdout.String(), "otelvoice") {
			t.Errorf("%s: got %d, %d bytes, %s", shell, code, stdout.Len(), stderr.String())
		}
	}
}

func TestFlagsWithOneDash(t *testing.T) {
	root := newRoot(strings.NewReader(""), io.Discard, io.Discard)
	got := strings.Join(longFlags(root, strings.Fields("redact -q -keys=a -check - -5 -x -- -keys")), " ")
	if want := "redact -q --keys=a --check - -5 -x -- -keys"; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}
