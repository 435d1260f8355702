// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"
)

// The session tells where its recording is and when it began, so that lines are enough for everything, and
// neither -start nor -session is needed.
func TestVerifyARecordingOfTheSession(t *testing.T) {
	call, late, other := record(t, 0, "file:///calls/call.wav"), record(t, 90_000_000, "s3://calls/call.wav"), record(t, 0, "s3://calls/other.wav")
	several := func(t *testing.T) string {
		t.Helper()
		one, err := os.ReadFile(call.lines)
		if err != nil {
			t.Fatal(err)
		}
		two, err := os.ReadFile(other.lines)
		if err != nil {
			t.Fatal(err)
		}
		name := t.TempDir() + "/lines.jsonl"
		both := string(one) + strings.ReplaceAll(string(two), "call-1", "call-2")
		if err := os.WriteFile(name, []byte(both), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, tt := range []struct {
		name       string
		args       []string
		wantCode   int
		wantStdout string
		wantStderr string
	}{
		{"lines", []string{call.lines}, 0, "stop time: 1 compared", ""},
		{"spans", []string{call.spans}, 0, "stop time: 1 compared", ""},
		{"lines have the edges of speech", []string{call.lines}, 0, "end of the user's speech: 3 compared", ""},
		{"late stops in lines", []string{late.lines}, 1, "end of the user's speech: 3 compared, median 9", "telemetry tells a response latency of 0.710 s"},
		{"one of two sessions", []string{several(t)}, 0, "stop time: 1 compared", ""},
		{"another of two sessions", []string{"-session", "call-2", several(t)}, 0, "stop time: 1 compared", ""},
		{"a start wins", []string{"-start", "2000-01-02T00:00:00Z", call.lines}, 1, "", "is its start right?"},
		{"a file of another name", []string{other.lines}, 0, "stop time: 1 compared", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(append([]string{"verify", "-recording", call.wav}, tt.args...), strings.NewReader(""), &stdout, &stderr)
			if code != tt.wantCode || !strings.Contains(stdout.String(), tt.wantStdout) || !strings.Contains(stderr.String(), tt.wantStderr) {
				t.Errorf("\ngot  %d\n%s\n%s\nwant %d, %q, %q", code, stdout.String(), stderr.String(), tt.wantCode, tt.wantStdout, tt.wantStderr)
			}
		})
	}
}
