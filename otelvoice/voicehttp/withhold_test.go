// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// private are the headers that identify the caller, and those of the trace.
var private = []string{"traceparent", "tracestate", "baggage", "x-correlation-id", "correlation-context", "jaeger-baggage", "ot-baggage-user", "uberctx-user"}

// privateIn returns the names of these headers that are in h, in any case.
func privateIn(h http.Header) string {
	var names []string
	for _, name := range private {
		for key, values := range h {
			for range values {
				if strings.EqualFold(key, name) {
					names = append(names, name)
				}
			}
		}
	}
	return strings.Join(names, " ")
}

// sent sends a request with headers to the URL and returns what arrives.
func sent(t *testing.T, ctx context.Context, b *backend, client *http.Client, url string, header http.Header) http.Header { //nolint:revive // The test comes first, as everywhere.
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	before := req.Header.Clone()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if !maps.EqualFunc(before, req.Header, func(a, b []string) bool { return strings.Join(a, ",") == strings.Join(b, ",") }) {
		t.Errorf("the caller's request was changed: %v, was %v", req.Header, before)
	}
	client.CloseIdleConnections()
	return <-b.seen
}

// A host that is not trusted gets a correlation ID only if the toolkit made it.
func TestCorrelationIDThatACallerChose(t *testing.T) {
	b := newBackend(t)
	for _, tt := range []struct {
		name, id string // "" is none.
		want     bool   // A vendor gets it.
	}{
		{"the toolkit's own", "", true},
		{"a customer's number", "customer-4711", false},
		{"a phone number", "4915112345678", false},
		{"a SIP call ID", "sip:4711.example.com", false},
		{"a UUID", callerUUID, false},
		{"a UUID in upper case", strings.ToUpper(callerUUID), false},
		{"32 hex digits", callerTrace, false},
	} {
		for _, where := range []struct {
			name string
			in   func(context.Context, *otelvoice.Telemetry) (context.Context, func())
		}{
			{"a context", func(ctx context.Context, _ *otelvoice.Telemetry) (context.Context, func()) { return ctx, func() {} }},
			{"a user's context", func(ctx context.Context, _ *otelvoice.Telemetry) (context.Context, func()) {
				return otelvoice.ContextWithUserID(ctx, "u1"), func() {}
			}},
			{"a session", func(ctx context.Context, tel *otelvoice.Telemetry) (context.Context, func()) {
				ctx, s := tel.StartSession(ctx)
				return ctx, s.End
			}},
			{"a turn", func(ctx context.Context, tel *otelvoice.Telemetry) (context.Context, func()) {
				ctx, s := tel.StartSession(ctx)
				ctx, turn := s.StartTurn(ctx)
				return ctx, func() { turn.End(); s.End() }
			}},
			{"an operation", func(ctx context.Context, tel *otelvoice.Telemetry) (context.Context, func()) {
				ctx, o := tel.StartOperation(ctx, "order")
				return ctx, func() { o.End(nil) }
			}},
		} {
			t.Run(tt.name+" in "+where.name, func(t *testing.T) {
				tel, _ := voicetest.Setup(t)
				ctx := t.Context()
				if tt.id != "" {
					ctx = otelvoice.ContextWithCorrelationID(ctx, tt.id)
				}
				ctx, end := where.in(ctx, tel.Telemetry)
				defer end()
				client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{})}
				h := sent(t, ctx, b, client, b.URL, nil)
				if got := h.Get("X-Correlation-ID") != ""; got != tt.want {
					t.Errorf("a vendor got the correlation ID %q", h.Get("X-Correlation-ID"))
				}
				if h.Get("Traceparent") == "" {
					t.Error("a vendor got no traceparent")
				}
				client.Transport = voicehttp.Transport(tel.Telemetry, &http.Transport{}, voicehttp.WithTrustedHosts("127.0.0.1"))
				if got := sent(t, ctx, b, client, b.URL, nil).Get("X-Correlation-ID"); got == "" || tt.id != "" && got != otelvoice.CorrelationID(ctx) {
					t.Errorf("a trusted host got the correlation ID %q", got)
				}
			})
		}
	}
}

// An ID that came with a request is a caller's, too, and one that was made for it is not.
func TestCorrelationIDOfARequest(t *testing.T) {
	b := newBackend(t)
	for _, tt := range []struct {
		name   string
		header http.Header
		opts   []voicehttp.MiddlewareOption
		want   bool
	}{
		{"none", nil, nil, true},
		{"a traceparent", http.Header{"Traceparent": {parent}}, nil, true},
		{"a customer's number", http.Header{"X-Correlation-Id": {"customer-4711"}}, nil, false},
		{"a UUID", http.Header{"X-Correlation-Id": {callerUUID}}, nil, false},
		{"a UUID with its traceparent", http.Header{"X-Correlation-Id": {parentUUID}, "Traceparent": {parent}}, nil, false},
		{"a stranger's", http.Header{"X-Correlation-Id": {"customer-4711"}}, []voicehttp.MiddlewareOption{voicehttp.WithPublicEndpoint()}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, _ := voicetest.Setup(t)
			client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{})}
			s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry, tt.opts...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				h := sent(t, r.Context(), b, client, b.URL, nil)
				if got := h.Get("X-Correlation-ID"); (got != "") != tt.want || strings.Contains(got, "customer") {
					t.Errorf("a vendor got the correlation ID %q", got)
				}
			})))
			defer s.Close()
			get(t, s, "/", tt.header)
			s.Client().CloseIdleConnections()
		})
	}
}

