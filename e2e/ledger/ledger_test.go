// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/ledger"
)

// TestJudge checks that each kind of difference is counted.
func TestJudge(t *testing.T) {
	written := []ledger.Entry{{Kind: "log", ID: "a.1", Group: "a"}, {Kind: "log", ID: "b.1", Group: "b"}, {Kind: "log", ID: "a.2", Group: "a"}, {Kind: "span", ID: "1", Group: "t"}}
	whole := map[string][]string{"log": {"b.1", "a.1", "a.2"}, "span": {"1"}}
	for name, tt := range map[string]struct {
		logs []string
		want string
	}{
		"whole":        {whole["log"], "0 lost, 0 twice, 0 out of order, 0 foreign"},
		"one is lost":  {[]string{"b.1", "a.2"}, "1 lost, 0 twice, 0 out of order, 0 foreign"},
		"one is twice": {[]string{"b.1", "a.1", "a.1", "a.2"}, "0 lost, 1 twice, 0 out of order, 0 foreign"},
		"in disorder":  {[]string{"b.1", "a.2", "a.1"}, "0 lost, 0 twice, 1 out of order, 0 foreign"},
		"a stranger":   {[]string{"b.1", "a.1", "a.2", "c.1"}, "0 lost, 0 twice, 0 out of order, 1 foreign"},
		"nothing":      {nil, "3 lost, 0 twice, 0 out of order, 0 foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			v := ledger.Judge(written, map[string][]string{"log": tt.logs, "span": whole["span"]})
			if !strings.HasSuffix(v.String(), tt.want) {
				t.Errorf("got %s, want %s", v, tt.want)
			}
		})
	}
}

// TestReceived checks that lines that a kill cut off are skipped.
func TestReceived(t *testing.T) {
	dir := t.TempDir()
	whole := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"01"}]}]}]}`
	if err := os.WriteFile(filepath.Join(dir, "traces.json"), []byte(whole+"\n"+whole[:30]+whole+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	for r, err := range ledger.Received(dir) {
		if err != nil {
			t.Fatal(err)
		}
		for s := range r.Spans() {
			got = append(got, s.SpanID)
		}
	}
	if !slices.Equal(got, []string{"01", "01"}) {
		t.Errorf("got %v", got)
	}
}

// TestRead checks that a line that a kill cut off is ignored, and that an invalid line is an error.
func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	for text, want := range map[string]string{
		"span 01 a 1\nlog 02 b 2\nspan 03": "01 02",
		"span 01 a x\n":                    "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		entries, err := ledger.Read(path)
		var ids []string
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		if got := strings.Join(ids, " "); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %s, %v; want %s", text, got, err, want)
		}
	}
}
