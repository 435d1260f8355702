// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tour_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logsql"
	"github.com/voice-agents/telemetry/semconv"
)

// inVictoriaLogs compares the records in VictoriaLogs with the lines on stdout: they are the same, each
// once, with the values of all fields.
func inVictoriaLogs(t *testing.T, victorialogs *backend.VictoriaLogs, printed []byte) {
	t.Helper()
	lines, err := logsql.Lines(printed)
	if err != nil {
		t.Fatal(err)
	}
	var records []backend.Record
	backend.Eventually(t, "all printed lines are in VictoriaLogs", func() bool {
		records, err = victorialogs.Logs(t.Context(), "*")
		return err == nil && len(records) >= len(lines)
	})
	if err := logsql.Compare(lines, records); err != nil {
		t.Error(err)
	}
}

// questions runs the documented queries, with IDs of a line with an error in place of those of the page,
// and compares the numbers of their answers with the lines on stdout.
func questions(t *testing.T, victorialogs *backend.VictoriaLogs, printed []byte) {
	t.Helper()
	lines, err := logsql.Lines(printed)
	if err != nil {
		t.Fatal(err)
	}
	var failed logsql.Line
	for _, l := range lines {
		if l.Text("level") == "ERROR" && l.Text("turn_id") != "" {
			failed = l
		}
	}
	same := func(field string) func(logsql.Line) string {
		return func(l logsql.Line) string {
			if l.Text(field) == failed.Text(field) {
				return l.Text("timestamp") + l.Text("span_id") + l.Text("message")
			}
			return ""
		}
	}
	isError := func(l logsql.Line) bool { return l.Text("level") == "ERROR" }
	if failed == nil {
		t.Fatal("no line has an error in a turn")
	}
	all, err := logsql.Questions(backend.File(t, "deploy", "queries", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	// The answer to a question has a row for each value of its function that is not "".
	rows := map[string]func(logsql.Line) string{
		"What happened in this call? By correlation ID": same("correlation_id"),
		"What happened in this call? By trace ID":       same("trace_id"),
		"What happened in this session?":                same("session_id"),
		"What happened in this turn?":                   same("turn_id"),
		"What went wrong in this call?": func(l logsql.Line) string {
			if isError(l) || l["exception"] != nil {
				return same("correlation_id")(l)
			}
			return ""
		},
		"What are the errors of this component?": func(l logsql.Line) string {
			if isError(l) {
				return same("component")(l)
			}
			return ""
		},
		"How many errors has each component?": func(l logsql.Line) string {
			if isError(l) {
				return l.Text("component") + l.Text("module")
			}
			return ""
		},
		"How long do stages take?": func(l logsql.Line) string {
			if l.Text("phase") == semconv.VoicePhaseStageEnd {
				return l.Text("stage")
			}
			return ""
		},
		"What are the measurements of speech recognition?": func(l logsql.Line) string {
			if l.Text("component_type") == "stt" && l["performance_metrics"] != nil {
				return l.Text("span_id")
			}
			return ""
		},
		"In which turns did the user wait longest?": func(l logsql.Line) string {
			extra, _ := l["extra_data"].(map[string]any)
			if l.Text("phase") == semconv.VoicePhaseTurnEnd && extra[string(semconv.VoiceTurnResponseLatencyKey)] != nil {
				return l.Text("turn_id")
			}
			return ""
		},
		"An error by its code": func(logsql.Line) string { return "" }, // The example sets no codes.
	}
	replace := strings.NewReplacer("550e8400-e29b-41d4-a716-446655440000", failed.Text("correlation_id"), "550e8400e29b41d4a716446655440000", failed.Text("trace_id"),
		"sess_f5e6d7c8b9a0", failed.Text("session_id"), "turn_7a76e1623275", failed.Text("turn_id"), "tts-1", failed.Text("component"))
	for _, q := range all {
		row, ok := rows[q.Title]
		if !ok {
			t.Errorf("add the answer to %q", q.Title)
			continue
		}
		want := make(map[string]bool)
		for _, l := range lines {
			if r := row(l); r != "" {
				want[r] = true
			}
		}
		got, err := victorialogs.Logs(t.Context(), replace.Replace(q.Query))
		if err != nil || len(got) != len(want) {
			t.Errorf("%s %s: %d rows, %v, want %d", q.Title, replace.Replace(q.Query), len(got), err, len(want))
		}
	}
}

// tracesToLogs runs the query with which Grafana links from a trace to its lines.
func tracesToLogs(t *testing.T, victorialogs *backend.VictoriaLogs, calls map[string][]line) {
	t.Helper()
	text, err := os.ReadFile(backend.File(t, "deploy", "grafana", "provisioning", "datasources", "otelvoice.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Datasources []struct {
			Name     string
			JSONData struct {
				Derived []struct {
					Label string `yaml:"matcherRegex"`
				} `yaml:"derivedFields"`
				Logs struct {
					UID   string `yaml:"datasourceUid"`
					Query string
				} `yaml:"tracesToLogsV2"`
			} `yaml:"jsonData"`
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	links, derived := 0, 0
	for _, source := range file.Datasources {
		query := source.JSONData.Logs.Query
		for id, want := range calls {
			if query == "" {
				continue
			}
			links++
			asked := strings.ReplaceAll(query, "$${__trace.traceId}", id)
			records, err := victorialogs.Logs(t.Context(), asked)
			if err != nil || len(records) != len(want) || strings.Contains(asked, "$") {
				t.Errorf("%s: %s selects %d records, %v, want %d", source.Name, asked, len(records), err, len(want))
			}
		}
		for _, d := range source.JSONData.Derived {
			derived++
			if records, err := victorialogs.Logs(t.Context(), d.Label+":*"); err != nil || len(records) == 0 {
				t.Errorf("%s: no record has the field %s to link from: %v", source.Name, d.Label, err)
			}
		}
	}
	if links < 4 || derived == 0 {
		t.Errorf("only %d links to lines and %d to traces were followed", links, derived)
	}
}
