// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/redact"
)

func TestTracerProvider(t *testing.T) {
	const secret = "jane.doe@example.com"
	at := time.Unix(1_700_000_000, 0)
	recorder := tracetest.NewSpanRecorder()
	next := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	provider := redact.NewTracerProvider(redact.New(redact.Default()...), next)
	tracer := provider.Tracer("test")
	dirty := attribute.String("note", "write to "+secret)
	link := trace.Link{Attributes: []attribute.KeyValue{dirty}, SpanContext: trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	})}

	ctx, parent := tracer.Start(t.Context(), "parent")
	ctx, span := tracer.Start(ctx, "mail "+secret, trace.WithAttributes(dirty, attribute.Int("n", 1)), trace.WithLinks(link),
		trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(at))
	if trace.SpanFromContext(ctx) != span || span.TracerProvider() != provider {
		t.Error("the span in the context, and its provider, are not those that redact")
	}
	span.SetAttributes(attribute.String("password", "hunter2"), attribute.StringSlice("to", []string{secret}))
	span.SetStatus(codes.Error, "no mailbox "+secret)
	span.AddLink(link)
	span.AddEvent("event "+secret, trace.WithAttributes(dirty), trace.WithTimestamp(at))
	// The toolkit does not call RecordError; other instrumentations do.
	span.RecordError(fmt.Errorf("send: %w", errors.New("no mailbox "+secret)), trace.WithStackTrace(true), trace.WithAttributes(dirty)) //nolint:forbidigo // See above.
	span.RecordError(nil)                                                                                                               //nolint:forbidigo // See above.
	_, root := tracer.Start(ctx, "root", trace.WithNewRoot(), trace.WithAttributes(dirty))
	root.SetName("root " + secret)
	root.End()
	span.End(trace.WithTimestamp(at.Add(time.Second)))
	parent.End()

	spans := recorder.Ended()
	if len(spans) != 3 {
		t.Fatalf("got %d spans, want 3", len(spans))
	}
	for _, s := range spans {
		stub := tracetest.SpanStubFromReadOnlySpan(s)
		if text := fmt.Sprintf("%+v", stub); strings.Contains(text, secret) || strings.Contains(text, "hunter2") {
			t.Errorf("a secret is left in %s", text)
		}
	}
	if got := spans[0]; got.Parent().IsValid() || got.Name() != "root [REDACTED:email]" {
		t.Errorf("root: got %s under %v", got.Name(), got.Parent())
	}
	got := tracetest.SpanStubFromReadOnlySpan(spans[1])
	if got.Parent.SpanID() != parent.SpanContext().SpanID() || got.SpanKind != trace.SpanKindClient || got.StartTime != at || got.EndTime != at.Add(time.Second) {
		t.Errorf("parent, kind or times were lost: %+v", got)
	}
	if got.Status.Code != codes.Error || len(got.Links) != 2 || !slices.Contains(got.Attributes, attribute.Int("n", 1)) {
		t.Errorf("what holds no secret was lost: %+v", got)
	}
	if len(got.Events) != 2 || got.Events[0].Time != at || got.Events[1].Name != "exception" || len(got.Events[1].Attributes) != 4 {
		t.Errorf("events: got %+v", got.Events)
	}
}

func TestTracerProviderWithoutRecording(t *testing.T) {
	next := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	if got := redact.NewTracerProvider(nil, next); got != trace.TracerProvider(next) {
		t.Errorf("without a redactor: got %T", got)
	}
	ctx, span := redact.NewTracerProvider(redact.New(redact.Default()...), next).Tracer("test").Start(t.Context(), "unsampled")
	if span.IsRecording() || !trace.SpanContextFromContext(ctx).Equal(span.SpanContext()) || !span.SpanContext().IsValid() {
		t.Errorf("unsampled: got %T", span)
	}
	span.End()
}
