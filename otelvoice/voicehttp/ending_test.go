// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// seen formats how a request ended according to a span or a metric: route, status and error
// class, "-" for an absent one.
func seen(attrs []attribute.KeyValue) string {
	set := attribute.NewSet(attrs...)
	parts := make([]string, 0, 3)
	for _, key := range []attribute.Key{semconv.HTTPRouteKey, semconv.HTTPResponseStatusCodeKey, semconv.ErrorTypeKey} {
		part := "-"
		if v, ok := set.Value(key); ok {
			part = v.String()
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// durations formats the samples of a duration metric and returns their number.
func durations(t *testing.T, rec *voicetest.Recorder, name string) (says []string, samples uint64) {
	t.Helper()
	data, _ := rec.Metric(name)
	h, _ := data.(metricdata.Histogram[float64])
	for _, p := range h.DataPoints {
		says = append(says, seen(p.Attributes.ToSlice()))
		samples += p.Count
	}
	return says, samples
}

// However a handler ends, its request has a span with the route, one sample and one last line,
// which all agree.
func TestEndings(t *testing.T) {
	const route = "/calls/{id}"
	write := func(w http.ResponseWriter, status int, text string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    string // Route, status and error class.
		level   string // The last line's level,
		message string
		failed  bool // Whether the span's status is an error.
	}{
		{"returns", func(http.ResponseWriter, *http.Request) {}, route + " 200 -", "INFO", "request answered", false},
		{"refuses", func(w http.ResponseWriter, _ *http.Request) { write(w, 404, "no") }, route + " 404 -", "INFO", "request answered", false},
		{"fails", func(w http.ResponseWriter, _ *http.Request) { write(w, 503, "no") }, route + " 503 503", "ERROR", "request answered", true},
		{"panics", func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) }, route + " 500 panic", "ERROR", "request handler panicked", true},
		{"panics with a text", func(http.ResponseWriter, *http.Request) { panic("boom") }, route + " 500 panic", "ERROR", "request handler panicked", true},
		{"panics with nil", func(http.ResponseWriter, *http.Request) { panic(nil) }, route + " 500 panic", "ERROR", "request handler panicked", true}, //nolint:govet // It is the test.
		{"panics with an abort inside", func(http.ResponseWriter, *http.Request) {
			panic(errors.Join(http.ErrAbortHandler)) // net/http compares with ==.
		}, route + " 500 panic", "ERROR", "request handler panicked", true},
		{"panics after a status that was not sent", func(w http.ResponseWriter, _ *http.Request) {
			write(w, 201, "made")
			panic("boom")
		}, route + " 500 panic", "ERROR", "request handler panicked", true},
		{"panics after a status that was sent", func(w http.ResponseWriter, _ *http.Request) {
			write(w, 201, "made")
			_ = http.NewResponseController(w).Flush()
			panic("boom")
		}, route + " 201 panic", "ERROR", "request handler panicked", true},
		{"panics after much of the body", func(w http.ResponseWriter, _ *http.Request) {
			write(w, 200, strings.Repeat("a", 1<<16))
			panic("boom")
		}, route + " 200 panic", "ERROR", "request handler panicked", true},
		{"panics after an upgrade", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			panic("boom")
		}, route + " 101 panic", "ERROR", "request handler panicked", true},
		{"aborts", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, route + " - -", "WARN", "request aborted by its handler", false},
		{"aborts after a status that was sent", func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, route + " 200 -", "WARN", "request aborted by its handler", false},
		{"ends its goroutine", func(http.ResponseWriter, *http.Request) { runtime.Goexit() }, route + " 500 goexit", "ERROR", "request handler ended its goroutine", true},
		{
			"panics below a time limit",
			http.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }), time.Minute, "late").ServeHTTP,
			route + " 500 panic", "ERROR", "request handler panicked", true,
		},
		{
			"takes too long",
			http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), time.Millisecond, "late").ServeHTTP,
			route + " 503 503", "ERROR", "request answered", true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			mux := http.NewServeMux()
			mux.HandleFunc("GET "+route, tt.handler)
			served := voicehttp.Middleware(tel.Telemetry)(mux)
			ended := make(chan struct{})
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				served.ServeHTTP(w, r)
			}))
			s.Config.ErrorLog = quiet
			s.Start()
			defer s.Close()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/calls/17", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(tt.name, "upgrade") {
				req.Header.Set("Connection", "Upgrade")
				req.Header.Set("Upgrade", "echo")
			}
			if res, err := s.Client().Do(req); err == nil {
				_ = res.Body.Close()
			}
			<-ended
			spans := rec.Spans()
			if len(spans) != 1 {
				t.Fatalf("%d spans", len(spans))
			}
			span := spans[0]
			if span.Name() != "GET "+route || seen(span.Attributes()) != tt.want || (span.Status().Code == codes.Error) != tt.failed {
				t.Errorf("span %q: %s, %v; want %s", span.Name(), seen(span.Attributes()), span.Status(), tt.want)
			}
			if len(span.Events()) > 0 {
				t.Errorf("events %v", span.Events())
			}
			says, samples := durations(t, rec, "http.server.request.duration")
			if samples != 1 || says[0] != tt.want {
				t.Errorf("%d samples %q, want one of %q", samples, says, tt.want)
			}
			lines, err := rec.Lines()
			if err != nil || len(lines) != 2 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			last := lines[1]
			if last["level"] != tt.level || last["message"] != tt.message {
				t.Errorf("the last line is %v", last)
			}
			figures, _ := last["performance_metrics"].(map[string]any)
			_, timed := figures["duration_ms"].(float64)
			if success := tt.level == "INFO"; !timed || figures["success"] != success {
				t.Errorf("figures %v, success: want %v", figures, success)
			}
		})
	}
}

