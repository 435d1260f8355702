// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tour_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/grafanatest"
)

// silent are the panels without data in the example, in which one request fails, no turn fails, no silence
// is long, no streaming recogniser is used, no prices are set, and no telephone line and no application says
// more of the call.
var silent = []string{
	"errors.json: Failed turns", "errors.json: Failed operations",
	"experience.json: Burn rate of failed turns",
	"conversation.json: Dead air of a call", "conversation.json: False interruptions",
	"resources.json: Lost", "resources.json: Refused or lost",
	"resources.json: Age of the oldest request", "resources.json: Failed export requests",
	"outcomes.json: Failed turns", "outcomes.json: Outcomes per hour", "outcomes.json: Evaluations per hour", "outcomes.json: Transfers per hour",
	"outcomes.json: Holds", "outcomes.json: Answered by, idle prompts, keys",
	"outcomes.json: Cost per hour", "outcomes.json: Cost of a turn", "outcomes.json: Cost by stage and model",
	"pipeline.json: Turns over budget", "pipeline.json: Turns over budget, by version",
	"pipeline.json: Resent requests", "pipeline.json: Dropped audio frames", "pipeline.json: Stream reconnects",
}

// dashboards runs all queries of the dashboards.
func dashboards(t *testing.T, prometheus *backend.Prometheus, victorialogs *backend.VictoriaLogs, lines []line) {
	t.Helper()
	queries, err := grafanatest.Queries(backend.File(t, "deploy", "grafana"))
	if err != nil {
		t.Fatal(err)
	}
	call := lines[slices.IndexFunc(lines, func(l line) bool { return l.Session != "" })]
	for _, q := range queries {
		where := q.Dashboard + ": " + q.Panel
		switch q.Source {
		case "prometheus":
			backend.Eventually(t, where+" has data: "+q.Filled(""), func() bool {
				samples, err := prometheus.Query(t.Context(), q.Filled(""))
				if err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				return len(samples) > 0 || slices.Contains(silent, where)
			})
		case "victorialogs":
			for _, asked := range []string{call.Call, call.Session} {
				ask := victorialogs.Logs
				if q.Type == "stats" {
					ask = victorialogs.Stats
				}
				records, err := ask(t.Context(), q.Filled(asked))
				if err != nil || len(records) == 0 {
					t.Errorf("%s has no data: %s: %v", where, q.Filled(asked), err)
				}
				switch where {
				case "calls.json: Log lines":
					found := make([]string, len(records))
					for i, r := range records {
						found[i] = r["_msg"]
					}
					ofCall(t, found, lines, asked)
				case "errors.json: Calls with errors":
					failedCalls(t, records, lines)
				}
			}
		case "tempo": // Not run: there is no Tempo here.
		default:
			t.Errorf("%s queries the unknown data source %q", where, q.Source)
		}
	}
}

// failedCalls compares the numbers of errors with the lines on stdout.
func failedCalls(t *testing.T, rows []backend.Record, lines []line) {
	t.Helper()
	printed := make(map[string]int)
	for _, l := range lines {
		if l.Level == "ERROR" {
			printed[l.Call+" "+l.Module]++
		}
	}
	for _, r := range rows {
		key := r["correlation_id"] + " " + r["scope.name"]
		if want := strconv.Itoa(printed[key]); r["value"] != want {
			t.Errorf("%s has %s errors, want %s", key, r["value"], want)
		}
		delete(printed, key)
	}
	if len(printed) > 0 {
		t.Errorf("the errors of %v are not shown", printed)
	}
}

// ofCall compares the data of Call Explorer with the lines on stdout.
func ofCall(t *testing.T, found []string, lines []line, asked string) {
	t.Helper()
	want := make(map[string]int)
	for _, l := range lines {
		if l.Call == asked || l.Session == asked {
			want[l.Module+": "+l.Message]++
		}
	}
	for _, text := range found {
		want[text]--
	}
	for text, n := range want {
		if n != 0 {
			t.Errorf("Call Explorer of %s: %q was printed %d times more often than shown", asked, text, n)
		}
	}
}

// alerts checks that Prometheus has the rules and can evaluate them, and that the example, which
// has no faults, fires none.
func alerts(t *testing.T, prometheus *backend.Prometheus) {
	t.Helper()
	states, err := prometheus.Alerts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(states) < 10 {
		t.Errorf("got only %d alerts", len(states))
	}
	for name, state := range states {
		if strings.EqualFold(state, "firing") {
			t.Errorf("%s fires", name)
		}
	}
}
