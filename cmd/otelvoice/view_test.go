// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
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

func TestAddressesThatNeedAToken(t *testing.T) {
	t.Setenv(tokenVariable, "")
	for _, host := range []string{"0.0.0.0", "::", "192.0.2.1"} {
		var out, errs bytes.Buffer
		if code := run([]string{"view", "-port", "0", "-host", host}, strings.NewReader(""), &out, &errs); code != exitFail || !strings.Contains(errs.String(), "-token") {
			t.Errorf("%s: exit status %d, %q", host, code, errs.String())
		}
	}
}
