// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/baggage"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// backend is a server that keeps the headers of what it was asked.
type backend struct {
	*httptest.Server
	seen chan http.Header
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{seen: make(chan http.Header, 10)}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.seen <- r.Header.Clone()
		w.Header().Set("X-Request-Id", "provider-1")
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// ask sends a request inside a call and returns the headers that arrived.
func ask(t *testing.T, ctx context.Context, client *http.Client, url string) { //nolint:revive // The test comes first, as everywhere.
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if len(req.Header) != 0 {
		t.Errorf("the caller's request was changed: %v", req.Header)
	}
	client.CloseIdleConnections()
}

func TestTransportCarriesTheIDs(t *testing.T) {
	b := newBackend(t)
	tel, rec := voicetest.Setup(t)
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{})}
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), callerUUID))
	ctx, turn := session.StartTurn(ctx)
	lctx, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	ask(t, lctx, client, b.URL+"/v1/chat?key=secret")
	llm.End(nil)
	turn.End()
	session.End()

	h := <-b.seen
	if got := h.Get("X-Correlation-ID"); got != "" {
		t.Errorf("a vendor was handed the correlation ID %q", got)
	}
	if got := h.Get("Traceparent"); !strings.HasPrefix(got, "00-"+callerTrace+"-") {
		t.Errorf("traceparent %q", got)
	}
	if got := h.Get("Baggage"); got != "" {
		t.Errorf("a vendor was handed the baggage %q", got)
	}
	const want = "voice.session INTERNAL\n  voice.turn INTERNAL\n    chat gpt-4o-mini CLIENT\n      GET CLIENT\n"
	if got := rec.Shape(); got != want {
		t.Errorf("spans\n%s", got)
	}
	for _, s := range rec.Spans() {
		if s.Name() == "GET" && value(s, semconv.URLFullKey) != b.URL+"/v1/chat" {
			t.Errorf("url.full %q, want it without the query", value(s, semconv.URLFullKey))
		}
		if s.Name() == "chat gpt-4o-mini" && value(s, semconv.VoiceProviderRequestIDsKey) != `["provider-1"]` {
			t.Errorf("request ids %s", value(s, semconv.VoiceProviderRequestIDsKey))
		}
	}
}

// The URL is recorded without what may hold a key.
func TestURLs(t *testing.T) {
	for _, tt := range []struct {
		url, want string
	}{
		{"https://api.example/v1/chat", "https://api.example/v1/chat"},
		{"http://api.example:8080/", "http://api.example:8080/"},
		{"https://user:secret@api.example/v1", "https://api.example/v1"},
		{"https://api.example/v1?key=secret", "https://api.example/v1"},
		{"https://api.example/v1?", "https://api.example/v1"},
		{"https://api.example/v1#secret", "https://api.example/v1"},
		{"https://api.example/a%2Fb", "https://api.example/a%2Fb"},
		{"https://api.example/Grüezi", "https://api.example/Gr%C3%BCezi"},
		{"https://api.example/\xff", "https://api.example/%FF"},
		{"https://[::1]:80/", "https://[::1]:80/"},
		{"https:opaque", "https:opaque"},
		{"ws://api.example/", "ws://api.example/"},
		{"https://api.example/" + strings.Repeat("a", 70<<10), "https://api.example/" + strings.Repeat("a", 64<<10-20) + "…(+6164 bytes)"},
	} {
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		tel, rec := voicetest.Setup(t)
		transport := voicehttp.Transport(tel.Telemetry, roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		}))
		res, err := transport.RoundTrip((&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}).WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := value(rec.Spans()[0], semconv.URLFullKey); got != tt.want {
			t.Errorf("%.60s\ngot  %.40s… of %d\nwant %.40s… of %d", tt.url, got, len(got), tt.want, len(tt.want))
		}
	}
}

