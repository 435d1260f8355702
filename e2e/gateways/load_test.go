// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gateways_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/semconv"
)

// BenchmarkGateway measures the throughput of one core of a gateway, in calls like those of the example.
// It uses the gateway's own CPU time, because the sender runs on the same machine.
//
//	go -C e2e test ./gateways -run '^$' -bench Gateway -benchtime 5000x
func BenchmarkGateway(b *testing.B) {
	example := oneCall(b)
	for _, bb := range []struct {
		name string
		call recorded
	}{
		{"every call is kept", example}, // It has an interruption and an error.
		{"one call in ten is kept", example.uneventful()},
	} {
		b.Run(bb.name, func(b *testing.B) {
			gateway := newGateway(b)
			before := gateway.cpu(b)
			for b.Loop() {
				gateway.send(b, bb.call.again())
			}
			gateway.flush(b)
			gateway.settled(b)
			perCall := (gateway.cpu(b) - before) / float64(b.N)
			b.ReportMetric(0, "ns/op") // The sender's time is not of interest.
			b.ReportMetric(perCall*1e6, "cpu-µs/call")
			b.ReportMetric(1/perCall, "calls/s/core")
			b.ReportMetric(float64(len(bb.call.spans))/perCall, "spans/s/core")
		})
	}
}

// BenchmarkGatewayHolds measures the memory of calls in progress.
func BenchmarkGatewayHolds(b *testing.B) {
	call := oneCall(b)
	gateway := newGateway(b)
	before := gateway.own(b, "otelcol_process_memory_rss_bytes")
	sent := 0
	for b.Loop() {
		open := call.again().withoutEnd()
		sent += len(open.spans)
		gateway.send(b, open)
	}
	gateway.flush(b)
	gateway.settled(b)
	held := gateway.own(b, "otelcol_process_memory_rss_bytes") - before
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(held/float64(b.N)/1024, "KiB/call")
	b.ReportMetric(held/float64(sent), "B/span")
}

// BenchmarkCall reports the size of the telemetry of a call of the example: forty seconds of
// conversation in five turns, one of them with a tool. Lines are those on stdout; all others are OTLP.
// The gzip figure is for all OTLP together.
func BenchmarkCall(b *testing.B) {
	call := oneCall(b)
	for b.Loop() {
		_ = call.again()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(len(call.spans)), "spans/call")
	b.ReportMetric(float64(len(call.records)), "records/call")
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	for _, size := range []struct {
		name string
		of   func() int
	}{
		{"spans-KB/call", func() int { return weigh(w, call.spans) }},
		{"records-KB/call", func() int { return weigh(w, call.records) }},
		{"lines-KB/call", func() int { return len(call.lines) }},
	} {
		b.ReportMetric(float64(size.of())/1000, size.name)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(zipped.Len())/1000, "gzip-KB/call")
}

// weigh returns the size of messages in OTLP, without resource and scope.
func weigh[M proto.Message](w *gzip.Writer, messages []M) (n int) {
	for _, m := range messages {
		data, err := proto.Marshal(m)
		if err != nil {
			continue
		}
		n += len(data) + 3 // The tag and the length.
		_, _ = w.Write(data)
	}
	return n
}

// recorded is a call that the example made.
type recorded struct {
	spans   []*tracepb.Span
	records []proto.Message
	lines   []byte
}

// oneCall runs the example for one call.
func oneCall(b *testing.B) recorded {
	b.Helper()
	receiver := otlptest.NewReceiver(b)
	cmd := exec.CommandContext(b.Context(), "go", "run", "./examples/voiceagent", "-calls", "1", "-speed", "10")
	cmd.Dir = backend.File(b)
	cmd.Env = append(cmd.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.HTTPEndpoint())
	var r recorded
	var err error
	if r.lines, err = cmd.Output(); err != nil {
		b.Fatal(err)
	}
	for _, s := range receiver.AllSpans() {
		r.spans = append(r.spans, s.Span)
	}
	for _, l := range receiver.AllLogs() {
		r.records = append(r.records, l.LogRecord)
	}
	return r
}

