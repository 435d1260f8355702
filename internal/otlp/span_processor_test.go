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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// sent returns the requests that the SDK's processor and exporter make from spans, and those that
// this package makes from the same spans.
func sent(tb testing.TB, end func(trace.TracerProvider), opts ...sdktrace.TracerProviderOption) (sdk, ours *collectorpb.ExportTraceServiceRequest) {
	tb.Helper()
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	e, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(server.URL+"/v1/traces"))
	if err != nil {
		tb.Fatal(err)
	}
	ours = &collectorpb.ExportTraceServiceRequest{}
	processor := otlp.NewSpanProcessor(otlp.BatchConfig{Resource: testResource, Put: func(request []byte, _ int) error {
		if err := proto.Unmarshal(request, ours); err != nil {
			tb.Error(err)
		}
		return nil
	}})
	p := sdktrace.NewTracerProvider(append(opts, sdktrace.WithResource(testResource), sdktrace.WithBatcher(e), sdktrace.WithSpanProcessor(processor))...)
	end(p)
	if err := p.Shutdown(context.Background()); err != nil {
		tb.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	sdk = &collectorpb.ExportTraceServiceRequest{}
	if err := proto.Unmarshal(body, sdk); err != nil {
		tb.Fatal(err)
	}
	return sdk, ours
}

var (
	noon   = time.Date(2024, 1, 1, 12, 0, 0, 123456789, time.UTC)
	caller = trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{3}, TraceFlags: trace.FlagsSampled, Remote: true})
)

// The encoded spans equal those of the SDK and its exporter.
func TestSpansAsFromSDK(t *testing.T) {
	state, err := trace.ParseTraceState("vendor=value,other=1")
	if err != nil {
		t.Fatal(err)
	}
	one := func(start func(ctx context.Context, tracer trace.Tracer) trace.Span) func(trace.TracerProvider) {
		return func(p trace.TracerProvider) {
			start(context.Background(), p.Tracer("voice", trace.WithInstrumentationVersion("1.2.3"), trace.WithSchemaURL("https://example.com/scope"),
				trace.WithInstrumentationAttributes(attribute.String("a", "b")))).End(trace.WithTimestamp(noon.Add(time.Second)))
		}
	}
	span := func(tracer trace.Tracer, ctx context.Context, opts ...trace.SpanStartOption) trace.Span {
		_, s := tracer.Start(ctx, "chat gpt-4o-mini", append(opts, trace.WithTimestamp(noon))...)
		return s
	}
	limits := sdktrace.NewSpanLimits()
	limits.AttributeCountLimit, limits.EventCountLimit, limits.LinkCountLimit, limits.AttributePerEventCountLimit = 2, 1, 1, 1
	for _, tt := range []struct {
		name string
		end  func(trace.TracerProvider)
		opts []sdktrace.TracerProviderOption
	}{
		{"plain", one(func(ctx context.Context, tracer trace.Tracer) trace.Span { return span(tracer, ctx) }), nil},
		{"attributes", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			return span(tracer, ctx, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
				attribute.String("s", "text"), attribute.String("empty", ""), attribute.String("long", strings.Repeat("x", 300)), attribute.Int("i", -5), attribute.Int("zero", 0),
				attribute.Float64("f", 1.5), attribute.Float64("inf", math.Inf(1)), attribute.Bool("yes", true), attribute.Bool("no", false),
				attribute.StringSlice("list", []string{"a", ""}), attribute.Int64Slice("ints", []int64{1, -1}), attribute.Map("m", attribute.Int("a", 1))))
		}), nil},
		{"a child of another service", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			return span(tracer, trace.ContextWithRemoteSpanContext(ctx, caller.WithTraceState(state)), trace.WithSpanKind(trace.SpanKindServer))
		}), nil},
		{"events", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			s := span(tracer, ctx)
			s.AddEvent("first token", trace.WithTimestamp(noon))
			s.AddEvent("last token", trace.WithTimestamp(noon), trace.WithAttributes(attribute.Int("n", 7), attribute.String("s", "x")))
			return s
		}), nil},
		{"links", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			return span(tracer, ctx, trace.WithLinks(trace.Link{SpanContext: caller, Attributes: []attribute.KeyValue{attribute.Bool("b", true)}}, trace.Link{SpanContext: caller.WithRemote(false)}))
		}), nil},
		{"an error", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			s := span(tracer, ctx)
			s.SetStatus(codes.Error, "no answer")
			return s
		}), nil},
		{"all is well", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			s := span(tracer, ctx)
			s.SetStatus(codes.Ok, "")
			return s
		}), nil},
		{"more than the limits", one(func(ctx context.Context, tracer trace.Tracer) trace.Span {
			s := span(tracer, ctx, trace.WithAttributes(attribute.Int("a", 1), attribute.Int("b", 2), attribute.Int("c", 3)), trace.WithLinks(trace.Link{SpanContext: caller}, trace.Link{SpanContext: caller}))
			for range 3 {
				s.AddEvent("e", trace.WithTimestamp(noon), trace.WithAttributes(attribute.Int("a", 1), attribute.Int("b", 2)))
			}
			return s
		}), []sdktrace.TracerProviderOption{sdktrace.WithRawSpanLimits(limits)}},
		{"many scopes", func(p trace.TracerProvider) {
			for _, name := range []string{"a", "b", "a", ""} {
				span(p.Tracer(name), context.Background()).End(trace.WithTimestamp(noon))
			}
		}, nil},
		{"not sampled", func(p trace.TracerProvider) { span(p.Tracer("a"), context.Background()).End() }, []sdktrace.TracerProviderOption{sdktrace.WithSampler(sdktrace.NeverSample())}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want, got := sent(t, tt.end, tt.opts...)
			for _, r := range []*collectorpb.ExportTraceServiceRequest{want, got} { // Scopes have no defined order.
				for _, rs := range r.GetResourceSpans() {
					slices.SortFunc(rs.ScopeSpans, func(a, b *tracepb.ScopeSpans) int {
						return strings.Compare(a.GetScope().GetName(), b.GetScope().GetName())
					})
				}
			}
			if !proto.Equal(want, got) {
				t.Errorf("got  %s\nwant %s", protojson.Format(got), protojson.Format(want))
			}
		})
	}
}

