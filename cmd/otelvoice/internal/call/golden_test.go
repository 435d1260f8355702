// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

var update = flag.Bool("update", false, "write the golden files")

// random is what differs each time.
var random = regexp.MustCompile(`turn_[0-9a-f]{12}|req_[0-9a-f]{8}|\b[0-9a-f]{16}\b|\b[0-9a-f]{32}\b|\b[0-9a-f-]{36}\b|"code.line.number": \d+|"code.file.path": ".*"`)

func read(t *testing.T, text []byte) (calls []*call.Call) {
	t.Helper()
	var b call.Builder
	r := telemetryfile.Reader{Each: func(batch *signal.Batch) error { b.Add(batch); return nil }}
	if err := r.ReadFrom(t.Context(), "test", bytes.NewReader(text), -1); err != nil {
		t.Fatal(err)
	}
	if r.Broken > 0 || r.Other > 0 {
		t.Errorf("%d broken lines, %s; %d others", r.Broken, r.FirstBroken, r.Other)
	}
	return b.Flush()
}

// The documents of the same calls, from OTLP and from log lines alone.
func TestDocuments(t *testing.T) {
	told := script.Play(t, script.Calls()...)
	for _, tt := range []struct {
		name string
		text []byte
	}{{"otlp", told.OTLP(t)}, {"lines", told.Lines()}} {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range read(t, tt.text) {
				c.Resource = nil
				got, err := json.MarshalIndent(c, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				got = append(random.ReplaceAll(got, []byte("…")), '\n')
				golden := filepath.Join("testdata", c.IDs.Session+"."+tt.name+".json")
				if *update {
					if err := os.WriteFile(golden, got, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s differs; run the test with -update and look at what changed", golden)
				}
			}
		})
	}
}
