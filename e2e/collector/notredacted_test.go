// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"net/http"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

func text(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

// pairs returns attributes: a name and a value, and so on.
func pairs(nameAndValue ...any) (kvs []*commonpb.KeyValue) {
	for i := 0; i < len(nameAndValue); i += 2 {
		value, ok := nameAndValue[i+1].(*commonpb.AnyValue)
		if !ok {
			value = text(nameAndValue[i+1].(string))
		}
		kvs = append(kvs, &commonpb.KeyValue{Key: nameAndValue[i].(string), Value: value})
	}
	return kvs
}

func group(nameAndValue ...any) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: pairs(nameAndValue...)}}}
}

// TestNotRedacted checks what deploy/README.md says the collector does not see. If one of these is removed, the
// text there is to be changed.
func TestNotRedacted(t *testing.T) {
	t.Parallel()
	kept := otlptest.NewReceiver(t)
	collector := backend.NewCollector(t, []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")},
		"JAEGER_OTLP_ENDPOINT="+kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+otlptest.NewReceiver(t).HTTPEndpoint())
	span := &tracepb.Span{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Name: "call", TraceState: "vendor=hunter2", Status: &tracepb.Status{},
		Links:      []*tracepb.Span_Link{{TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Attributes: pairs("password", "hunter2")}},
		Attributes: pairs("ada@example.com", "a name", "said", "my password is hunter2", "accessToken", "hunter2", "query", "password=hunter2", "body", `{"password":"hunter2"}`, "map", group("password", "hunter2")),
	}
	if status := collector.Post(t, "/v1/traces", &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{span}}},
	}}}); status != http.StatusOK {
		t.Fatalf("the collector answers spans with %d", status)
	}
	backend.Eventually(t, "the span arrives", func() bool { return len(kept.AllSpans()) == 1 })
	if got := kept.AllSpans()[0].Span; !proto.Equal(got, span) {
		t.Errorf("the span is now %s", protojson.Format(got))
	}
}
