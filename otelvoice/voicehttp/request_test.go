// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

func TestTraceStateIsGivenBack(t *testing.T) {
	s, _ := serve(t, http.HandlerFunc(echo))
	res, _ := get(t, s, "/", http.Header{"Traceparent": {parent}, "Tracestate": {"vendor=a,other=b"}})
	if got := res.Header.Get("Tracestate"); got != "vendor=a,other=b" {
		t.Errorf("tracestate %q", got)
	}
	if res, _ = get(t, s, "/", http.Header{"Traceparent": {parent}}); len(res.Header["Tracestate"]) != 0 {
		t.Errorf("without one: tracestate %q", res.Header["Tracestate"])
	}
}

// A caller's ID names the request's trace, and no other trace that the handler starts.
func TestSeedIsTakenOnce(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	var inside, beside trace.TraceID
	handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		inside = trace.SpanContextFromContext(r.Context()).TraceID()
		_, span := tel.TracerProvider().Tracer("test").Start(r.Context(), "beside", trace.WithNewRoot())
		beside = span.SpanContext().TraceID()
		span.End()
	}))
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("X-Correlation-ID", callerUUID)
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if inside.String() != callerTrace || beside == inside || !beside.IsValid() {
		t.Errorf("the request is trace %s, and another root %s", inside, beside)
	}
}

// A request that is untrusted for an outer middleware is untrusted for the inner ones.
func TestPublicEndpointAroundAnother(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	inner := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(echo))
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry, voicehttp.WithPublicEndpoint())(inner))
	defer s.Close()
	_, body := get(t, s, "/", http.Header{
		"Traceparent": {parent}, "X-Correlation-Id": {callerUUID}, "Baggage": {"session.id=stolen"},
	})
	if strings.Contains(body, parentTrace) || strings.Contains(body, callerTrace) || strings.Contains(body, "stolen") {
		t.Errorf("a stranger's ids were taken over: %s", body)
	}
	if spans := rec.Spans(); len(spans) != 2 {
		t.Errorf("%d spans, want one of each middleware", len(spans))
	}
}

// A context from outside may have an identity; the request keeps its correlation ID.
func TestIdentityFromOutside(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), "order-42"))
	defer session.End()
	var got, request string
	handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, request = otelvoice.CorrelationID(r.Context()), otelvoice.RequestID(r.Context())
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody).WithContext(ctx))
	if got != "order-42" || w.Header().Get("X-Correlation-ID") != "order-42" {
		t.Errorf("inside %q, answered %q", got, w.Header().Get("X-Correlation-ID"))
	}
	if request == "" || request == otelvoice.RequestID(ctx) {
		t.Errorf("request ID %q, want one of its own", request)
	}
}

// The context of a request ends when its caller hangs up, as do the contexts derived from it.
func TestHangUp(t *testing.T) {
	ended := make(chan error, 1)
	s, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), time.Minute, errors.New("no hang-up"))
		defer cancel()
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-ctx.Done()
		ended <- context.Cause(ctx)
	}))
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	hangUp()
	_ = res.Body.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler's context ended by %v", err)
	}
}

// With telemetry disabled, requests still have IDs.
func TestDisabled(t *testing.T) {
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) {
			return map[string]string{"OTEL_SDK_DISABLED": "true"}[name], name == "OTEL_SDK_DISABLED"
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	var inside string
	handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		inside = otelvoice.CorrelationID(r.Context())
	}))
	for name, header := range map[string]http.Header{"nothing": {}, "an ID": {"X-Correlation-Id": {"order-42"}}} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header = header
		handler.ServeHTTP(w, r)
		if got := w.Header().Get("X-Correlation-ID"); got == "" || got != inside || header.Get("X-Correlation-ID") != "" && got != "order-42" {
			t.Errorf("%s: answered %q, inside %q", name, got, inside)
		}
		if got := w.Header()["Traceparent"]; got != nil {
			t.Errorf("%s: traceparent %q of no trace", name, got)
		}
	}
}

