// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

// What is left out of a file is said on standard error, by each command that shows calls.
func TestWhatIsLeftOutIsSaid(t *testing.T) {
	lines := script.Play(t, script.Calls()...).Lines()
	const start = `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"listening"}` + "\n"
	var zipped, zstandard bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(lines)
	_ = z.Close()
	zs, _ := zstd.NewWriter(&zstandard)
	_, _ = zs.Write(lines)
	_ = zs.Flush() // A block that is cut is lost.
	_ = zs.Close()
	for _, tt := range []struct{ name, text, want string }{
		{"lines of no call", start + start + string(lines), ": 2 spans and lines are of no call and were left out\n"},
		{"gzip that is cut", zipped.String()[:zipped.Len()-8], ": the compressed data of stdin end early; what is before was read\n"},
		{"zstd that is cut", zstandard.String()[:zstandard.Len()-4], ": the compressed data of stdin end early; what is before was read\n"},
		{"gzip with text behind it", zipped.String() + "text behind it\n", ": the compressed data are damaged; what is before was read: stdin: gzip: invalid header\n"},
		{"zstd with text behind it", zstandard.String() + "text behind it\n", ": the compressed data are damaged; what is before was read: stdin: invalid input: magic number mismatch\n"},
		{"nothing", string(lines), ""},
	} {
		for _, args := range [][]string{{"calls"}, {"report"}, {"slow"}, {"timeline", "call-1"}, {"check"}, {"tail"}} {
			if (args[0] == "check" || args[0] == "tail") && strings.Contains(tt.want, "of no call") {
				continue // They have those, too.
			}
			want := tt.want
			if want != "" {
				want = "otelvoice " + args[0] + want
			}
			var stdout, stderr strings.Builder
			if code := run(args, strings.NewReader(tt.text), &stdout, &stderr); code != exitOK || stderr.String() != want {
				t.Errorf("%s, %v: got %d, %q, want %q", tt.name, args, code, stderr.String(), want)
			}
		}
	}
}

// The list is by start, also if calls that began later were finished first because there are many lines.
func TestCallsOfManyLinesAreInOrder(t *testing.T) {
	const first = `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"x","session_id":"first"}` + "\n"
	const second = `{"timestamp":"2026-03-04T11:00:00Z","level":"INFO","message":"x","session_id":"second","phase":"session_end"}` + "\n"
	var stdout, stderr strings.Builder
	code := run([]string{"calls", "--json"}, strings.NewReader(first+second+strings.Repeat(first, maxSignals)), &stdout, &stderr)
	if code != exitOK || strings.Index(stdout.String(), `"first"`) > strings.Index(stdout.String(), `"second"`) {
		t.Errorf("got %d, %s%s", code, stdout.String(), stderr.String())
	}
}
