// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// signals are the three kinds of request, each with a function that lists its items together with
// everything around them.
var signals = []struct {
	name string
	kind otlp.Kind
	full proto.Message // A request with every field of OTLP.
	list func(b []byte) ([]string, error)
}{
	{"traces", otlp.Items, traces(), listSpans},
	{"logs", otlp.Items, logs(), listLogs},
	{"metrics", otlp.Points, metrics(), listPoints},
}

func protoResource(name string) *resourcepb.Resource {
	return &resourcepb.Resource{Attributes: []*commonpb.KeyValue{protoText("service.name", name)}, DroppedAttributesCount: 1}
}

func protoText(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func protoScope(name string) *commonpb.InstrumentationScope {
	s := &commonpb.InstrumentationScope{Name: name, Version: "1"}
	s.ProtoReflect().SetUnknown(unknown())
	return s
}

// unknown is a field of a later version of OTLP.
func unknown() []byte {
	return protowire.AppendString(protowire.AppendTag(nil, 1000, protowire.BytesType), "to come")
}

func traces() proto.Message {
	m := &coltrace.ExportTraceServiceRequest{}
	for r := range 3 {
		rs := &tracepb.ResourceSpans{Resource: protoResource(fmt.Sprint("r", r)), SchemaUrl: "https://a/1"}
		rs.ProtoReflect().SetUnknown(unknown())
		for s := range 2 {
			ss := &tracepb.ScopeSpans{Scope: protoScope(fmt.Sprint("s", s)), SchemaUrl: "https://b/1"}
			for n := range 5 {
				span := &tracepb.Span{Name: fmt.Sprint(r, s, n, strings.Repeat("x", 10*n)), SpanId: []byte{1, 2, 3, 4, 5, 6, 7, byte(n)}}
				span.ProtoReflect().SetUnknown(unknown())
				ss.Spans = append(ss.Spans, span)
			}
			rs.ScopeSpans = append(rs.ScopeSpans, ss)
		}
		m.ResourceSpans = append(m.ResourceSpans, rs)
	}
	m.ProtoReflect().SetUnknown(unknown())
	return m
}

func logs() proto.Message {
	m := &collogs.ExportLogsServiceRequest{}
	for r := range 2 {
		sl := &logspb.ScopeLogs{Scope: protoScope("s"), SchemaUrl: "https://b/1"}
		for n := range 7 {
			sl.LogRecords = append(sl.LogRecords, &logspb.LogRecord{
				Body: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: fmt.Sprint(r, n)}},
			})
		}
		m.ResourceLogs = append(m.ResourceLogs, &logspb.ResourceLogs{
			Resource: protoResource(fmt.Sprint("r", r)), SchemaUrl: "https://a/1",
			ScopeLogs: []*logspb.ScopeLogs{{Scope: protoScope("empty")}, sl},
		})
	}
	return m
}

func metrics() proto.Message {
	number := func(n int) (points []*metricspb.NumberDataPoint) {
		for i := range n {
			points = append(points, &metricspb.NumberDataPoint{
				Attributes: []*commonpb.KeyValue{protoText("n", fmt.Sprint(i))}, Value: &metricspb.NumberDataPoint_AsInt{AsInt: int64(i)},
			})
		}
		return points
	}
	const delta = metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
	all := []*metricspb.Metric{
		{Name: "gauge", Unit: "s", Description: "d", Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: number(4)}}},
		{Name: "sum", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: number(9), IsMonotonic: true, AggregationTemporality: delta}}},
		{Name: "histogram", Data: &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{AggregationTemporality: delta, DataPoints: []*metricspb.HistogramDataPoint{
			{Count: 1, BucketCounts: []uint64{1, 2}, ExplicitBounds: []float64{0.5}}, {Count: 2},
		}}}},
		{Name: "exponential", Data: &metricspb.Metric_ExponentialHistogram{ExponentialHistogram: &metricspb.ExponentialHistogram{
			AggregationTemporality: delta, DataPoints: []*metricspb.ExponentialHistogramDataPoint{{Count: 1}, {Count: 2}, {Count: 3}},
		}}},
		{Name: "summary", Data: &metricspb.Metric_Summary{Summary: &metricspb.Summary{DataPoints: []*metricspb.SummaryDataPoint{{Count: 4}, {Count: 5}}}}},
		{Name: "none"},
	}
	return &colmetrics.ExportMetricsServiceRequest{ResourceMetrics: []*metricspb.ResourceMetrics{{
		Resource: protoResource("r"), SchemaUrl: "https://a/1",
		ScopeMetrics: []*metricspb.ScopeMetrics{{Scope: protoScope("s"), SchemaUrl: "https://b/1", Metrics: all}},
	}}}
}

