// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that is not there ends the command at once: a viewer without calls would hide the mistake.
func TestFilesThatAreMissing(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "calls.jsonl")
	for _, args := range [][]string{
		{"view", "-port", "0", missing}, {"view", "-port", "0", "testdata/calls.json", missing}, {"mcp", missing},
	} {
		var out, errs bytes.Buffer
		if code := run(args, strings.NewReader(""), &out, &errs); code != exitFail || !strings.Contains(errs.String(), missing) || out.Len() > 0 {
			t.Errorf("%q: exit status %d, output %q, errors %q", args, code, out.String(), errs.String())
		}
	}
}

// Files without telemetry end the command, too. Its output begins before they are read.
func TestFilesWithoutTelemetry(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("only text\n{broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ file, want string }{
		{text, "there are no spans and no log lines in 2 lines"},
		{text, "1 of 2 lines are broken and were skipped, the first is " + text + ":2"},
		{empty, "there are no spans and no log lines in 0 lines"},
		{t.TempDir(), "no segments of a spool in the directory"},
	} {
		for _, args := range [][]string{{"view", "-port", "0", tt.file}, {"mcp", tt.file}} {
			questions, end := io.Pipe() // No question arrives.
			var out, errs bytes.Buffer
			if code := run(args, questions, &out, &errs); code != exitFail || !strings.Contains(errs.String(), tt.want) {
				t.Errorf("%q: exit status %d, errors %q", args, code, errs.String())
			}
			_ = end.Close()
		}
	}
}

func TestAddressesThatNeedAToken(t *testing.T) {
	t.Setenv(tokenVariable, "")
	for _, host := range []string{"0.0.0.0", "::", "192.0.2.1"} {
		var out, errs bytes.Buffer
		if code := run([]string{"view", "-port", "0", "-host", host}, strings.NewReader(""), &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "-token") {
			t.Errorf("%s: exit status %d, %q", host, code, errs.String())
		}
	}
}

// A value that cannot be meant is an error of the command line, and is not replaced by the default.
func TestFlagsOutOfBounds(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"view --max-calls 0", "--max-calls is 0, want 1 to "},
		{"view --max-calls -5", "--max-calls is -5, want 1 to "},
		{"view --max-megabytes -1", "--max-megabytes is -1, want 1 to "},
		{"view --max-megabytes 9000000000000", "--max-megabytes is 9000000000000, want 1 to "},
		{"view --keep -1s", "--keep is -1s, want more than 0"},
		{"view --keep 0", "--keep is 0s, want more than 0"},
		{"view --budget -1s", "--budget is -1s, want more than 0"},
		{"view --port 99999", "--port is 99999, want 0 to 65535"},
		{"view --port -1", "--port is -1, want 0 to 65535"},
		{"view --otlp-http 99999", "--otlp-http is 99999, want -1 to 65535"},
		{"view --otlp-grpc -2", "--otlp-grpc is -2, want -1 to 65535"},
		{"calls --budget -1s", "--budget is -1s, want more than 0"},
		{"report --budget 0s", "--budget is 0s, want more than 0"},
		{"tail --lines -1", "--lines is -1, want 0 to "},
	} {
		var out, errs bytes.Buffer
		if code := run(strings.Fields(tt.args), strings.NewReader(""), &out, &errs); code != exitUsage || !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%s: exit status %d, %q", tt.args, code, errs.String())
		}
	}
}
