// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/internal/logline/jsonenctest"
	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

var (
	noon    = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	traceID = trace.TraceID{0x55, 0x0e, 0x84, 0x00, 0xe2, 0x9b, 0x41, 0xd4, 0xa7, 0x16, 0x44, 0x66, 0x55, 0x44, 0x00, 0x00}
	spanID  = trace.SpanID{0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18}
)

// head is the beginning of the lines of [record] that have no span.
const head = `{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"m",`

func inSpan(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled,
	}))
}

// record returns a record of noon with the attributes.
func record(message string, attrs ...attribute.KeyValue) log.Record {
	var r log.Record
	r.SetTimestamp(noon)
	r.SetSeverity(log.SeverityInfo)
	r.SetSeverityText("INFO")
	r.SetBody(attribute.StringValue(message))
	r.AddAttributes(attrs...)
	return r
}

// line returns the line of a record without its line end, and fails the test if the line is not a
// single line of strict JSON.
func line(t *testing.T, ctx context.Context, r log.Record) string { //nolint:revive // As in testing, t is first.
	t.Helper()
	return lineWith(t, ctx, jsonlog.Options{ProcessID: 1234}, r)
}

func lineWith(t *testing.T, ctx context.Context, opts jsonlog.Options, r log.Record) string { //nolint:revive // As in testing, t is first.
	t.Helper()
	var out bytes.Buffer
	p := jsonlog.New(&out, &opts)
	p.Logger("voice.stt").Emit(ctx, r)
	text, ok := bytes.CutSuffix(out.Bytes(), []byte("\n"))
	if !ok || bytes.ContainsAny(text, "\r\n") {
		t.Fatalf("not one line: %q", out.String())
	}
	if err := jsonenctest.Check(text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if p.Dropped() != 0 {
		t.Fatalf("Dropped() = %d, want 0", p.Dropped())
	}
	return string(text)
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func group(key string, members ...attribute.KeyValue) attribute.KeyValue {
	return attribute.KeyValue{Key: attribute.Key(key), Value: attribute.MapValue(members...)}
}
