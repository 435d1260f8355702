// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tour_test

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logql"
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

// answersLikeLoki starts a server that accepts only the query of docs/production.md, at the path of
// Loki's API. It answers in the format of Loki's API with the records that the collector has sent. It
// returns its address.
func answersLikeLoki(t *testing.T, loki *otlptest.Receiver) string {
	t.Helper()
	_, golden, err := logql.Golden()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(golden, func(q logql.Query) bool { return q.Where == "docs/production.md" })
	if i < 0 {
		t.Fatal("the query of docs/production.md is not a golden query")
	}
	before, after, _ := strings.Cut(golden[i].Text, "$ID")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.FormValue("query")
		id := strings.TrimSuffix(strings.TrimPrefix(query, before), after)
		if r.URL.Path != "/loki/api/v1/query_range" || query != before+id+after {
			http.Error(w, "parse error: "+query, http.StatusBadRequest)
			return
		}
		type stream struct {
			Stream map[string]string `json:"stream"`
			Values [][2]string       `json:"values"`
		}
		var answer struct {
			Status string `json:"status"`
			Data   struct {
				ResultType string   `json:"resultType"`
				Result     []stream `json:"result"`
			} `json:"data"`
		}
		answer.Status, answer.Data.ResultType = "success", "streams"
		for _, l := range logql.Stored(loki.AllLogs()) {
			if found, err := logql.Select("docs/production.md", []logql.Line{l}, id); err == nil && len(found) == 1 {
				answer.Data.Result = append(answer.Data.Result, stream{l.Labels, [][2]string{{strconv.FormatUint(l.At, 10), l.Text}}})
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // Ignore a client that has disconnected.
	}))
	t.Cleanup(server.Close)
	return backend.Host(server.URL)
}
