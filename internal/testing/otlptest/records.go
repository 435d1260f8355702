// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlptest

import (
	"encoding/base64"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span with its resource and scope.
type Span struct {
	*tracepb.Span
	Resource *resourcepb.Resource
	Scope    *commonpb.InstrumentationScope
}

// Log is a log record with its resource and scope.
type Log struct {
	*logspb.LogRecord
	Resource *resourcepb.Resource
	Scope    *commonpb.InstrumentationScope
}

// Metric is a metric with its resource and scope.
type Metric struct {
	*metricspb.Metric
	Resource *resourcepb.Resource
	Scope    *commonpb.InstrumentationScope
}

// AllSpans returns the received spans, in order.
func (r *Receiver) AllSpans() (spans []Span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.traces {
		for _, rs := range req.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				for _, s := range ss.GetSpans() {
					spans = append(spans, Span{s, rs.GetResource(), ss.GetScope()})
				}
			}
		}
	}
	return spans
}

// AllLogs returns the received log records, in order.
func (r *Receiver) AllLogs() (logs []Log) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.logs {
		for _, rl := range req.GetResourceLogs() {
			for _, sl := range rl.GetScopeLogs() {
				for _, l := range sl.GetLogRecords() {
					logs = append(logs, Log{l, rl.GetResource(), sl.GetScope()})
				}
			}
		}
	}
	return logs
}

// AllMetrics returns the received metrics, in order: one for each export.
func (r *Receiver) AllMetrics() (metrics []Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.metrics {
		for _, rm := range req.GetResourceMetrics() {
			for _, sm := range rm.GetScopeMetrics() {
				for _, m := range sm.GetMetrics() {
					metrics = append(metrics, Metric{m, rm.GetResource(), sm.GetScope()})
				}
			}
		}
	}
	return metrics
}

// Messages returns the received messages: traces, metrics, then logs.
func (r *Receiver) Messages() (requests []proto.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.traces {
		requests = append(requests, req)
	}
	for _, req := range r.metrics {
		requests = append(requests, req)
	}
	for _, req := range r.logs {
		requests = append(requests, req)
	}
	return requests
}

// Attributes returns attributes as plain values: string, bool, int64, float64,
// []any and map[string]any; bytes as base64.
func Attributes(kvs []*commonpb.KeyValue) map[string]any {
	out := make(map[string]any, len(kvs))
	for _, kv := range kvs {
		out[kv.GetKey()] = Value(kv.GetValue())
	}
	return out
}

// Value returns a value as [Attributes] does.
func Value(v *commonpb.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return v.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return base64.StdEncoding.EncodeToString(v.BytesValue)
	case *commonpb.AnyValue_ArrayValue:
		list := make([]any, 0, len(v.ArrayValue.GetValues()))
		for _, e := range v.ArrayValue.GetValues() {
			list = append(list, Value(e))
		}
		return list
	case *commonpb.AnyValue_KvlistValue:
		return Attributes(v.KvlistValue.GetValues())
	}
	return nil
}
