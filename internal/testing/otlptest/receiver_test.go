// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlptest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// oneSpan is a request with one span.
func oneSpan(name string) *coltrace.ExportTraceServiceRequest {
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		ScopeSpans: []*tracepb.ScopeSpans{{
			Scope: &commonpb.InstrumentationScope{Name: "scope"},
			Spans: []*tracepb.Span{{Name: name}},
		}},
	}}}
}

// post sends a body and returns the status of the answer.
func post(t *testing.T, method, url, contentType, encoding string, body []byte) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	// Use a separate transport, because idle connections of the default one outlive the test.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	return res.StatusCode
}

func TestHTTPStatus(t *testing.T) {
	body, err := proto.Marshal(oneSpan("span"))
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	if _, err := zip.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	const protobuf = "application/x-protobuf"
	for _, tt := range []struct {
		name, method, path, contentType, encoding string
		body                                      []byte
		want                                      int
	}{
		{"plain", http.MethodPost, "/v1/traces", protobuf, "", body, http.StatusOK},
		{"gzip", http.MethodPost, "/v1/traces", protobuf, "gzip", zipped.Bytes(), http.StatusOK},
		{"below a prefix", http.MethodPost, "/otlp/v1/traces", protobuf, "", body, http.StatusOK},
		{"an unknown path", http.MethodPost, "/v1/profiles", protobuf, "", body, http.StatusNotFound},
		{"another method", http.MethodGet, "/v1/traces", protobuf, "", body, http.StatusMethodNotAllowed},
		{"JSON", http.MethodPost, "/v1/traces", "application/json", "", []byte("{}"), http.StatusUnsupportedMediaType},
		{"no protobuf", http.MethodPost, "/v1/traces", protobuf, "", []byte("{}"), http.StatusBadRequest},
		{"no gzip", http.MethodPost, "/v1/traces", protobuf, "gzip", body, http.StatusBadRequest},
		{"too much", http.MethodPost, "/v1/traces", protobuf, "", make([]byte, 20<<20+1), http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := otlptest.NewReceiver(t)
			if got := post(t, tt.method, r.HTTPEndpoint()+tt.path, tt.contentType, tt.encoding, tt.body); got != tt.want {
				t.Errorf("status\ngot  %d\nwant %d", got, tt.want)
			}
			if kept := len(r.AllSpans()) == 1; kept != (tt.want == http.StatusOK) {
				t.Errorf("%d spans were kept of a request that was answered %d", len(r.AllSpans()), tt.want)
			}
		})
	}
}

func TestAnswer(t *testing.T) {
	r := otlptest.NewReceiver(t)
	body, err := proto.Marshal(oneSpan("span"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ answer, want int }{
		{http.StatusServiceUnavailable, http.StatusServiceUnavailable},
		{http.StatusTooManyRequests, http.StatusTooManyRequests},
		{0, http.StatusOK},
	} {
		r.Answer(tt.answer)
		if got := post(t, http.MethodPost, r.HTTPEndpoint()+"/v1/traces", "application/x-protobuf", "", body); got != tt.want {
			t.Errorf("status\ngot  %d\nwant %d", got, tt.want)
		}
	}
	if got := len(r.AllSpans()); got != 1 {
		t.Errorf("%d spans were kept, want the one of the accepted request", got)
	}
}

// Wait returns when a request arrives, without polling, or when its context ends.
func TestWait(t *testing.T) {
	r := otlptest.NewReceiver(t)
	conn, err := grpc.NewClient(strings.TrimPrefix(r.GRPCEndpoint(), "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	sent := make(chan error, 1)
	go func() {
		for _, name := range []string{"first", "second"} {
			if _, err := coltrace.NewTraceServiceClient(conn).Export(ctx, oneSpan(name)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	if !r.Wait(ctx, func() bool { return len(r.AllSpans()) == 2 }) {
		t.Errorf("%d spans arrived, want 2", len(r.AllSpans()))
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if s := r.AllSpans()[1]; s.GetName() != "second" || s.Scope.GetName() != "scope" {
		t.Errorf("the second span is %q of %q", s.GetName(), s.Scope.GetName())
	}
	if got := r.Requests()[0].Path; got != "/opentelemetry.proto.collector.trace.v1.TraceService/Export" {
		t.Errorf("the method is %s", got)
	}
	cancel()
	if r.Wait(ctx, func() bool { return false }) {
		t.Error("Wait returned true for a condition that was never met")
	}
}

func TestPlainValues(t *testing.T) {
	r := otlptest.NewReceiver(t)
	text := func(s string) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
	}
	body, err := proto.Marshal(&collogs.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{
		ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{{Attributes: []*commonpb.KeyValue{
			{Key: "string", Value: text("s")},
			{Key: "bool", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}}},
			{Key: "int", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: 1}}},
			{Key: "double", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: .5}}},
			{Key: "bytes", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: []byte("hi")}}},
			{Key: "list", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: []*commonpb.AnyValue{text("a")}}}}},
			{Key: "map", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: []*commonpb.KeyValue{{Key: "k", Value: text("v")}}}}}},
			{Key: "empty", Value: &commonpb.AnyValue{}},
		}}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := post(t, http.MethodPost, r.HTTPEndpoint()+"/v1/logs", "application/x-protobuf", "", body); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	got := otlptest.Attributes(r.AllLogs()[0].GetAttributes())
	want := map[string]any{
		"string": "s", "bool": true, "int": int64(1), "double": .5, "bytes": "aGk=",
		"list": []any{"a"}, "map": map[string]any{"k": "v"}, "empty": nil,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\ngot  %v\nwant %v", got, want)
	}
}