// A recover outside of the middleware sees the panic with the handler's stack, and its response
// has the request's ID.
func TestRecoverOutside(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	inner := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			stack := make([]byte, 1<<16)
			stack = stack[:runtime.Stack(stack, false)]
			if got := recover(); got != "boom" || !strings.Contains(string(stack), "TestRecoverOutside.func1") {
				t.Errorf("recovered %v with\n%s", got, stack)
			}
			http.Error(w, "sorry", http.StatusInternalServerError)
		}()
		inner.ServeHTTP(w, r)
	}))
	defer s.Close()
	res, _ := get(t, s, "/", nil)
	if res.StatusCode != http.StatusInternalServerError || res.Header.Get("X-Correlation-ID") == "" {
		t.Errorf("answered %s with %v", res.Status, res.Header)
	}
	if got := seen(rec.Spans()[0].Attributes()); got != "- 500 panic" {
		t.Errorf("the span says %s", got)
	}
}

// If an outer handler has responded in place of this one, its status is recorded.
func TestTimeLimitOutside(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ended := make(chan struct{})
	inner := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		for { // Until the response is sent.
			if _, err := io.WriteString(w, "late"); err != nil {
				return
			}
			runtime.Gosched()
		}
	}))
	s := httptest.NewServer(http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		inner.ServeHTTP(w, r)
	}), time.Millisecond, "late"))
	defer s.Close()
	res, _ := get(t, s, "/", nil)
	<-ended
	if got := seen(rec.Spans()[0].Attributes()); got != "- 503 503" || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the span says %s of %s", got, res.Status)
	}
}

// An inner middleware sets the route of the outer one; both requests are recorded.
func TestNestedEndings(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /calls/{id}", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	wrap := voicehttp.Middleware(tel.Telemetry)
	s := httptest.NewServer(wrap(wrap(mux)))
	defer s.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/calls/17", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := s.Client().Do(req); err == nil {
		_ = res.Body.Close()
	}
	s.Close()
	if got, want := rec.Shape(), "GET /calls/{id} SERVER\n  GET /calls/{id} SERVER\n"; got != want {
		t.Errorf("spans\n%swant\n%s", got, want)
	}
	if _, samples := durations(t, rec, "http.server.request.duration"); samples != 2 {
		t.Errorf("%d samples, want 2", samples)
	}
}

// Attributes that handlers add through otelhttp's labeler are on the metrics, and a start time in
// the context counts.
func TestOtelhttpContext(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		labels, ok := otelhttp.LabelerFromContext(r.Context())
		if !ok {
			t.Error("no labeler")
		}
		labels.Add(semconv.HTTPRoute("/mine"))
	}))
	start := time.Now().Add(-time.Minute)
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r = r.WithContext(otelhttp.ContextWithStartTime(context.WithoutCancel(t.Context()), start))
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if says, _ := durations(t, rec, "http.server.request.duration"); len(says) != 1 || says[0] != "/mine 200 -" {
		t.Errorf("the metric says %q", says)
	}
	if got := rec.Spans()[0].StartTime(); !got.Equal(start) {
		t.Errorf("started at %v, want %v", got, start)
	}
}

// Methods that a client can invent are not used as names.
func TestMethods(t *testing.T) {
	long := strings.Repeat("A", 100)
	for _, tt := range []struct{ sent, name, method, original string }{
		{"GET", "GET", "GET", ""},
		{"DELETE", "DELETE", "DELETE", ""},
		{"get", "GET", "GET", "get"},
		{"BREW", "HTTP", "_OTHER", "BREW"},
		{"_OTHER", "HTTP", "_OTHER", "_OTHER"},
		{"HTTP", "HTTP", "_OTHER", "HTTP"},
		{long, "HTTP", "_OTHER", long[:32]},
	} {
		t.Run(tt.sent, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			mux := http.NewServeMux()
			mux.HandleFunc("/calls/{id}", echo)
			s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(mux))
			defer s.Close()
			base := &http.Transport{}
			client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, base)}
			req, err := http.NewRequestWithContext(t.Context(), tt.sent, s.URL+"/calls/17", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			base.CloseIdleConnections()
			s.Close()
			if got, want := rec.Shape(), tt.name+" CLIENT\n  "+tt.name+" /calls/{id} SERVER\n"; got != want {
				t.Errorf("spans\n%swant\n%s", got, want)
			}
			for _, span := range rec.Spans() {
				if got := value(span, semconv.HTTPRequestMethodKey); got != tt.method {
					t.Errorf("%s: method %q, want %q", span.SpanKind(), got, tt.method)
				}
				if got := value(span, semconv.HTTPRequestMethodOriginalKey); got != tt.original {
					t.Errorf("%s: original method %q, want %q", span.SpanKind(), got, tt.original)
				}
			}
			for _, name := range []string{"http.server.request.duration", "http.client.request.duration"} {
				data, _ := rec.Metric(name)
				h, _ := data.(metricdata.Histogram[float64])
				for _, p := range h.DataPoints {
					if got, _ := p.Attributes.Value(semconv.HTTPRequestMethodKey); got.AsString() != tt.method {
						t.Errorf("%s: method %v, want %q", name, got, tt.method)
					}
				}
			}
		})
	}
}
