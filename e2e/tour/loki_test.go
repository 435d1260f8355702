// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tour_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logql"
	"github.com/voice-agents/telemetry/internal/testing/grafanatest"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

var record = flag.Bool("record", false, "rewrite the recorded call of package logql with one of this run")

// sentToLoki compares the records that the collector sends to Loki's address with the lines on stdout:
// they are the same, each once, and have the labels that the queries of package logql select by.
func sentToLoki(t *testing.T, loki *otlptest.Receiver, lines []line) {
	t.Helper()
	printed := make(map[string]int)
	for _, l := range lines {
		printed[strings.Join([]string{"voiceagent", l.TraceID, l.SpanID, l.Session, l.Call, l.Level, l.Module, l.Message}, " | ")]++
	}
	backend.Eventually(t, "all printed lines are sent to Loki", func() bool { return len(loki.AllLogs()) >= len(lines) })
	sent := make(map[string]int)
	for _, l := range logql.Stored(loki.AllLogs()) {
		sent[strings.Join([]string{
			l.Labels["service_name"], l.Labels["trace_id"], l.Labels["span_id"], l.Labels["session_id"], l.CorrelationID(),
			l.Labels["severity_text"], l.Labels["scope_name"], l.Text,
		}, " | ")]++
	}
	if !maps.Equal(printed, sent) {
		t.Errorf("printed\n%v\nsent\n%v", printed, sent)
	}
	for _, r := range loki.Requests() {
		if r.Path != "/otlp/v1/logs" {
			t.Errorf("a request was sent to %s, want Loki's /otlp/v1/logs", r.Path)
		}
	}
}

// recordCall writes the records of the call in which a request fails.
func recordCall(t *testing.T, loki *otlptest.Receiver, lines []line) {
	t.Helper()
	i := slices.IndexFunc(lines, func(l line) bool { return l.Level == "ERROR" })
	if i < 0 {
		t.Fatal("no call of the example has an error")
	}
	text, err := logql.Extract(loki.AllLogs(), lines[i].TraceID)
	if err == nil {
		err = os.WriteFile(backend.File(t, "e2e", "logql", "testdata", "call.jsonl"), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// dashboardsOfLoki computes the answers to the queries of the dashboards for Loki.
func dashboardsOfLoki(t *testing.T, loki *otlptest.Receiver, lines []line) {
	t.Helper()
	queries, err := grafanatest.Queries(backend.File(t, "deploy", "loki"))
	if err != nil {
		t.Fatal(err)
	}
	call := lines[slices.IndexFunc(lines, func(l line) bool { return l.Session != "" })]
	for _, q := range queries {
		if q.Source != "loki" {
			continue
		}
		where := q.Dashboard + ": " + q.Panel
		for _, asked := range []string{call.Call, call.Session} {
			found, err := logql.Select(where, logql.Stored(loki.AllLogs()), asked)
			if err != nil || len(found) == 0 {
				t.Errorf("%s has no data: %s: %v", where, q.Filled(asked), err)
			}
			if q.Dashboard == "calls.json" {
				ofCall(t, found, lines, asked)
			}
		}
	}
}
