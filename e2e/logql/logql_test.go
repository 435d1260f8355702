// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logql_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logql"
	"github.com/voice-agents/telemetry/internal/testing/grafanatest"
)

var update = flag.Bool("update", false, "rewrite testdata/answers.golden from testdata/call.jsonl")

const (
	recordedCall = "testdata/call.jsonl"
	answersFile  = "testdata/answers.golden"
)

// place is where the query of a trace is documented.
const place = "deploy/README.md"

// asked returns the LogQL queries of the dashboards and of deploy/README.md.
func asked(t *testing.T) (queries []logql.Query) {
	t.Helper()
	all, err := grafanatest.Queries(backend.File(t, "deploy", "loki"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		if q.Source == "loki" {
			queries = append(queries, logql.Query{Where: q.Dashboard + ": " + q.Panel, Text: q.Text})
		}
	}
	text, err := os.ReadFile(backend.File(t, "deploy", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const path, parameter = "/loki/api/v1/", "--data-urlencode 'query="
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, path) {
			continue
		}
		_, query, found := strings.Cut(line, parameter)
		query, _, ended := strings.Cut(query, "' | jq")
		if !found || !ended {
			t.Errorf("%s: no query in %s", place, line)
		}
		queries = append(queries, logql.Query{Where: place, Text: strings.ReplaceAll(query, `"'$ID'"`, `"$ID"`)})
	}
	return queries
}

func TestQueriesMatchTheGoldenFile(t *testing.T) {
	_, golden, err := logql.Golden()
	if err != nil {
		t.Fatal(err)
	}
	got := asked(t)
	for _, q := range got {
		if !slices.Contains(golden, q) {
			t.Errorf("testdata/queries.yaml does not have the query of %s:\n%s\nRun the changed query against Loki before you change the file.", q.Where, q.Text)
		}
	}
	for _, q := range golden {
		if !slices.Contains(got, q) {
			t.Errorf("%s no longer has the query:\n%s", q.Where, q.Text)
		}
	}
}

// ids returns the session, correlation and trace ID of the recorded call.
func ids(t *testing.T, lines []logql.Line) (session, correlation, trace string) {
	t.Helper()
	i := slices.IndexFunc(lines, func(l logql.Line) bool { return l.Labels["session_id"] != "" })
	if i < 0 {
		t.Fatal("the recorded call has no session")
	}
	return lines[i].Labels["session_id"], lines[i].CorrelationID(), lines[i].Labels["trace_id"]
}

// The records are those that the Collector sent to Loki's address for a call of the example. The golden
// answers follow a rule that was verified with Loki: a call's lines are those that the example printed
// for it.
func TestRecordedCallGivesTheGoldenAnswers(t *testing.T) {
	records, err := logql.Recorded(recordedCall)
	if err != nil {
		t.Fatal(err)
	}
	lines := logql.Stored(records)
	session, correlation, trace := ids(t, lines)
	_, golden, err := logql.Golden()
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, q := range golden {
		for _, ask := range []struct{ variable, value string }{{"$call", session}, {"$call", correlation}, {"$ID", trace}} {
			if !strings.Contains(q.Text, ask.variable) {
				continue
			}
			answer(t, &got, q.Where, lines, ask.value)
		}
		if !strings.Contains(q.Text, "$call") && !strings.Contains(q.Text, "$ID") {
			answer(t, &got, q.Where, lines, "")
		}
	}
	if *update {
		if err := os.WriteFile(answersFile, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(answersFile)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("answers for the recorded call:\n%s\nwant\n%s", &got, want)
	}
}

func answer(t *testing.T, to *strings.Builder, where string, lines []logql.Line, asked string) {
	t.Helper()
	found, err := logql.Select(where, lines, asked)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Errorf("%s with %q returned no lines", where, asked)
	}
	fmt.Fprintf(to, "== %s\n%s\n\n", strings.TrimSpace(where+" "+asked), strings.Join(found, "\n"))
}

func TestLinesThatTheQueriesOmit(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	const correlation = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
	line := func(text string, labels ...string) logql.Line {
		l := logql.Line{Text: text, Labels: map[string]string{"service_name": "voiceagent", "scope_name": "voice.stt", "severity_text": "INFO", "trace_id": trace}}
		for i := 0; i+1 < len(labels); i += 2 {
			l.Labels[labels[i]] = labels[i+1]
		}
		return l
	}
	lines := []logql.Line{
		line("of the call"),
		line("of the session", "session_id", "sess_1"),
		line("of another call", "trace_id", strings.Repeat("1", 32), "severity_text", "ERROR"),
		line("under the caller's ID", "voice_correlation_id", "ours-1", "severity_text", "FATAL"),
		line("without a trace", "trace_id", "", "severity_text", "ERROR"),
		line("of another service", "service_name", "billing", "severity_text", "WARN"),
	}
	for _, tc := range []struct {
		where, asked string
		want         []string
	}{
		{"calls.json: Log lines", "sess_1", []string{"voice.stt: of the session"}},
		{"calls.json: Log lines", "ours-1", []string{"voice.stt: under the caller's ID"}},
		{"calls.json: Log lines", correlation, []string{"voice.stt: of the call", "voice.stt: of the session", "voice.stt: of another service"}},
		// In LogQL a missing label equals "".
		{"calls.json: Log lines", "", []string{"voice.stt: of the call", "voice.stt: of another call", "voice.stt: under the caller's ID", "voice.stt: of another service"}},
		{"errors.json: Error log lines", "", []string{"of another call", "under the caller's ID", "without a trace"}},
		{"errors.json: Calls with errors", "", []string{
			"correlation_id=11111111-1111-1111-1111-111111111111 scope_name=voice.stt 1", "correlation_id=ours-1 scope_name=voice.stt 1",
		}},
		{place, trace, []string{"of the call", "of the session", "under the caller's ID"}},
	} {
		got, err := logql.Select(tc.where, lines, tc.asked)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s with %q: got %q, %v, want %q", tc.where, tc.asked, got, err, tc.want)
		}
	}
	if _, err := logql.Select("pipeline.json: Turns", lines, ""); err == nil {
		t.Error("no error for an unknown query")
	}
}

// TestIndexLabels checks that Loki indexes the label that every query begins with, because LogQL rejects
// a stream selector without an index label.
func TestIndexLabels(t *testing.T) {
	text, err := os.ReadFile(backend.File(t, "deploy", "loki", "loki.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Limits struct {
			OTLP struct {
				Resource struct {
					Ignore  bool `yaml:"ignore_defaults"`
					Configs []struct {
						Action     string
						Attributes []string
					} `yaml:"attributes_config"`
				} `yaml:"resource_attributes"`
			} `yaml:"otlp_config"`
		} `yaml:"limits_config"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	configs := config.Limits.OTLP.Resource.Configs
	if !config.Limits.OTLP.Resource.Ignore || len(configs) != 1 || configs[0].Action != "index_label" || !slices.Equal(configs[0].Attributes, logql.Indexed()) {
		t.Errorf("loki.yaml indexes %+v, want %v", configs, logql.Indexed())
	}
	for _, q := range asked(t) {
		if !strings.Contains(q.Text, "{service_name=") {
			t.Errorf("%s selects no stream by service_name", q.Where)
		}
	}
}
