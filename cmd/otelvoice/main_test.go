// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
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
		{"help for id", []string{"id", "-h"}, 0, "", "usage: otelvoice id"},
		{"no command", nil, 2, "", "otelvoice id"},
		{"unknown command", []string{"frobnicate"}, 2, "", "try: otelvoice help"},
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
