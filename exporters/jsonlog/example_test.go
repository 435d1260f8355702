// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"context"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

func ExampleNew() {
	provider := jsonlog.New(os.Stdout, &jsonlog.Options{ProcessID: 1234})
	logger := provider.Logger("voice.stt")

	var record log.Record
	record.SetTimestamp(time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC))
	record.SetSeverity(log.SeverityInfo)
	record.SetBody(attribute.StringValue("heard"))
	record.AddAttributes(attribute.String("session_id", "sess_1"), attribute.Float64("confidence", 0.95))
	logger.Emit(context.Background(), record)

	// Output:
	// {"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"heard","session_id":"sess_1","module":"voice.stt","process_id":1234,"extra_data":{"confidence":0.95}}
}

// The trace ID of the span in the context is the line's correlation ID too.
func ExampleProvider_Logger() {
	logger := jsonlog.New(os.Stdout, &jsonlog.Options{ProcessID: 1234}).Logger("voice.llm")

	traceID, _ := trace.TraceIDFromHex("550e8400e29b41d4a716446655440000")
	spanID, _ := trace.SpanIDFromHex("a1b2c3d4e5f60718")
	ctx := trace.ContextWithSpanContext(context.Background(),
		trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}))

	var record log.Record
	record.SetTimestamp(time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC))
	record.SetSeverity(log.SeverityWarn)
	record.SetBody(attribute.StringValue("slow"))
	logger.Emit(ctx, record)

	// Output:
	// {"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"slow","correlation_id":"550e8400-e29b-41d4-a716-446655440000","trace_id":"550e8400e29b41d4a716446655440000","span_id":"a1b2c3d4e5f60718","module":"voice.llm","process_id":1234}
}
