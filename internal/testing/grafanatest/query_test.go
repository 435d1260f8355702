// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package grafanatest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/grafanatest"
)

func TestQueries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "d.json"), `{"panels": [
		{"type": "row", "title": "a row", "panels": [
			{"title": "inside", "datasource": {"uid": "prometheus"}, "targets": [{"expr": "rate(x{job=~\"$job\"}[$__rate_interval])", "legendFormat": "{{a}}"}]}]},
		{"title": "a call", "datasource": {"uid": "tempo"}, "targets": [{"query": "{ span.a = \"$call\" }", "queryType": "traceql"}]}]}`)
	queries, err := grafanatest.Queries(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []grafanatest.Query{
		{Dashboard: "d.json", Panel: "inside", Source: "prometheus", Text: `rate(x{job=~"$job"}[$__rate_interval])`, Legend: "{{a}}"},
		{Dashboard: "d.json", Panel: "a call", Source: "tempo", Text: `{ span.a = "$call" }`, Type: "traceql"},
	}
	if !slices.Equal(queries, want) {
		t.Errorf("got %+v, want %+v", queries, want)
	}
	if got, want := queries[0].Filled("c"), `rate(x{job=~".+"}[5m])`; got != want {
		t.Errorf("filled: %s, want %s", got, want)
	}
	if got, want := queries[1].Filled("c"), `{ span.a = "c" }`; got != want {
		t.Errorf("filled: %s, want %s", got, want)
	}
}

func TestQueriesOfInvalidDashboards(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := grafanatest.Queries(dir); err == nil {
		t.Error("no error for a directory without dashboards")
	}
	write(t, filepath.Join(dir, "d.json"), `{"panels": 1}`)
	if _, err := grafanatest.Queries(dir); err == nil {
		t.Error("no error for a file that is not a dashboard")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
