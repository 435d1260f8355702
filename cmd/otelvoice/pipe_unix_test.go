// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Pipes with a name are read as files are, by the commands that follow files, too.
func TestNamedPipe(t *testing.T) {
	text, err := os.ReadFile("../../docs/testdata/calls.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"calls"}, {"tail"}, {"tail", "--no-follow"}, {"check"}, {"timeline", "call-1"}} {
		pipe := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		written := make(chan error, 1)
		go func() { written <- os.WriteFile(pipe, text, 0o600) }()
		var stdout, stderr strings.Builder
		if code := run(append(args, pipe), strings.NewReader(""), &stdout, &stderr); code != exitOK || stderr.String() != "" || stdout.Len() == 0 {
			t.Errorf("%v: got %d, %d bytes, %s", args, code, stdout.Len(), stderr.String())
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
	}
	var stdout, stderr strings.Builder
	if code := run([]string{"mcp", "-"}, strings.NewReader(""), &stdout, &stderr); code != exitUsage {
		t.Errorf("mcp of standard input: got %d, %s", code, stderr.String())
	}
}