// Headers that a program set are taken out on the way to hosts that are not trusted, in any case
// and however many, and when a redirect leads there.
func TestHeadersThatTheProgramSet(t *testing.T) {
	b := newBackend(t)
	elsewhere := strings.Replace(b.URL, "127.0.0.1", "localhost", 1)
	header := http.Header{"User-Agent": {"test/1"}}
	for _, name := range private[1:] {
		header[http.CanonicalHeaderKey(name)] = []string{"tenant=a", "user=b"}
		header[strings.ToUpper(name)] = []string{"tenant=c"}
	}
	for _, tt := range []struct {
		name, url string
		header    http.Header
		want      []string
	}{
		{"to a vendor", elsewhere, header, []string{"traceparent x-correlation-id"}},
		{"in lower case", elsewhere, http.Header{"baggage": {"tenant=a"}, "x-correlation-id": {"customer-4711"}, "traceparent": {parent}}, []string{"traceparent x-correlation-id"}},
		{"by a redirect", b.URL + "/?to=" + elsewhere, http.Header{"Baggage": {"tenant=a"}, "X-Correlation-Id": {"customer-4711"}}, []string{"traceparent baggage x-correlation-id", "traceparent x-correlation-id"}},
		{"from a redirect", elsewhere + "/?to=" + b.URL, http.Header{"Baggage": {"tenant=a"}}, []string{"traceparent x-correlation-id", "traceparent baggage x-correlation-id"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{}, voicehttp.WithTrustedHosts("127.0.0.1"))}
			h := sent(t, t.Context(), b, client, tt.url, tt.header)
			for i, want := range tt.want {
				if i > 0 {
					h = <-b.seen
				}
				if got := privateIn(h); got != want {
					t.Errorf("request %d\ngot  %s\nwant %s\nin %v", i, got, want, h)
				}
				span := rec.Spans()[i].SpanContext()
				if got := h.Get("Traceparent"); !strings.Contains(got, span.TraceID().String()+"-"+span.SpanID().String()) {
					t.Errorf("traceparent %q, want that of %v", got, span)
				}
				if got := h.Get("X-Correlation-ID"); strings.ReplaceAll(got, "-", "") != span.TraceID().String() {
					t.Errorf("correlation ID %q, want the trace ID", got)
				}
			}
		})
	}
}

// The tracestate of the context goes to trusted hosts, and no other does.
func TestTracestate(t *testing.T) {
	b := newBackend(t)
	state, err := trace.ParseTraceState("vendor=customer-4711")
	if err != nil {
		t.Fatal(err)
	}
	with := trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true,
	}))
	for _, tt := range []struct {
		name    string
		ctx     context.Context //nolint:containedctx // It is the input.
		trusted string
		want    string
	}{
		{"to a vendor", with, "example.com", ""},
		{"to a trusted host", with, "127.0.0.1", "vendor=customer-4711"},
		{"of another trace to a vendor", t.Context(), "example.com", ""},
		{"of another trace to a trusted host", t.Context(), "127.0.0.1", ""},
	} {
		tel, _ := voicetest.Setup(t)
		client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{}, voicehttp.WithTrustedHosts(tt.trusted))}
		h := sent(t, tt.ctx, b, client, b.URL, http.Header{"Tracestate": {"other=1"}})
		if got := h.Get("Tracestate"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A WebSocket is dialed by a request as any other.
func TestWebSocketDial(t *testing.T) {
	seen := make(chan http.Header, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Clone()
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			_ = conn.CloseNow()
		}
	}))
	defer s.Close()
	tel, _ := voicetest.Setup(t)
	tenant, err := baggage.Parse("tenant=a")
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(baggage.ContextWithBaggage(t.Context(), tenant), "customer-4711"))
	defer session.End()
	conn, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{})},
		HTTPHeader: http.Header{"Baggage": {"tenant=a"}, "X-Correlation-Id": {"customer-4711"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.CloseNow()
	if got := privateIn(<-seen); got != "traceparent" {
		t.Errorf("a vendor got %s", got)
	}
}

// A request without headers is one, too.
func TestRequestWithoutHeaders(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	var got http.Header
	transport := voicehttp.Transport(tel.Telemetry, roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = nil
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if req.Header != nil || privateIn(got) != "traceparent x-correlation-id" {
		t.Errorf("%v was sent, and the caller's are %v", got, req.Header)
	}
}
