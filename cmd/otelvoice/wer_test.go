// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWER(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	reference := file("reference.txt", "Hello, world!\nI like Monty Python.\n")
	transcript := file("transcript.txt", "hello duck\ni like python")
	short := file("short.txt", "hello\n")
	empty := file("empty.txt", "")
	for _, tt := range []struct {
		name       string
		args       []string
		stdin      string
		wantCode   int
		wantStdout string
		wantStderr string // A part of it.
	}{
		{"texts", []string{reference, transcript}, "", 0, "wer 0.3333: 6 words, 1 substituted, 1 deleted, 0 inserted\n", ""},
		{"standard input", []string{reference, "-"}, "hello world i like monty python and you", 0, "wer 0.3333: 6 words, 0 substituted, 0 deleted, 2 inserted\n", ""},
		{
			"errors",
			[]string{"-align", reference, transcript},
			"", 0,
			"duck for world\n- monty\nwer 0.3333: 6 words, 1 substituted, 1 deleted, 0 inserted\n",
			"",
		},
		{
			"lines",
			[]string{"-lines", reference, transcript},
			"", 0,
			"line 1: wer 0.5000: 2 words, 1 substituted, 0 deleted, 0 inserted\n" +
				"line 2: wer 0.2500: 4 words, 0 substituted, 1 deleted, 0 inserted\n" +
				"all: wer 0.3333: 6 words, 1 substituted, 1 deleted, 0 inserted\n",
			"",
		},
		{
			"lines as JSON",
			[]string{"-lines", "-json", short, "-"},
			"hello", 0,
			`{"line":1,"rate":0,"units":1,"hits":1,"substitutions":0,"deletions":0,"insertions":0}` + "\n" +
				`{"rate":0,"units":1,"hits":1,"substitutions":0,"deletions":0,"insertions":0}` + "\n",
			"",
		},
		{"lines and none", []string{"-lines", short, "-"}, "", 1, "", "has 1 lines and - has 0"},
		{"JSON", []string{"-json", reference, transcript}, "", 0, `{"rate":0.3333333333333333,"units":6,"hits":4,"substitutions":1,"deletions":1,"insertions":0}` + "\n", ""},
		{"JSON of an empty reference", []string{"-json", empty, short}, "", 0, `{"units":0,"hits":0,"substitutions":0,"deletions":0,"insertions":1}` + "\n", ""},
		{"an empty reference", []string{empty, short}, "", 0, "wer unknown, the reference is empty: 0 words, 0 substituted, 0 deleted, 1 inserted\n", ""},
		{"characters", []string{"-characters", short, "-"}, "hallo", 0, "cer 0.2000: 5 characters, 1 substituted, 0 deleted, 0 inserted\n", ""},
		{"case and punctuation", []string{"-case", "-punctuation", "-ungroup", short, "-"}, "Hello.", 0, "wer 1.0000: 1 words, 1 substituted, 0 deleted, 0 inserted\n", ""},
		{"lines that do not match", []string{"-lines", reference, short}, "", 1, "", "has 2 lines and"},
		{"a file that does not exist", []string{reference, "none.txt"}, "", 1, "", "none.txt"},
		{"a directory", []string{reference, dir}, "", 1, "", "is a directory"},
		{"one file", []string{reference}, "", 2, "", "try: otelvoice wer"},
		{"standard input twice", []string{"-", "-"}, "", 2, "", "one may be -"},
		{"unknown flag", []string{"-x"}, "", 2, "", "usage: otelvoice wer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(append([]string{"wer"}, tt.args...), strings.NewReader(tt.stdin), &stdout, &stderr)
			if code != tt.wantCode || stdout.String() != tt.wantStdout || !strings.Contains(stderr.String(), tt.wantStderr) {
				t.Errorf("\ngot  %d, %q, %q\nwant %d, %q, %q", code, stdout.String(), stderr.String(), tt.wantCode, tt.wantStdout, tt.wantStderr)
			}
		})
	}
}
