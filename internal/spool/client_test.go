// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

func encode(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func spans(n int) *coltrace.ExportTraceServiceRequest {
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: make([]*tracepb.Span, n)}},
	}}}
}

func TestCountItems(t *testing.T) {
	t.Parallel()
	points := make([]*metricspb.NumberDataPoint, 3)
	for name, tt := range map[string]struct {
		signal segment.Signal
		m      proto.Message
		want   int
	}{
		"spans": {segment.Traces, spans(4), 4},
		"records": {segment.Logs, &collogs.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{
			{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: make([]*logspb.LogRecord, 2)}, {LogRecords: make([]*logspb.LogRecord, 1)}}},
			{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: make([]*logspb.LogRecord, 5)}}},
		}}, 8},
		"points": {segment.Metrics, &colmetrics.ExportMetricsServiceRequest{ResourceMetrics: []*metricspb.ResourceMetrics{{
			ScopeMetrics: []*metricspb.ScopeMetrics{{Metrics: []*metricspb.Metric{
				{Name: "gauge", Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: points}}},
				{Name: "sum", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: points[:2]}}},
				{Name: "histogram", Data: &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{DataPoints: make([]*metricspb.HistogramDataPoint, 4)}}},
				{Name: "none"},
			}}},
		}}}, 9},
		"nothing": {segment.Traces, spans(0), 0},
	} {
		if got := segment.CountItems(tt.signal, encode(t, tt.m)); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
	if got := segment.CountItems(segment.Logs, []byte("no protobuf at all \xff")); got != 0 {
		t.Errorf("invalid protobuf: counted %d items, want 0", got)
	}
}

func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	rejected, message := collector.PartialSuccess(encode(t, &collogs.ExportLogsServiceResponse{PartialSuccess: &collogs.ExportLogsPartialSuccess{
		RejectedLogRecords: 3, ErrorMessage: "too old",
	}}))
	if rejected != 3 || message != "too old" {
		t.Errorf("got %d, %q", rejected, message)
	}
	for _, nothing := range [][]byte{nil, encode(t, &collogs.ExportLogsServiceResponse{}), []byte("\x0a\xff"), []byte("OK")} {
		if rejected, _ := collector.PartialSuccess(nothing); rejected != 0 {
			t.Errorf("%q: %d rejected items, want 0", nothing, rejected)
		}
	}
}

// Rejected items of a partially accepted request are counted and not sent again.
func TestPartlyAccepted(t *testing.T) {
	c := newCollector(t)
	answer := encode(t, &coltrace.ExportTraceServiceResponse{PartialSuccess: &coltrace.ExportTracePartialSuccess{RejectedSpans: 2, ErrorMessage: "too old"}})
	c.answers(func(_ int, w http.ResponseWriter, _ string) bool {
		_, _ = w.Write(answer)
		return true
	})
	s, err := New(queue.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shutdown(s) }()
	transport, err := s.Transport(segment.Traces, collector.Endpoint{URL: c.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := (exporter{&http.Client{Transport: transport}}).send(t, string(encode(t, spans(5)))); err != nil {
		t.Fatal(err)
	}
	if err := s.ForceFlush(t.Context()); err == nil || !strings.Contains(err.Error(), "2 spans were refused by "+c.URL+": partial success: too old") {
		t.Errorf("flush: %v", err)
	}
	h := s.Health()[0]
	if !h.Delivering || h.Sent != 3 || h.Dropped[report.ReasonRejected] != 2 || !strings.Contains(h.LastError, "too old") || len(c.got()) != 1 {
		t.Errorf("health: %+v", h)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"3":                             3 * time.Second,
		"-3":                            0,
		"99999999999999":                collector.LongestAfter,
		"Thu, 01 Jan 2026 00:00:05 GMT": 5 * time.Second,
		"Wed, 31 Dec 2025 00:00:05 GMT": 0,
		"Fri, 02 Jan 2026 00:00:05 GMT": collector.LongestAfter,
		"soon":                          0,
	} {
		if got := collector.RetryAfter(value, now); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func TestExplanation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		contentType string
		body        []byte
		want        string
	}{
		{"application/x-protobuf", encode(t, &status.Status{Code: 3, Message: "no such field"}), "no such field"},
		{"application/x-protobuf", []byte("\xff\xff"), ""},
		{"text/plain; charset=utf-8", []byte("no\n token\xff"), "no token"},
		{"text/html", []byte("<html>"), ""},
		{"text/plain", []byte(strings.Repeat("x", 1000)), strings.Repeat("x", 200)},
	} {
		if got := collector.Explanation(tt.contentType, tt.body); got != tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.contentType, tt.body, got, tt.want)
		}
	}
}

func TestInvalidEndpoints(t *testing.T) {
	s, err := New(queue.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shutdown(s) }()
	for _, u := range []string{"", "localhost:4318", "ftp://a", "http://:1", "http://a\x7f"} {
		if _, err := s.Transport(segment.Logs, collector.Endpoint{URL: u}); err == nil {
			t.Errorf("endpoint %q was accepted", u)
		}
	}
}

// Errors contain the host, but no other part of the URL and no header.
func TestErrorsContainNoSecrets(t *testing.T) {
	s, e := open(t, queue.Config{}, collector.Endpoint{URL: away + "/v1/logs?token=s3cret", Headers: map[string]string{"authorization": "s3cret"}})
	if err := e.send(t, "x"); err != nil {
		t.Fatal(err)
	}
	for s.Health()[0].LastError == "" {
		<-time.After(time.Millisecond)
	}
	if h := s.Health()[0]; strings.Contains(h.LastError, "s3cret") || !strings.Contains(h.LastError, "127.0.0.1:1") || h.Delivering {
		t.Errorf("health: %+v", h)
	}
}

// Requests of this process and leftovers of a process that sent over HTTP arrive over gRPC.
func TestDeliveryOverGRPC(t *testing.T) {
	for _, secure := range []bool{false, true} {
		dir := t.TempDir()
		leave, err := New(queue.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		transport, err := leave.Transport(segment.Traces, collector.Endpoint{URL: away, Gzip: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := (exporter{&http.Client{Transport: transport}}).send(t, string(encode(t, spans(2)))); err != nil {
			t.Fatal(err)
		}
		if err := shutdown(leave); err != nil {
			t.Fatal(err)
		}

		r := otlptest.NewReceiver(t)
		endpoint := collector.Endpoint{URL: r.GRPCEndpoint(), GRPC: true, Gzip: true, Headers: map[string]string{"x-tenant": "a"}}
		if secure {
			r = otlptest.NewTLSReceiver(t, nil)
			endpoint.URL, endpoint.TLS = r.GRPCEndpoint(), &tls.Config{InsecureSkipVerify: true}
		}
		s, err := New(queue.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if transport, err = s.Transport(segment.Traces, endpoint); err != nil {
			t.Fatal(err)
		}
		if err := (exporter{&http.Client{Transport: transport}}).send(t, string(encode(t, spans(3)))); err != nil {
			t.Fatal(err)
		}
		flush(t, s)
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(r.AllSpans()); got != 5 || r.Requests()[0].Header.Get("X-Tenant") != "a" {
			t.Errorf("%d spans arrived, want 5; %v", got, r.Requests())
		}
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x0a\x04\x08\x03\x12\x00"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		collector.PartialSuccess(b)
		collector.Explanation("application/x-protobuf", b)
		for _, s := range []segment.Signal{segment.Traces, segment.Metrics, segment.Logs} {
			segment.CountItems(s, b)
		}
	})
}
