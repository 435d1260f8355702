// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
)

var update = flag.Bool("update", false, "write events.txt and the table of README.md")

// TestRecorded decodes the exchanges of testdata/wire.
func TestRecorded(t *testing.T) { wiretest.Recorded(t, vendors.New) }

// recordings is the directory of the recorded exchanges.
var recordings = filepath.Join("..", "..", "..", "testdata", "wire")

// TestTableOfRecordings holds that testdata/wire/README.md lists the recorded exchanges.
func TestTableOfRecordings(t *testing.T) {
	const begin, end = "<!-- table -->\n", "<!-- /table -->"
	readme := filepath.Join(recordings, "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, isEnded := strings.Cut(rest, end)
	if !ok || !isEnded {
		t.Fatalf("%s has no table", readme)
	}
	want := table(t)
	switch {
	case *update:
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("the table of %s is not that of the recordings; write it with -update", readme)
	}
}

// table returns a row for each endpoint of each directory, with the names of its recordings.
func table(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(recordings, "*", "*", "request.http"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	names := make(map[string][]string)
	for _, path := range paths {
		dir := filepath.Dir(path)
		x := wiretest.Read(t, dir)
		d := vendors.New(x.Target(), func(*wire.Event) {})
		if d == nil {
			t.Fatalf("%s: no decoder was found", path)
		}
		row := fmt.Sprintf("| %#q | %#q | %s | %#q", filepath.Base(filepath.Dir(dir)), d.Asks().Provider, d.Asks().Stage,
			x.Request.Method+" "+x.Request.Host+x.Request.URL.Path)
		if names[row] == nil {
			rows = append(rows, row)
		}
		names[row] = append(names[row], filepath.Base(dir))
	}
	var b strings.Builder
	b.WriteString("| Directory | Provider | Stage | Endpoint | Recordings |\n| --- | --- | --- | --- | --- |\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "%s | %s |\n", row, strings.Join(names[row], ", "))
	}
	return b.String()
}
