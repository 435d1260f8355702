// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// A trace that is larger than a message is sent in several, with the same key. A text that is larger than a message
// is cut.
func TestLargeTraces(t *testing.T) {
	b := startBroker(t)
	agent := backend.NewCollector(t, []string{backend.Config(t, "agent.yaml"), backend.Config(t, "kafka-agent.yaml"), backend.Config(t, "pii.yaml")}, "KAFKA_BROKER="+b.address)
	want := 0
	for _, c := range []struct{ n, size int }{{100, 60000}, {1, 3000000}, {10, 600}} {
		spans := make([]*tracepb.Span, c.n)
		for i := range spans {
			want++
			spans[i] = &tracepb.Span{
				TraceId: []byte(fmt.Sprintf("%016d", c.size)), SpanId: binary.BigEndian.AppendUint64(nil, uint64(want)), Name: "chat",
				Attributes: []*commonpb.KeyValue{{Key: "text", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.Repeat("ab ", c.size/3)}}}},
			}
		}
		if status := agent.Post(t, "/v1/traces", &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}}); status != http.StatusOK {
			t.Fatalf("the agent answers with %d", status)
		}
	}
	backend.Eventually(t, "all spans are in the topic", func() bool { return b.spans(t) >= want })
	keys := make(map[string]int)
	for _, record := range b.read(t) {
		keys[string(record.Key)]++
		if len(record.Value) > 1000000 {
			t.Errorf("a message has %d bytes", len(record.Value))
		}
	}
	if len(keys) != 3 {
		t.Errorf("the messages have the keys %v, want one for each of 3 traces", keys)
	}
}