// The mux may also be outside of the middleware, and there may be several.
func TestRoutes(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	wrap := voicehttp.Middleware(tel.Telemetry)
	inner := http.NewServeMux()
	inner.HandleFunc("GET /in/{id}", echo)
	mux := http.NewServeMux()
	mux.Handle("GET /outside/{id}", wrap(http.HandlerFunc(echo)))
	mux.Handle("/in/", wrap(inner))
	mux.Handle("GET example.org/host/{id}", wrap(http.HandlerFunc(echo)))
	mux.Handle("/any/{id}", wrap(http.HandlerFunc(echo)))
	s := httptest.NewServer(mux)
	defer s.Close()
	for _, tt := range []struct{ path, host, wantName, wantRoute string }{
		{"/outside/1", "", "GET /outside/{id}", "/outside/{id}"},
		{"/in/1", "", "GET /in/{id}", "/in/{id}"},
		{"/host/1", "example.org", "GET /host/{id}", "/host/{id}"},
		{"/any/1", "", "GET /any/{id}", "/any/{id}"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+tt.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = tt.host
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		spans := rec.Spans()
		span := spans[len(spans)-1]
		if span.Name() != tt.wantName || value(span, semconv.HTTPRouteKey) != tt.wantRoute {
			t.Errorf("%s: %q with route %q, want %q and %q", tt.path, span.Name(), value(span, semconv.HTTPRouteKey), tt.wantName, tt.wantRoute)
		}
	}
}

// net/http removes the files of a form that it finds in its own request.
func TestFormsAreGivenBack(t *testing.T) {
	const body = "--b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--b--\r\n"
	for name, opts := range map[string][]voicehttp.MiddlewareOption{
		"with lines": nil, "without": {voicehttp.WithoutRequestLogs()}, "with bodies": {voicehttp.WithLoggedBodies(10)},
	} {
		tel, _ := voicetest.Setup(t)
		handler := voicehttp.Middleware(tel.Telemetry, opts...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := r.ParseMultipartForm(1); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}))
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		before := r.Body
		handler.ServeHTTP(httptest.NewRecorder(), r)
		if r.MultipartForm == nil || len(r.MultipartForm.File["audio"]) != 1 {
			t.Errorf("%s: the server's request has the form %v", name, r.MultipartForm)
		}
		if r.Body != before {
			t.Errorf("%s: the server's request has another body", name)
		}
		_ = r.MultipartForm.RemoveAll()
	}
}

// tenant is a custom propagator whose key is not in http.Header's canonical form.
type tenant struct{}

func (tenant) Fields() []string { return []string{"x-TENANT-id"} }

func (tenant) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	carrier.Set("x-TENANT-id", baggage.FromContext(ctx).Member("tenant").Value())
}

func (tenant) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	member, err := baggage.NewMemberRaw("tenant", carrier.Get("x-TENANT-id"))
	if err != nil {
		return ctx
	}
	if !slices.Contains(carrier.Keys(), "X-Tenant-Id") {
		return ctx
	}
	bag, _ := baggage.New(member)
	return baggage.ContextWithBaggage(ctx, bag)
}

// Propagators find headers under any spelling, with all of their values.
func TestHeadersOfPropagators(t *testing.T) {
	b := newBackend(t)
	for _, tt := range []struct {
		name string
		opts []voicesdk.Option
		in   http.Header
		want http.Header // In the outgoing request; traceparent and correlation ID are always there.
	}{
		{"several of baggage", nil, http.Header{"Baggage": {"tenant=a", "session.id=s1"}}, http.Header{"Baggage": {"session.id=s1,tenant=a"}}},
		{
			"the standard's", nil,
			http.Header{"Traceparent": {parent}, "Tracestate": {"v=1"}},
			http.Header{"Tracestate": {"v=1"}},
		},
		{
			"a custom propagator",
			[]voicesdk.Option{voicesdk.WithPropagators(propagation.TraceContext{}, tenant{})},
			http.Header{"X-Tenant-Id": {"a"}},
			http.Header{"X-Tenant-Id": {"a"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, _ := voicetest.Setup(t, tt.opts...)
			client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{}, voicehttp.WithTrustedHosts("127.0.0.1"))}
			defer client.CloseIdleConnections()
			s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ask(t, r.Context(), client, b.URL)
			})))
			defer s.Close()
			get(t, s, "/", tt.in)
			seen := <-b.seen
			for key := range tt.want {
				got := seen.Get(key)
				if key == "Baggage" {
					got = sorted(got)
				}
				if got != tt.want.Get(key) {
					t.Errorf("%s\ngot  %q\nwant %q", key, got, tt.want.Get(key))
				}
			}
			for _, key := range []string{"Traceparent", "X-Correlation-Id"} {
				if len(seen[key]) != 1 || seen[key][0] == "" {
					t.Errorf("%s is %q", key, seen[key])
				}
			}
		})
	}
}