// A request to an untrusted host is sent without its baggage.
func TestContextOfTheRequest(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	tenant, err := baggage.Parse("tenant=a")
	if err != nil {
		t.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{
		"none": t.Context(), "some": baggage.ContextWithBaggage(t.Context(), tenant),
	} {
		transport := voicehttp.Transport(tel.Telemetry, roundTrip(func(r *http.Request) (*http.Response, error) {
			if n := baggage.FromContext(r.Context()).Len(); n != 0 {
				t.Errorf("%s: the request's context has baggage of %d", name, n)
			}
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		}))
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if req.Context() != ctx || len(req.Header) != 0 {
			t.Errorf("%s: the caller's request was changed", name)
		}
	}
}

func TestBaggageGoesToTrustedHostsAlone(t *testing.T) {
	b := newBackend(t) // Known as 127.0.0.1 and as localhost.
	elsewhere := strings.Replace(b.URL, "127.0.0.1", "localhost", 1)
	for _, tt := range []struct {
		name string
		opts []voicehttp.TransportOption
		url  string
		want []string // The baggage of each request.
	}{
		{"no host by default", nil, b.URL, []string{""}},
		{"to a trusted host", []voicehttp.TransportOption{voicehttp.WithTrustedHosts("127.0.0.1")}, b.URL, []string{"session.id=s1,tenant=a"}},
		{"with the user when asked", []voicehttp.TransportOption{voicehttp.WithTrustedHosts("127.0.0.1"), voicehttp.WithUserID()}, b.URL, []string{"session.id=s1,tenant=a,user.id=u1"}},
		{"not to another host", []voicehttp.TransportOption{voicehttp.WithTrustedHosts("127.0.0.1")}, elsewhere, []string{""}},
		{"in either case", []voicehttp.TransportOption{voicehttp.WithTrustedHosts("LocalHost")}, elsewhere, []string{"session.id=s1,tenant=a"}},
		{"a star alone trusts no host", []voicehttp.TransportOption{voicehttp.WithTrustedHosts("*", "*.", "*host")}, elsewhere, []string{""}},
		{
			"a redirect to a stranger takes none along",
			[]voicehttp.TransportOption{voicehttp.WithTrustedHosts("127.0.0.1")},
			b.URL + "/?to=" + elsewhere + "/",
			[]string{"session.id=s1,tenant=a", ""},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, _ := voicetest.Setup(t)
			client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{}, append(tt.opts, nil)...)}
			tenant, err := baggage.Parse("tenant=a")
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(baggage.ContextWithBaggage(t.Context(), tenant),
				otelvoice.WithSessionID("s1"), otelvoice.WithUserID("u1"))
			ask(t, ctx, client, tt.url)
			session.End()
			for _, want := range tt.want {
				if got := sorted((<-b.seen).Get("Baggage")); got != want {
					t.Errorf("baggage\ngot  %q\nwant %q", got, want)
				}
			}
		})
	}
}

// sorted puts a list in order; baggage has none.
func sorted(list string) string {
	bag, err := baggage.Parse(list)
	if err != nil {
		return list
	}
	var out []string
	for _, key := range []string{"session.id", "tenant", "user.id"} {
		if v := bag.Member(key).Value(); v != "" {
			out = append(out, key+"="+v)
		}
	}
	return strings.Join(out, ",")
}

func TestWildcardHosts(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	for host, want := range map[string]bool{
		"a.example.com": true, "a.b.example.com": true, "A.EXAMPLE.COM:8443": true,
		"example.com": false, "badexample.com": false, "example.com.evil.test": false,
	} {
		var got http.Header
		transport := voicehttp.Transport(tel.Telemetry, roundTrip(func(r *http.Request) (*http.Response, error) {
			got = r.Header
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		}), voicehttp.WithTrustedHosts("*.example.com"))
		ctx, session := tel.StartSession(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		session.End()
		if trusted := got.Get("Baggage") != ""; trusted != want {
			t.Errorf("%s: trusted %v, want %v", host, trusted, want)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportOfNothing(t *testing.T) {
	base := &http.Transport{}
	if got := voicehttp.Transport(nil, base); got != http.RoundTripper(base) {
		t.Errorf("got %T", got)
	}
	if got := voicehttp.Transport(nil, nil); got != http.DefaultTransport {
		t.Errorf("got %T", got)
	}
}

// A request that runs out of time is a timeout, whatever the client and its context call it.
func TestLateRequests(t *testing.T) {
	const brief = 10 * time.Millisecond
	slow := errors.New("over budget")
	for _, tt := range []struct {
		name    string
		context func() (context.Context, context.CancelFunc)
		timeout time.Duration // Of the client.
		flushes bool          // The time runs out inside the body.
	}{
		{name: "a deadline with a cause", context: func() (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(t.Context(), brief, slow)
		}},
		{name: "a deadline with a cause, inside the body", flushes: true, context: func() (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(t.Context(), 10*brief, slow)
		}},
		{name: "a client's", timeout: brief},
		{name: "a client's, inside the body", timeout: 10 * brief, flushes: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for protocol, s := range protocols(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.flushes {
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			})) {
				tel, rec := voicetest.Setup(t)
				ctx := t.Context()
				if tt.context != nil {
					c, cancel := tt.context()
					t.Cleanup(cancel)
					ctx = c
				}
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, s.Client().Transport), Timeout: tt.timeout}
				if res, err := client.Do(req); err == nil {
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
				client.CloseIdleConnections()
				if spans := rec.Spans(); len(spans) != 1 || outcome(spans[0].Attributes()) != "- timeout" {
					t.Errorf("%s: got %v", protocol, spans)
				}
			}
		})
	}
}

// The span of a response without a body ends with it: some programs never close such a body.
func TestResponseWithoutBody(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	transport := voicehttp.Transport(tel.Telemetry, roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "https://api.example/v1/calls/1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.Body != http.NoBody || len(rec.Spans()) != 1 {
		t.Errorf("got the body %T and %d spans", res.Body, len(rec.Spans()))
	}
}

// A request that goes nowhere fails as it does without the transport.
func TestRequestWithoutURL(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	base := &http.Transport{}
	res, err := voicehttp.Transport(tel.Telemetry, base).RoundTrip(&http.Request{Method: http.MethodGet, Header: http.Header{}})
	if err == nil {
		_ = res.Body.Close()
	}
	if err == nil || err.Error() != "http: nil Request.URL" {
		t.Errorf("got %v", err)
	}
}