// One invalid byte would make a collector reject the whole request.
func TestSpanTextIsValidUTF8(t *testing.T) {
	_, got := sent(t, func(p trace.TracerProvider) {
		_, s := p.Tracer("t\xff").Start(context.Background(), "n\xff", trace.WithAttributes(attribute.String("k\xff", "v\xff"), attribute.StringSlice("l", []string{"\xff"}), attribute.String("long", strings.Repeat("x", 1<<20))))
		s.AddEvent("e\xff", trace.WithAttributes(attribute.String("a", "\xff")))
		s.SetStatus(codes.Error, "s\xff")
		s.End()
	})
	s := got.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[0]
	text := protojson.Format(s)
	if s.GetName() != "n\uFFFD" || s.GetStatus().GetMessage() != "s\uFFFD" || s.GetEvents()[0].GetName() != "e\uFFFD" || strings.Count(text, "\uFFFD") != 7 {
		t.Errorf("got %s", text)
	}
	for _, kv := range s.GetAttributes() {
		if v := kv.GetValue().GetStringValue(); !utf8.ValidString(v) || len(v) > 100<<10 {
			t.Errorf("%s has %d bytes", kv.GetKey(), len(v))
		}
	}
}

// Spans of many goroutines and many tracers arrive, each once.
func TestConcurrentSpans(t *testing.T) {
	const goroutines, each = 16, 500
	seen := make(map[string]int)
	var lost int
	processor := otlp.NewSpanProcessor(otlp.BatchConfig{Lost: func(n int) { lost += n }, Put: func(request []byte, n int) error {
		var r collectorpb.ExportTraceServiceRequest
		if err := proto.Unmarshal(request, &r); err != nil {
			t.Error(err)
		}
		for _, s := range r.GetResourceSpans()[0].GetScopeSpans() {
			for _, span := range s.GetSpans() {
				seen[span.GetName()]++
				n--
			}
		}
		if n != 0 {
			t.Errorf("a request has %d fewer spans than its count", n)
		}
		return nil
	}})
	p := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor))
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range each {
				_, s := p.Tracer(fmt.Sprint(i%7)).Start(t.Context(), fmt.Sprintf("%d/%d", g, i))
				s.End()
			}
		})
	}
	wg.Wait()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if len(seen) != goroutines*each || lost != 0 {
		t.Errorf("%d spans arrived and %d are lost, of %d", len(seen), lost, goroutines*each)
	}
	processor.OnEnd(late(t)) // The span is discarded.
}

// late returns a span that has ended.
func late(t *testing.T) sdktrace.ReadOnlySpan {
	t.Helper()
	_, s := sdktrace.NewTracerProvider().Tracer("late").Start(t.Context(), "late")
	s.End()
	return s.(sdktrace.ReadOnlySpan) //nolint:forcetypeassert // The SDK's spans implement it.
}