// again returns the call with a new trace ID and the current time.
func (r recorded) again() recorded {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	last := uint64(0)
	for _, s := range r.spans {
		last = max(last, s.GetEndTimeUnixNano())
	}
	later := uint64(time.Now().UnixNano()) - last
	spans := make([]*tracepb.Span, len(r.spans))
	for i, s := range r.spans {
		spans[i] = proto.CloneOf(s)
		spans[i].TraceId = id
		spans[i].StartTimeUnixNano += later
		spans[i].EndTimeUnixNano += later
	}
	return recorded{spans: spans}
}

// withoutEnd leaves out the spans that arrive when the call ends.
func (r recorded) withoutEnd() recorded {
	var open recorded
	for _, s := range r.spans {
		if len(s.GetParentSpanId()) > 0 && s.GetName() != semconv.SpanVoiceSession {
			open.spans = append(open.spans, s)
		}
	}
	return open
}

// uneventful returns the call without the reasons for which gateways keep calls.
func (r recorded) uneventful() recorded {
	dull := recorded{spans: make([]*tracepb.Span, len(r.spans))}
	for i, s := range r.spans {
		dull.spans[i] = proto.CloneOf(s)
		dull.spans[i].Status = nil
		for _, kv := range dull.spans[i].GetAttributes() {
			if kv.GetKey() == string(semconv.VoiceTurnOutcomeKey) {
				kv.Value.Value = &commonpb.AnyValue_StringValue{StringValue: semconv.VoiceTurnOutcomeCompleted}
			}
		}
	}
	return dull
}

// A gateway under load runs on one core.
type gateway struct {
	*backend.Collector

	client  coltrace.TraceServiceClient
	waiting []*tracepb.Span
	kept    *otlptest.Receiver
}

func newGateway(b *testing.B) *gateway {
	b.Helper()
	return startGateway(b, otlptest.NewReceiver(b))
}

// startGateway starts a gateway that sends what it keeps to a receiver.
func startGateway(b *testing.B, kept *otlptest.Receiver) *gateway {
	b.Helper()
	g := &gateway{kept: kept}
	g.Collector = backend.NewCollector(b, []string{backend.Config(b, "gateway.yaml"), backend.Config(b, "pii.yaml")},
		"GOMAXPROCS=1", "KEEP_PERCENTAGE=10", "DECISION_WAIT=15m", "DECISION_WAIT_AFTER_END=1s", "MEMORY_LIMIT_MIB=3000",
		"JAEGER_OTLP_ENDPOINT="+g.kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+g.kept.HTTPEndpoint())
	g.dial(b)
	return g
}

// send sends a call in requests of an agent's size.
func (g *gateway) send(b *testing.B, call recorded) {
	b.Helper()
	if g.waiting = append(g.waiting, call.spans...); len(g.waiting) >= 1000 {
		g.flush(b)
	}
}

func (g *gateway) flush(b *testing.B) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	_, err := g.client.Export(ctx, &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: g.waiting}},
	}}})
	if err != nil {
		b.Fatal(err)
	}
	g.waiting = nil
}

// settled waits until the gateway is idle: three seconds in which it uses almost no CPU time. The
// queries for the time also use some.
func (g *gateway) settled(b *testing.B) {
	b.Helper()
	const idle = 0.03 // Seconds of CPU time in a second.
	limit := time.After(2 * time.Minute)
	for quiet, used := 0, g.cpu(b); quiet < 3; {
		select {
		case <-time.After(time.Second):
		case <-limit:
			b.Fatal("the gateway did not become idle")
		}
		now := g.cpu(b)
		quiet++
		if now-used > idle {
			quiet = 0
		}
		used = now
	}
}

func (g *gateway) cpu(b *testing.B) float64 {
	b.Helper()
	return g.own(b, "otelcol_process_cpu_seconds_total")
}

// own returns the value of one of the gateway's own metrics.
func (g *gateway) own(b *testing.B, metric string) float64 {
	b.Helper()
	text, err := backend.Get(b.Context(), g.Own)
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, metric+"{") {
			v, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
			if err != nil {
				b.Fatal(err)
			}
			return v
		}
	}
	b.Fatalf("the gateway has no metric %s", metric)
	return 0
}
