// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/textlog"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// The text of package jsonlog's golden records is that of their lines.
func TestGoldenRecords(t *testing.T) {
	lines, err := os.ReadFile("../jsonlog/testdata/records.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(lines) {
		for _, opts := range []textlog.Options{{}, {Details: true}, {Colors: true, Location: time.UTC}} {
			textOf(t, line, opts)
		}
	}
}

// The text of a record with attribute groups is that of the same attributes without groups, and the
// record keeps its groups.
func TestGroupsAreAttributes(t *testing.T) {
	parts := [...][]attribute.KeyValue{
		{semconv.CodeFilePath("/app/main.go"), semconv.CodeLineNumber(7), semconv.CodeFunctionName("main.run")},
		{semconv.VoiceComponentName("nova-3"), attribute.String("team", "blue")},
		{attribute.Int("guests", 4), semconv.VoicePhase("stage_end")},
		{semconv.VoiceCorrelationID("order-42"), semconv.SessionID("sess_f5e6d7c8b9a0")},
	}
	var (
		keys logrecord.KeyCache
		out  bytes.Buffer
	)
	writer := textlog.New(&out, &textlog.Options{Details: true, Location: time.UTC}).Logger("m").(logrecord.Writer)
	text := func(r *logrecord.Record) string {
		r.Time, r.Body = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC), attribute.StringValue("message")
		r.Span = trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{1}})
		out.Reset()
		writer.WriteRecord(t.Context(), r)
		return out.String()
	}
	grouped, flat := logrecord.New(&keys), logrecord.New(&keys)
	grouped.SetSource(logrecord.NewGroup(&keys, parts[0]))
	grouped.SetLogger(logrecord.NewGroup(&keys, parts[1]))
	for i := range parts[2] {
		grouped.Add(&parts[2][i])
	}
	grouped.SetContext(logrecord.NewGroup(&keys, parts[3]))
	groups := grouped.Groups
	for _, part := range parts {
		for i := range part {
			flat.Add(&part[i])
		}
	}
	got, want := text(grouped), text(flat)
	if got != want || got == "" {
		t.Errorf("got %swant %s", got, want)
	}
	if grouped.Groups != groups {
		t.Error("the groups were expanded")
	}
}
