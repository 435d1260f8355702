// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// However attributes are distributed over the groups of a record, the line equals that of a
// record without groups.
func TestBlocksAreAttributes(t *testing.T) {
	all := []attribute.KeyValue{
		semconv.VoiceCorrelationID("c"), semconv.VoiceRequestID("r"), semconv.SessionID("s"), semconv.VoiceTurnID("t"), semconv.UserID("u"),
		semconv.VoiceComponentName("n"), semconv.VoiceComponentType("llm"), semconv.CodeFunctionName("f"), semconv.CodeLineNumber(7),
		semconv.CodeFilePath("p"), semconv.ThreadID(8), semconv.VoicePipelineID("l"), semconv.VoicePhase("stage_end"), semconv.VoiceStage("llm"),
		semconv.VoiceDuration(.25), semconv.VoicePerformance(attribute.Bool("success", true)), semconv.ExceptionMessage("m"),
		attribute.String("extra", "e"), attribute.Int("number", 1), attribute.String("stage", "plain"), attribute.String("request_id", "plain"),
		attribute.String("voice.error.code", "E1"), attribute.Bool("yes", true),
	}
	random := rand.New(rand.NewPCG(1, 2))
	var table logrecord.KeyCache
	var out bytes.Buffer
	writer := jsonlog.New(&out, &jsonlog.Options{ProcessID: 1}).Logger("m").(logrecord.Writer)
	written := func(r *logrecord.Record) string {
		out.Reset()
		writer.WriteRecord(t.Context(), r)
		r.Free()
		return out.String()
	}
	begin := func(span trace.SpanContext) *logrecord.Record {
		r := logrecord.New(&table)
		r.Time, r.Body, r.Span = noon, attribute.StringValue("message"), span
		return r
	}
	for range 5_000 {
		var parts [4][]attribute.KeyValue // Of the place, the logger, the record, the context.
		for _, i := range random.Perm(len(all)) {
			if at := random.IntN(6); at < len(parts) {
				parts[at] = append(parts[at], all[i])
			}
		}
		blocks := [...]*logrecord.Group{logrecord.NewGroup(&table, parts[0]), logrecord.NewGroup(&table, parts[1]), logrecord.NewGroup(&table, parts[3])}
		for _, id := range []byte{1, 2} { // The second record of a context may be of another span.
			span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{id}})
			r := begin(span)
			r.SetSource(blocks[0])
			r.SetLogger(blocks[1])
			for i := range parts[2] {
				r.Add(&parts[2][i])
			}
			r.SetContext(blocks[2])
			got := written(r)
			plain := begin(span)
			for _, part := range parts {
				for i := range part {
					plain.Add(&part[i])
				}
			}
			if want := written(plain); got != want {
				t.Fatalf("%v\ngot  %swant %s", parts, got, want)
			}
		}
	}
}
