// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// BenchmarkPath compares the CPU time that agents and gateways use for a call of five turns if agents
// send to gateways and if they send to Kafka. One call in ten is kept. The broker's time is not
// counted.
//
//	go -C e2e test ./kafka -run '^$' -bench Path -benchtime 5000x
func BenchmarkPath(b *testing.B) {
	call := oneCall(b)
	for _, path := range []string{"direct", "kafka"} {
		b.Run(path, func(b *testing.B) {
			rest := otlptest.NewReceiver(b)
			gateway := []string{"gateway.yaml"}
			agent := []string{"agent.yaml"}
			variables := []string{
				"GOMAXPROCS=1", "MEMORY_LIMIT_MIB=3000", "DECISION_WAIT_AFTER_END=1s", "GATEWAY_INSECURE=true",
				"JAEGER_OTLP_ENDPOINT=" + rest.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT=" + rest.HTTPEndpoint(), "LOKI_OTLP_ENDPOINT=" + rest.HTTPEndpoint(),
			}
			if path == "kafka" {
				gateway, agent = append(gateway, "kafka-gateway.yaml"), append(agent, "kafka-agent.yaml")
				variables = append(variables, "KAFKA_BROKER="+startBroker(b).address)
			}
			g := newCollector(b, append(gateway, "pii.yaml"), append(variables, "HOSTNAME=gateway-0")...)
			variables = append(variables, "GATEWAY_0="+g.GRPC, "GATEWAY_1="+g.GRPC)
			a := newCollector(b, append(agent, "pii.yaml"), variables...)
			client := newClient(b, a.GRPC)
			agentBefore, gatewayBefore := a.own(b, cpu), g.own(b, cpu)
			sent := 0.0
			var waiting []*tracepb.Span
			for b.Loop() {
				again := repeat(call)
				sent += float64(len(again))
				if waiting = append(waiting, again...); len(waiting) >= 500 {
					send(b, client, waiting)
					waiting = nil
				}
			}
			send(b, client, waiting)
			for limit := time.Now().Add(time.Minute); g.own(b, accepted) < sent; <-time.After(100 * time.Millisecond) {
				if time.Now().After(limit) {
					b.Fatalf("the gateway has %v of %v spans", g.own(b, accepted), sent)
				}
			}
			<-time.After(3 * time.Second) // The last decisions.
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(call)), "spans/call")
			b.ReportMetric((a.own(b, cpu)-agentBefore)/float64(b.N)*1e6, "agent-µs/call")
			b.ReportMetric((g.own(b, cpu)-gatewayBefore)/float64(b.N)*1e6, "gateway-µs/call")
		})
	}
}

const (
	cpu      = "otelcol_process_cpu_seconds_total"
	accepted = "otelcol_receiver_accepted_spans_total"
)

// own returns the sum of the values of one of the collector's own metrics.
func (c *collector) own(tb testing.TB, metric string) (sum float64) {
	tb.Helper()
	text, err := backend.Get(tb.Context(), c.Own)
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, metric+"{") {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
		if err != nil {
			tb.Fatal(err)
		}
		sum += v
	}
	return sum
}

// oneCall records the spans of a call of five turns.
func oneCall(tb testing.TB) (spans []*tracepb.Span) {
	tb.Helper()
	receiver := otlptest.NewReceiver(tb)
	tel, err := voicesdk.Setup(tb.Context(), voicesdk.WithServiceName("voiceagent"), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) {
			if name != "OTEL_EXPORTER_OTLP_ENDPOINT" {
				return "", false
			}
			return receiver.HTTPEndpoint(), true
		}))
	if err != nil {
		tb.Fatal(err)
	}
	talk(tb.Context(), tel.Telemetry, 5, -1, 0)
	if err := tel.Shutdown(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	for _, s := range receiver.AllSpans() {
		spans = append(spans, s.Span)
	}
	return spans
}

// repeat returns the call with a new trace ID and the current time.
func repeat(call []*tracepb.Span) []*tracepb.Span {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	last := uint64(0)
	for _, s := range call {
		last = max(last, s.GetEndTimeUnixNano())
	}
	later := uint64(time.Now().UnixNano()) - last
	again := make([]*tracepb.Span, len(call))
	for i, s := range call {
		again[i] = proto.CloneOf(s)
		again[i].TraceId = id
		again[i].StartTimeUnixNano += later
		again[i].EndTimeUnixNano += later
	}
	return again
}

func newClient(tb testing.TB, address string) coltrace.TraceServiceClient {
	tb.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return coltrace.NewTraceServiceClient(conn)
}

func send(b *testing.B, client coltrace.TraceServiceClient, spans []*tracepb.Span) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	_, err := client.Export(ctx, &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}},
	}}})
	if err != nil {
		b.Fatal(err)
	}
}
