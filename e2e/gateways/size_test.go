// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gateways_test

import (
	"encoding/binary"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// large returns a request with n spans of one trace, each with a text of a size.
func large(trace string, n, size int) *coltrace.ExportTraceServiceRequest {
	all := make([]*tracepb.Span, n)
	for i := range all {
		all[i] = &tracepb.Span{
			TraceId: []byte(trace), SpanId: binary.BigEndian.AppendUint64(nil, uint64(i+1)), Name: "chat",
			Attributes: []*commonpb.KeyValue{{Key: "gen_ai.input.messages", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.Repeat("ab ", size/3)}}}},
		}
	}
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: all}}}}}
}

// agentAndGateway starts an agent before one gateway, which keeps all calls, and returns both.
func agentAndGateway(t *testing.T, kept *otlptest.Receiver) (agent, gateway *backend.Collector) {
	t.Helper()
	nowhere := otlptest.NewReceiver(t)
	plain := filepath.Join(t.TempDir(), "plain.yaml") // Redaction of such texts takes half a minute.
	if err := os.WriteFile(plain, []byte("service: {pipelines: {traces/kept: {receivers: [otlp], processors: [memory_limiter, tail_sampling], exporters: [otlp_http/jaeger, otlp_http/tempo]}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway = backend.NewCollector(t, []string{backend.Config(t, "gateway.yaml"), backend.Config(t, "pii.yaml"), plain},
		started(), "DECISION_WAIT=2s", "DECISION_WAIT_AFTER_END=1s", "KEEP_PERCENTAGE=100", "JAEGER_OTLP_ENDPOINT="+kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+nowhere.HTTPEndpoint())
	agent = backend.NewCollector(t, []string{backend.Config(t, "agent.yaml"), backend.Config(t, "pii.yaml")},
		"GATEWAY_INSECURE=true", "GATEWAY_0="+gateway.GRPC, "GATEWAY_1="+gateway.GRPC, "LOGS_OTLP_ENDPOINT="+nowhere.HTTPEndpoint())
	return agent, gateway
}

// What an agent accepts, it delivers: a request above gRPC's default limit of 4 MiB, one just below the agent's
// own limit, and a span of that size.
func TestLargeRequests(t *testing.T) {
	kept := otlptest.NewReceiver(t)
	agent, _ := agentAndGateway(t, kept)
	want := 0
	for _, request := range []*coltrace.ExportTraceServiceRequest{
		large("0123456789abcde0", 100, 60000), large("0123456789abcde1", 300, 18000), large("0123456789abcde2", 1, 15<<20), large("0123456789abcde3", 10, 600),
	} {
		if status := agent.Post(t, "/v1/traces", request); status != http.StatusOK {
			t.Fatalf("the agent answers with %d", status)
		}
		want += len(request.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans())
	}
	backend.Eventually(t, "all spans arrive", func() bool { return len(kept.AllSpans()) >= want })
	if got := len(kept.AllSpans()); got != want {
		t.Errorf("%d spans arrive, want %d", got, want)
	}
	// What is larger than the limit is refused, and not accepted and lost.
	if status := agent.Post(t, "/v1/traces", large("0123456789abcde4", 1, 17<<20)); status == http.StatusOK {
		t.Error("the agent accepts a request above its limit")
	}
}

// An agent that is asked to end while no gateway answers waits for one, until it is killed at the end of the grace
// period. Its spans are on disk, and it sends them after its next start, each once.
func TestAgentKilledInItsGracePeriod(t *testing.T) {
	kept := otlptest.NewReceiver(t)
	agent, gateway := agentAndGateway(t, kept)
	gateway.Stop(t)
	const requests, each = 20, 50
	for i := range requests {
		if status := agent.Post(t, "/v1/traces", large(string(rune('a'+i))+"123456789abcdef", each, 600)); status != http.StatusOK {
			t.Fatalf("the agent answers with %d", status)
		}
	}
	if agent.EndsWithin(t, 3*time.Second) {
		t.Log("the agent ended by itself")
	} else {
		agent.Kill(t)
	}
	gateway.Start(t, started())
	agent.Start(t)
	backend.Eventually(t, "all spans arrive", func() bool { return len(kept.AllSpans()) >= requests*each })
	if got := len(kept.AllSpans()); got != requests*each {
		t.Errorf("%d spans arrive, want %d", got, requests*each)
	}
}
