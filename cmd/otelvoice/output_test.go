// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

// full is an output that takes some bytes and then no more.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return f.room, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

// A command whose output cannot be written fails, and says why, whether nothing of it is written or a part.
func TestOutputThatCannotBeWritten(t *testing.T) {
	lines, otlp := played(t, script.Calls()...)
	sound := record(t, 0)
	different := record(t, 500e6)
	words := filepath.Join(t.TempDir(), "words.txt")
	if err := os.WriteFile(words, []byte("a table for four\nat eight\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("password=hunter2hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty, letters := t.TempDir(), t.TempDir()
	refusedSpans(t, letters, 2)
	tests := [][]string{
		{"calls", otlp},
		{"calls", "--json", otlp},
		{"calls", "--agent", "nobody", otlp},
		{"timeline", "call-1", otlp},
		{"timeline", "--json", "call-1", otlp},
		{"slow", otlp},
		{"slow", "--json", otlp},
		{"tail", "--no-follow", lines},
		{"report", otlp},
		{"report", "--format", "markdown", otlp},
		{"report", "--format", "html", otlp},
		{"report", "--format", "json", otlp},
		{"compare", lines, lines},
		{"compare", "--json", lines, lines},
		{"compare", "--fail", "playout.p50 > +1%", lines, lines},
		{"check", lines},
		{"check", otlp, lines},
		{"check", "--json", otlp, lines},
		{"verify", "--start", began, "--recording", sound.wav, sound.spans},
		{"verify", "--json", "--start", began, "--recording", sound.wav, sound.spans},
		{"verify", "--markdown", "--start", began, "--recording", sound.wav, sound.spans},
		{"verify", "--start", began, "--recording", different.wav, different.spans},
		{"id", "order-42"},
		{"id", "order-42", "order-43"},
		{"id", "--json", "order-42"},
		{"redact", lines},
		{"redact", "--check", secret},
		{"spool", "list", empty},
		{"spool", "list", letters},
		{"spool", "list", "--json", letters},
		{"spool", "resend", "--endpoint", "http://localhost:1", empty},
		{"spool", "drop", empty},
		{"wer", words, words},
		{"wer", "--lines", words, words},
		{"wer", "--json", words, words},
		{"version"},
		{"completion", "bash"},
		{"help"},
		{"compare", "--help"},
	}
	for _, args := range tests {
		t.Run(strings.Join(args[:min(len(args), 2)], " "), func(t *testing.T) {
			var stdout strings.Builder
			run(args, nil, &stdout, io.Discard)
			if stdout.Len() == 0 {
				t.Fatalf("%v prints nothing", args)
			}
			for _, room := range []int{0, stdout.Len() / 2} {
				var stderr strings.Builder
				if code := run(args, nil, &full{room}, &stderr); code != exitFail || strings.Count(stderr.String(), errFull.Error()) != 1 {
					t.Errorf("%v, with room for %d bytes: got %d, %q", args, room, code, stderr.String())
				}
			}
		})
	}
	for _, name := range commands(newRoot(nil, io.Discard, io.Discard), "") {
		isTested := slices.ContainsFunc(tests, func(args []string) bool { return strings.HasPrefix(strings.Join(args, " ")+" ", name+" ") })
		isServer := name == "view" || name == "mcp" // They do not end by themselves.
		if !isTested && !isServer && !strings.HasPrefix(name, "completion") {
			t.Errorf("%s is not tested", name)
		}
	}
}

// commands returns the commands that do something, without the root's name.
func commands(c *cobra.Command, prefix string) (names []string) {
	for _, sub := range c.Commands() {
		if name := prefix + sub.Name(); sub.HasSubCommands() {
			names = append(names, commands(sub, name+" ")...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

// The first error stays, and nothing is written after it.
func TestOutputKeepsTheFirstError(t *testing.T) {
	o := output{to: &full{room: 3}}
	for _, tt := range []struct {
		text    string
		isValid bool
	}{{"abc", true}, {"d", false}, {"", false}} {
		if _, err := fmt.Fprint(&o, tt.text); (err == nil) != tt.isValid {
			t.Errorf("%q: %v", tt.text, err)
		}
	}
	if !errors.Is(o.Err(), errFull) {
		t.Errorf("got %v", o.Err())
	}
}

// What is a terminal stays one.
func TestOutputOfATerminal(t *testing.T) {
	for _, name := range []string{"/dev/ptmx", os.DevNull} {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Skipf("not run: this system has no %s: %v", name, err)
		}
		t.Cleanup(func() { _ = f.Close() })
		lookup := func(string) (string, bool) { return "", false }
		if got, want := terminal.IsTerminal(&output{to: f}), terminal.IsTerminal(f); got != want {
			t.Errorf("%s: a terminal %v, want %v", name, got, want)
		}
		if got, want := terminal.Of(&output{to: f}, lookup), terminal.Of(f, lookup); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