// around returns a message as text, to be compared.
func around(ms ...proto.Message) string {
	var b []byte
	for _, m := range ms {
		one, _ := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		b = protowire.AppendBytes(b, one)
	}
	return string(b)
}

func listSpans(b []byte) (list []string, err error) {
	m := &coltrace.ExportTraceServiceRequest{}
	if err := proto.Unmarshal(b, m); err != nil {
		return nil, err
	}
	for _, r := range m.GetResourceSpans() {
		for _, s := range r.GetScopeSpans() {
			scope := &tracepb.ScopeSpans{Scope: s.GetScope(), SchemaUrl: s.GetSchemaUrl()}
			scope.ProtoReflect().SetUnknown(s.ProtoReflect().GetUnknown())
			res := &tracepb.ResourceSpans{Resource: r.GetResource(), SchemaUrl: r.GetSchemaUrl()}
			res.ProtoReflect().SetUnknown(r.ProtoReflect().GetUnknown())
			for _, span := range s.GetSpans() {
				list = append(list, string(m.ProtoReflect().GetUnknown())+around(res, scope, span))
			}
		}
	}
	return list, nil
}

func listLogs(b []byte) (list []string, err error) {
	m := &collogs.ExportLogsServiceRequest{}
	if err := proto.Unmarshal(b, m); err != nil {
		return nil, err
	}
	for _, r := range m.GetResourceLogs() {
		for _, s := range r.GetScopeLogs() {
			scope := &logspb.ScopeLogs{Scope: s.GetScope(), SchemaUrl: s.GetSchemaUrl()}
			scope.ProtoReflect().SetUnknown(s.ProtoReflect().GetUnknown())
			res := &logspb.ResourceLogs{Resource: r.GetResource(), SchemaUrl: r.GetSchemaUrl()}
			res.ProtoReflect().SetUnknown(r.ProtoReflect().GetUnknown())
			for _, record := range s.GetLogRecords() {
				list = append(list, string(m.ProtoReflect().GetUnknown())+around(res, scope, record))
			}
		}
	}
	return list, nil
}

func listPoints(b []byte) (list []string, err error) {
	m := &colmetrics.ExportMetricsServiceRequest{}
	if err := proto.Unmarshal(b, m); err != nil {
		return nil, err
	}
	for _, r := range m.GetResourceMetrics() {
		for _, s := range r.GetScopeMetrics() {
			scope := &metricspb.ScopeMetrics{Scope: s.GetScope(), SchemaUrl: s.GetSchemaUrl()}
			scope.ProtoReflect().SetUnknown(s.ProtoReflect().GetUnknown())
			res := &metricspb.ResourceMetrics{Resource: r.GetResource(), SchemaUrl: r.GetSchemaUrl()}
			res.ProtoReflect().SetUnknown(r.ProtoReflect().GetUnknown())
			for _, metric := range s.GetMetrics() {
				list = append(list, eachPoint(metric, string(m.ProtoReflect().GetUnknown())+around(res, scope))...)
			}
		}
	}
	return list, nil
}

// eachPoint lists the points of a metric, each with the metric around it.
func eachPoint(metric *metricspb.Metric, before string) (list []string) {
	add := func(n int, only func(bare *metricspb.Metric, i int)) {
		for i := range n {
			bare := proto.CloneOf(metric)
			only(bare, i)
			list = append(list, before+around(bare))
		}
	}
	add(len(metric.GetGauge().GetDataPoints()), func(m *metricspb.Metric, i int) {
		m.GetGauge().DataPoints = m.GetGauge().GetDataPoints()[i : i+1]
	})
	add(len(metric.GetSum().GetDataPoints()), func(m *metricspb.Metric, i int) {
		m.GetSum().DataPoints = m.GetSum().GetDataPoints()[i : i+1]
	})
	add(len(metric.GetHistogram().GetDataPoints()), func(m *metricspb.Metric, i int) {
		m.GetHistogram().DataPoints = m.GetHistogram().GetDataPoints()[i : i+1]
	})
	add(len(metric.GetExponentialHistogram().GetDataPoints()), func(m *metricspb.Metric, i int) {
		m.GetExponentialHistogram().DataPoints = m.GetExponentialHistogram().GetDataPoints()[i : i+1]
	})
	add(len(metric.GetSummary().GetDataPoints()), func(m *metricspb.Metric, i int) {
		m.GetSummary().DataPoints = m.GetSummary().GetDataPoints()[i : i+1]
	})
	return list
}

