// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// NoSecrets fails the test if one of the secrets is in the recorded log lines, log records, spans
// or metrics. Pass the keys, names and numbers that your test uses as secrets.
func NoSecrets(tb testing.TB, rec *Recorder, secrets ...string) {
	tb.Helper()
	leaks, err := rec.Leaks(secrets...)
	if err != nil {
		tb.Error(err)
	}
	for _, leak := range leaks {
		tb.Errorf("voicetest: a secret was recorded: %s", leak)
	}
}

// Leaks returns a message for each place where one of the secrets was recorded. Empty secrets are
// ignored.
func (r *Recorder) Leaks(secrets ...string) (leaks []string, err error) {
	find := func(place, text string) {
		for _, secret := range secrets {
			// The secret may be escaped in JSON.
			escaped, _ := json.Marshal(secret)
			if secret != "" && (strings.Contains(text, secret) || strings.Contains(text, string(escaped[1:len(escaped)-1]))) {
				leaks = append(leaks, fmt.Sprintf("%q in %s", secret, place))
			}
		}
	}
	for line := range strings.Lines(string(r.lines.bytes())) {
		find("the line "+strings.TrimSuffix(line, "\n"), line)
	}
	for _, record := range r.Logs() {
		place := fmt.Sprintf("the log record %q", record.Body())
		find(place, record.Body().String())
		record.WalkAttributes(func(kv attribute.KeyValue) bool {
			find(place+", "+string(kv.Key), string(kv.Key)+kv.Value.String())
			return true
		})
	}
	for _, span := range r.Spans() {
		findInSpan(span, find)
	}
	metrics, err := r.Metrics()
	if err != nil {
		return leaks, err
	}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			find("the metric "+m.Name, dimensions(m.Data))
		}
	}
	return leaks, nil
}

func findInSpan(span sdktrace.ReadOnlySpan, find func(place, text string)) {
	place := fmt.Sprintf("the span %q", span.Name())
	find(place, span.Name()+" "+span.Status().Description)
	attributes := func(of string, attrs []attribute.KeyValue) {
		for _, kv := range attrs {
			find(of+", "+string(kv.Key), string(kv.Key)+kv.Value.String())
		}
	}
	attributes(place, span.Attributes())
	for _, e := range span.Events() {
		find(place, e.Name)
		attributes(place+", event "+e.Name, e.Attributes)
	}
	for _, l := range span.Links() {
		attributes(place+", link", l.Attributes)
	}
}

// dimensions returns the attributes of a metric's points, and the additional ones of their
// exemplars.
func dimensions(data metricdata.Aggregation) string {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Sprint(data)
	}
	return string(text)
}
