// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gateways_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// BenchmarkFleet measures an agent with one, two and four gateways on one machine: the CPU time of the
// agent and of all gateways for a call, and how evenly the agent spreads the calls. Each process runs on
// one core. The wall time is that of all processes on the machine's cores together.
//
//	go -C e2e test ./gateways -run '^$' -bench Fleet -benchtime 5000x
func BenchmarkFleet(b *testing.B) {
	call := oneCall(b).uneventful()
	for _, size := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("%d gateways", size), func(b *testing.B) {
			kept := otlptest.NewReceiver(b)
			fleet := make([]*gateway, size)
			for i := range fleet {
				fleet[i] = startGateway(b, kept)
			}
			agent := newAgent(b, fleet)
			cpu := func() (gateways float64) {
				for _, g := range fleet {
					gateways += g.cpu(b)
				}
				return gateways
			}
			ofAgent, ofGateways := agent.cpu(b), cpu()
			for b.Loop() {
				agent.send(b, call.again())
			}
			agent.flush(b)
			spans := int64(len(call.spans) * b.N)
			agent.empty(b, fleet, spans)
			took := b.Elapsed()
			for _, g := range fleet {
				g.settled(b)
			}
			most := 0.
			for _, g := range fleet {
				most = max(most, g.accepted(b))
			}
			calls := float64(b.N)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric((agent.cpu(b)-ofAgent)/calls*1e6, "agent-cpu-µs/call")
			b.ReportMetric((cpu()-ofGateways)/calls*1e6, "gateways-cpu-µs/call")
			b.ReportMetric(calls/took.Seconds(), "calls/s")
			b.ReportMetric(most*float64(size)/float64(spans), "busiest/mean")
		})
	}
}

// newAgent starts an agent that knows the gateways. It is driven like a gateway.
func newAgent(b *testing.B, fleet []*gateway) *gateway {
	b.Helper()
	var list strings.Builder
	for _, g := range fleet {
		fmt.Fprintf(&list, "%q, ", g.GRPC)
	}
	known := filepath.Join(b.TempDir(), "gateways.yaml")
	text := fmt.Sprintf("exporters: {loadbalancing: {resolver: {static: {hostnames: [%s]}}}}\n", strings.TrimSuffix(list.String(), ", "))
	if err := os.WriteFile(known, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	a := &gateway{Collector: backend.NewCollector(b, []string{backend.Config(b, "agent.yaml"), known, backend.Config(b, "pii.yaml")},
		"GOMAXPROCS=1", "GATEWAY_INSECURE=true")}
	a.dial(b)
	return a
}

// dial connects the sender.
func (g *gateway) dial(b *testing.B) {
	b.Helper()
	conn, err := grpc.NewClient(g.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	g.client = coltrace.NewTraceServiceClient(conn)
}

// empty waits until the gateways have accepted the spans.
func (g *gateway) empty(b *testing.B, fleet []*gateway, spans int64) {
	b.Helper()
	for limit := time.After(5 * time.Minute); ; {
		got := 0.
		for _, one := range fleet {
			got += one.accepted(b)
		}
		if got >= float64(spans) {
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-limit:
			b.Fatalf("the gateways accepted %.0f of %d spans", got, spans)
		}
	}
}

// accepted is the number of spans that a gateway received; none before the first.
func (g *gateway) accepted(b *testing.B) float64 {
	b.Helper()
	text, err := backend.Get(b.Context(), g.Own)
	if err != nil {
		b.Fatal(err)
	}
	if !strings.Contains(string(text), "otelcol_receiver_accepted_spans") {
		return 0
	}
	return g.own(b, "otelcol_receiver_accepted_spans_total")
}
