// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/otlp"
)

var now = time.Date(2024, 1, 1, 12, 0, 0, 123456789, time.UTC)

var testResource = resource.NewWithAttributes("https://example.com/schema", attribute.String("service.name", "agent"), attribute.Int("n", 1))

func record(attrs ...attribute.KeyValue) log.Record {
	var r log.Record
	r.SetTimestamp(now)
	r.SetObservedTimestamp(now.Add(time.Second))
	r.SetSeverity(log.SeverityWarn2)
	r.SetSeverityText("WARN+1")
	r.SetBody(attribute.StringValue("heard"))
	r.AddAttributes(attrs...)
	return r
}

func inSpan(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2, 3}, SpanID: trace.SpanID{4, 5}, TraceFlags: trace.FlagsSampled,
	}))
}

// bySDK returns the request that the SDK makes from records.
func bySDK(tb testing.TB, write func(log.LoggerProvider)) *collectorpb.ExportLogsServiceRequest {
	tb.Helper()
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	e, err := otlploghttp.New(context.Background(), otlploghttp.WithEndpointURL(server.URL+"/v1/logs"))
	if err != nil {
		tb.Fatal(err)
	}
	p := sdklog.NewLoggerProvider(sdklog.WithResource(testResource), sdklog.WithAllowKeyDuplication(), sdklog.WithProcessor(sdklog.NewBatchProcessor(e)))
	write(p)
	if err := p.Shutdown(context.Background()); err != nil {
		tb.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	return decoded(tb, body)
}

// byOurs returns the request that this package makes from them.
func byOurs(tb testing.TB, write func(log.LoggerProvider)) *collectorpb.ExportLogsServiceRequest {
	tb.Helper()
	var body []byte
	p := otlp.NewLoggerProvider(otlp.BatchConfig{Resource: testResource, Put: func(request []byte, _ int) error {
		body = append([]byte(nil), request...)
		return nil
	}})
	write(p)
	if err := p.Shutdown(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return decoded(tb, body)
}

func decoded(tb testing.TB, body []byte) *collectorpb.ExportLogsServiceRequest {
	tb.Helper()
	req := &collectorpb.ExportLogsServiceRequest{}
	if err := proto.Unmarshal(body, req); err != nil {
		tb.Fatal(err)
	}
	return req
}

// The encoded records equal those of the SDK and its exporter.
func TestSameAsSDK(t *testing.T) {
	var event log.Record
	event.SetEventName("voice.mark")
	event.SetObservedTimestamp(now)
	number := record()
	number.SetBody(attribute.MapValue(attribute.Int("a", 1), attribute.String("b", strings.Repeat("long ", 100))))
	early := record()
	early.SetTimestamp(time.Unix(-5, 0))
	var many []attribute.KeyValue
	for i := range 200 {
		many = append(many, attribute.Int(fmt.Sprint("key_", i), i))
	}
	for _, tt := range []struct {
		name    string
		records []log.Record
	}{
		{"plain", []log.Record{record()}},
		{"scalars", []log.Record{record(
			attribute.String("s", "text"), attribute.String("empty", ""), attribute.Int("i", 5), attribute.Int("negative", -5), attribute.Int("zero", 0),
			attribute.Float64("f", 1.5), attribute.Float64("nan", math.Inf(1)), attribute.Bool("yes", true), attribute.Bool("no", false),
		)}},
		{"lists", []log.Record{record(
			attribute.StringSlice("s", []string{"a", ""}), attribute.Int64Slice("i", []int64{1, -1}), attribute.Float64Slice("f", []float64{.5}),
			attribute.BoolSlice("b", []bool{true, false}), attribute.StringSlice("none", nil), attribute.ByteSlice("bytes", []byte{0, 255}),
			attribute.KeyValue{Key: "mixed", Value: attribute.SliceValue(attribute.IntValue(1), attribute.StringValue("x"), attribute.Value{})},
		)}},
		{"maps", []log.Record{record(
			attribute.Map("m", attribute.Int("a", 1), attribute.Map("inner", attribute.String("long", strings.Repeat("x", 20000)))),
			attribute.Map("none"), attribute.KeyValue{Key: "empty"},
		)}},
		{"an event without a body", []log.Record{event}},
		{"a body that is a map", []log.Record{number}},
		{"before 1970", []log.Record{early}},
		{"too many attributes", []log.Record{record(many...)}},
		{"some", []log.Record{record(attribute.Int("n", 1)), record(attribute.Int("n", 2)), event}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			write := func(p log.LoggerProvider) {
				logger := p.Logger("voice.stt", log.WithInstrumentationVersion("1.2.3"), log.WithSchemaURL("https://example.com/scope"),
					log.WithInstrumentationAttributes(attribute.String("a", "b")))
				for _, r := range tt.records {
					logger.Emit(inSpan(t.Context()), r)
				}
				logger.Emit(t.Context(), tt.records[0])
			}
			want, got := bySDK(t, write), byOurs(t, write)
			if !proto.Equal(want, got) {
				t.Errorf("got  %s\nwant %s", protojson.Format(got), protojson.Format(want))
			}
		})
	}
}

// Different scopes stay separate; scopes of one name and version are merged.
func TestScopes(t *testing.T) {
	got := byOurs(t, func(p log.LoggerProvider) {
		for _, name := range []string{"a", "b", "a", ""} {
			p.Logger(name).Emit(t.Context(), record())
		}
		p.Logger("a", log.WithInstrumentationVersion("2")).Emit(t.Context(), record())
	})
	var names []string
	for _, s := range got.GetResourceLogs()[0].GetScopeLogs() {
		names = append(names, fmt.Sprintf("%s%s:%d", s.GetScope().GetName(), s.GetScope().GetVersion(), len(s.GetLogRecords())))
	}
	if got, want := strings.Join(names, " "), "a:2 b:1 :1 a2:1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Attribute groups are sent as plain attributes.
func TestBlocks(t *testing.T) {
	var keys logrecord.KeyCache
	source := logrecord.NewGroup(&keys, []attribute.KeyValue{attribute.String("code.function.name", "f")})
	ids := logrecord.NewGroup(&keys, []attribute.KeyValue{attribute.String("session.id", "s"), attribute.String("voice.turn.id", strings.Repeat("t", 300))})
	got := byOurs(t, func(p log.LoggerProvider) {
		for range 2 { // The first is encoded, the second cached.
			r := logrecord.New(&keys)
			r.SetSource(source)
			kv := attribute.Int("n", 1)
			r.Add(&kv)
			r.SetContext(ids)
			p.Logger("m").(logrecord.Writer).WriteRecord(t.Context(), r)
			r.Free()
		}
	})
	for _, r := range got.GetResourceLogs()[0].GetScopeLogs()[0].GetLogRecords() {
		var keys []string
		for _, kv := range r.GetAttributes() {
			keys = append(keys, kv.GetKey())
		}
		if got := strings.Join(keys, " "); got != "code.function.name n session.id voice.turn.id" {
			t.Errorf("got %s", got)
		}
	}
}
