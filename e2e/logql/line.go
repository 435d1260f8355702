// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logql

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// A Line is a log record as Loki stores it.
type Line struct {
	At     uint64            // In nanoseconds of the Unix epoch.
	Labels map[string]string // Index labels and structured metadata. Queries do not distinguish them.
	Text   string
}

// Indexed returns the resource attributes that deploy/loki/loki.yaml makes index labels.
func Indexed() []string {
	return []string{"service.name", "service.namespace", "deployment.environment.name"}
}

// Stored returns records as Loki stores them, the oldest first. Loki writes a name with
// underscores for dots, and the record's own fields beside its attributes.
func Stored(logs []otlptest.Log) []Line {
	lines := make([]Line, 0, len(logs))
	for _, l := range logs {
		labels := map[string]string{"scope_name": l.Scope.GetName()}
		for key, value := range otlptest.Attributes(l.GetAttributes()) {
			labels[labelName(key)] = fmt.Sprint(value)
		}
		resource := otlptest.Attributes(l.Resource.GetAttributes())
		for _, key := range Indexed() {
			if value, ok := resource[key]; ok {
				labels[labelName(key)] = fmt.Sprint(value)
			}
		}
		labels["severity_text"] = l.GetSeverityText()
		if id := l.GetTraceId(); len(id) > 0 {
			labels["trace_id"] = hex.EncodeToString(id)
			labels["span_id"] = hex.EncodeToString(l.GetSpanId())
		}
		lines = append(lines, Line{cmp.Or(l.GetTimeUnixNano(), l.GetObservedTimeUnixNano()), labels, l.GetBody().GetStringValue()})
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	return lines
}

func labelName(key string) string { return strings.ReplaceAll(key, ".", "_") }

// CorrelationID is the label that the queries compute: the attribute if there is one, else
// the trace ID in UUID form. Without a trace it is "", and the queries omit the line.
func (l Line) CorrelationID() string {
	id := l.Labels["trace_id"]
	if len(id) != 32 {
		return ""
	}
	return cmp.Or(l.Labels["voice_correlation_id"], id[:8]+"-"+id[8:12]+"-"+id[12:16]+"-"+id[16:20]+"-"+id[20:])
}

func (l Line) severe() bool {
	return l.Labels["severity_text"] == "ERROR" || l.Labels["severity_text"] == "FATAL"
}

func linesOfCall(lines []Line, call string) (found []string) {
	for _, l := range lines {
		if id := l.CorrelationID(); id != "" && (l.Labels["session_id"] == call || id == call) {
			found = append(found, l.Labels["scope_name"]+": "+l.Text)
		}
	}
	return found
}

func errorLines(lines []Line) (found []string) {
	for _, l := range lines {
		if l.severe() {
			found = append(found, l.Text)
		}
	}
	return found
}

// callsWithErrors returns at most fifty groups, the largest first. Loki does not define the order of
// equal groups; here it is that of the labels.
func callsWithErrors(lines []Line) (found []string) {
	counts := make(map[string]int)
	for _, l := range lines {
		if id := l.CorrelationID(); id != "" && l.severe() {
			counts[fmt.Sprintf("correlation_id=%s scope_name=%s", id, l.Labels["scope_name"])]++
		}
	}
	groups := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(groups, func(a, b string) int { return counts[b] - counts[a] })
	for _, g := range groups[:min(len(groups), 50)] {
		found = append(found, fmt.Sprintf("%s %d", g, counts[g]))
	}
	return found
}

func linesOfTrace(lines []Line, trace string) (found []string) {
	for _, l := range lines {
		if l.Labels["service_name"] == "voiceagent" && l.Labels["trace_id"] == trace {
			found = append(found, l.Text)
		}
	}
	return found
}
