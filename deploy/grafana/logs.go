// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/loki"

	"github.com/voice-agents/telemetry/semconv"
)

// correlated is the field that queries add: the correlation ID, with the same value as on stdout. It is
// the attribute if there is one, else the trace ID in UUID form.
const correlated = "correlation_id"

// query is a query of a panel.
type query = cog.Builder[variants.Dataquery]

// logStore is a backend for log records, with the queries of the panels in its language.
type logStore struct {
	source      common.DataSourceRef
	ofCall      query // The lines of one call, oldest first.
	severe      query // The lines of errors, oldest first.
	failedCalls query // The number of errors of each call and module, the highest first.
}

// logStores returns the backends by their names on the command line.
func logStores() map[string]logStore {
	return map[string]logStore{"victorialogs": victoriaLogs(), "loki": lokiStore()}
}

// logsQL is a query of the data source for VictoriaLogs, for which the Foundation SDK has no type.
type logsQL struct {
	text  string
	stats bool // The query computes statistics: a table instead of lines.
}

// Build returns the query in the data source's format.
func (q logsQL) Build() (variants.Dataquery, error) {
	built := variants.UnknownDataquery{"refId": "A", "expr": q.text, "editorMode": "code", "queryType": "instant", "maxLines": 1000}
	if q.stats {
		built["queryType"] = "stats"
	}
	return built, nil
}

// victoriaLogs has the fields and attributes of a record under their own names. The names of resource
// attributes do not differ from those of the record.
func victoriaLogs() logStore {
	const (
		uid, plugin = "victorialogs", "victoriametrics-logs-datasource"
		ofService   = `{service.name=~"$job"} `
		severe      = "severity_number:>=17"
		oldestFirst = " | sort by (_time)"
	)
	attribute := string(semconv.VoiceCorrelationIDKey)
	withCorrelation := "trace_id:* | copy trace_id as " + correlated +
		` | replace_regexp ("^(.{8})(.{4})(.{4})(.{4})", "$1-$2-$3-$4-") at ` + correlated +
		" | format if (" + attribute + `:*) "<` + attribute + `>" as ` + correlated
	source := source(uid)
	source.Type = cog.ToPtr(plugin)
	return logStore{
		source: source,
		// Without an ID the text box is empty, and a field that is missing equals "".
		ofCall: logsQL{text: ofService + withCorrelation + " | filter " + correlated + `:="$call" or ` +
			string(semconv.SessionIDKey) + `:="$call" ` + string(semconv.SessionIDKey) + `:* | format "<scope.name>: <_msg>" as _msg` + oldestFirst},
		severe: logsQL{text: ofService + severe + oldestFirst},
		failedCalls: logsQL{stats: true, text: ofService + severe + " " + withCorrelation +
			" | stats by (" + correlated + ", scope.name) count() as errors | sort by (errors desc, " + correlated + ") limit 50"},
	}
}

// lokiStore has the fields and attributes of a record as labels of its line, with underscores in place of
// dots. Of the resource attributes, only those that identify the service are labels.
func lokiStore() logStore {
	const (
		ofService = `{service_name=~"$job"}`
		severe    = `severity_text=~"ERROR|FATAL"`
	)
	attribute := "." + label(semconv.VoiceCorrelationIDKey)
	withCorrelation := `trace_id!="" | label_format ` + correlated + "=`{{ if " + attribute + " }}{{ " + attribute + " }}{{ else }}" +
		"{{ substr 0 8 .trace_id }}-{{ substr 8 12 .trace_id }}-{{ substr 12 16 .trace_id }}-{{ substr 16 20 .trace_id }}-{{ substr 20 32 .trace_id }}{{ end }}`"
	lines := func(text string) query {
		return loki.NewDataqueryBuilder().Expr(text).QueryType("range").MaxLines(1000)
	}
	return logStore{
		source: source("loki"),
		ofCall: lines(ofService + " | " + withCorrelation + " | " + label(semconv.SessionIDKey) + `="$call" or ` + correlated + `="$call"` +
			" | line_format `{{ .scope_name }}: {{ __line__ }}`"),
		severe: lines(ofService + " | " + severe),
		failedCalls: loki.NewDataqueryBuilder().QueryType("instant").Expr(
			"topk(50, sum by (" + correlated + ", scope_name) (count_over_time(" + ofService + " | " + severe + " | " + withCorrelation + " [$__range])))"),
	}
}