func encode(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// A request that is halved down to single items has each item once, in order, with its
// resource, its scope and the fields that are unknown.
func TestSplitToSingleItemsLosesNothing(t *testing.T) {
	t.Parallel()
	for _, s := range signals {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			whole := encode(t, s.full)
			want, err := s.list(whole)
			if err != nil {
				t.Fatal(err)
			}
			if got := otlp.CountItems(whole, s.kind); got != len(want) {
				t.Errorf("counted %d items, want %d", got, len(want))
			}
			var got []string
			var divide func(b []byte, items int)
			divide = func(b []byte, items int) {
				first, second, err := otlp.SplitRequest(b, s.kind)
				if items == 1 {
					if !errors.Is(err, otlp.ErrOneItem) {
						t.Errorf("one item is split: %v", err)
					}
					one, err := s.list(b)
					if err != nil {
						t.Error(err)
					}
					got = append(got, one...)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				divide(first.Request, first.Items)
				divide(second.Request, second.Items)
			}
			divide(whole, len(want))
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("got %d items, want %d\ngot  %q\nwant %q", len(got), len(want), got, want)
			}
		})
	}
}

// One huge item among small ones does not take all the others into its half.
func TestSplitHalvesTheBytes(t *testing.T) {
	t.Parallel()
	spans := []*tracepb.Span{{Name: strings.Repeat("x", 100_000)}}
	for range 100 {
		spans = append(spans, &tracepb.Span{Name: "small"})
	}
	first, second, err := otlp.SplitRequest(encode(t, &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{
		{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}},
	}}), otlp.Items)
	if err != nil || first.Items != 1 || second.Items != 100 {
		t.Errorf("got %d and %d items, %v", first.Items, second.Items, err)
	}
}

func TestSplitOfInvalidData(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"text": []byte("no protobuf \xff"), "a length beyond the end": {0x0a, 0x7f, 0x00},
		"an item cut off": encode(t, traces())[:100],
	} {
		if _, _, err := otlp.SplitRequest(b, otlp.Items); !errors.Is(err, otlp.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, _, err := otlp.SplitRequest(nil, otlp.Items); !errors.Is(err, otlp.ErrOneItem) {
		t.Errorf("nothing: got %v", err)
	}
}

// For any input, the halves are valid, their items sum up, and together they equal the original.
func FuzzSplit(f *testing.F) {
	for i, s := range signals {
		f.Add(i, encode(f, s.full))
	}
	f.Fuzz(func(t *testing.T, i int, b []byte) {
		s := signals[uint(i)%uint(len(signals))]
		first, second, err := otlp.SplitRequest(b, s.kind)
		if n := otlp.CountItems(b, s.kind); (n >= 2) != (err == nil) && !errors.Is(err, otlp.ErrInvalid) {
			t.Fatalf("%d items, %v", n, err)
		}
		if err != nil {
			return
		}
		n := otlp.CountItems(b, s.kind)
		if first.Items+second.Items != n || first.Items < 1 || second.Items < 1 ||
			otlp.CountItems(first.Request, s.kind) != first.Items || otlp.CountItems(second.Request, s.kind) != second.Items {
			t.Fatalf("%d and %d items of %d", first.Items, second.Items, n)
		}
		m := s.full.ProtoReflect().New().Interface()
		if proto.Unmarshal(b, m) != nil {
			return // The walk accepts what it has no need to understand, such as text that is not UTF-8.
		}
		// The canonical form: of a repeated field, a decoder uses the last.
		canonical := encode(t, m)
		if first, second, err = otlp.SplitRequest(canonical, s.kind); err != nil {
			return
		}
		want, err := s.list(canonical)
		if err != nil {
			t.Fatal(err)
		}
		one, err := s.list(first.Request)
		if err != nil {
			t.Fatal(err)
		}
		other, err := s.list(second.Request)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Concat(one, other); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("\ngot  %q\nwant %q", got, want)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	spans := make([]*tracepb.Span, 4096)
	for i := range spans {
		spans[i] = &tracepb.Span{Name: strings.Repeat("x", 480)}
	}
	request := encode(b, &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{
		{Resource: protoResource("r"), ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}},
	}})
	b.SetBytes(int64(len(request)))
	for b.Loop() {
		if _, _, err := otlp.SplitRequest(bytes.Clone(request), otlp.Items); err != nil {
			b.Fatal(err)
		}
	}
}
