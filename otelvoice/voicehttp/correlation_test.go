// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

const (
	callerUUID  = "550e8400-e29b-41d4-a716-446655440000"
	callerTrace = "550e8400e29b41d4a716446655440000"
	parent      = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	parentTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	parentUUID  = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
)

// echo responds with the IDs in its context.
func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "%s %s %s %s", trace.SpanContextFromContext(r.Context()).TraceID(),
		otelvoice.CorrelationID(r.Context()), otelvoice.RequestID(r.Context()), otelvoice.SessionID(r.Context()))
}

// serve starts a server with the middleware around h.
func serve(t *testing.T, h http.Handler, opts ...voicehttp.MiddlewareOption) (*httptest.Server, *voicetest.Recorder) {
	t.Helper()
	tel, rec := voicetest.Setup(t)
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry, opts...)(h))
	t.Cleanup(func() { s.Client().CloseIdleConnections(); s.Close() })
	return s, rec
}

// get sends a request to the server and returns the response and its body.
func get(t *testing.T, s *httptest.Server, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestCorrelationIDIsTheTraceID(t *testing.T) {
	order, _ := otelvoice.TraceIDFor("order-42")
	for _, tt := range []struct {
		name          string
		header        http.Header
		wantTrace     string // "" for a new one
		wantCorrelate string
	}{
		{"a UUID becomes the trace ID", http.Header{"X-Correlation-Id": {callerUUID}}, callerTrace, callerUUID},
		{"in upper case", http.Header{"X-Correlation-Id": {strings.ToUpper(callerUUID)}}, callerTrace, callerUUID},
		{"any other ID is hashed and kept", http.Header{"X-Correlation-Id": {"order-42"}}, order.String(), "order-42"},
		{"a traceparent wins", http.Header{"X-Correlation-Id": {callerUUID}, "Traceparent": {parent}}, parentTrace, parentUUID},
		{"a traceparent alone", http.Header{"Traceparent": {parent}}, parentTrace, parentUUID},
		{"the first of two headers", http.Header{"X-Correlation-Id": {callerUUID, "other"}}, callerTrace, callerUUID},
		{"nothing", nil, "", ""},
		{"empty", http.Header{"X-Correlation-Id": {""}}, "", ""},
		{"nil UUID", http.Header{"X-Correlation-Id": {"00000000-0000-0000-0000-000000000000"}}, "", ""},
		{"too long", http.Header{"X-Correlation-Id": {strings.Repeat("a", 129)}}, "", ""},
		{"not in the alphabet", http.Header{"X-Correlation-Id": {"<script>alert(1)</script>"}}, "", ""},
		{"broken traceparent", http.Header{"Traceparent": {"00-zz-zz-zz"}, "X-Correlation-Id": {callerUUID}}, callerTrace, callerUUID},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, rec := serve(t, http.HandlerFunc(echo))
			res, body := get(t, s, "/", tt.header)
			var tid, cid, rid string
			if _, err := fmt.Sscan(body, &tid, &cid, &rid); err != nil {
				t.Fatalf("%v in %q", err, body)
			}
			if tt.wantTrace == "" { // A new ID, without any part of what was sent.
				tt.wantTrace, tt.wantCorrelate = tid, tid[:8]+"-"+tid[8:12]+"-"+tid[12:16]+"-"+tid[16:20]+"-"+tid[20:]
			}
			if tid != tt.wantTrace || cid != tt.wantCorrelate {
				t.Errorf("inside\ngot  %s %s\nwant %s %s", tid, cid, tt.wantTrace, tt.wantCorrelate)
			}
			if got := res.Header.Get("X-Correlation-ID"); got != tt.wantCorrelate {
				t.Errorf("response header %q, want %q", got, tt.wantCorrelate)
			}
			span := rec.Spans()[0]
			want := fmt.Sprintf("00-%s-%s-01", tid, span.SpanContext().SpanID())
			if got := res.Header.Get("Traceparent"); got != want {
				t.Errorf("traceparent of the response %q, want %q", got, want)
			}
			if want := "req_" + span.SpanContext().SpanID().String()[:8]; rid != want {
				t.Errorf("request ID %s, want %s", rid, want)
			}
		})
	}
}

// A bare connection sends headers that net/http's client would not send.
func TestHostileHeaderOverTheWire(t *testing.T) {
	s, _ := serve(t, http.HandlerFunc(echo))
	for _, value := range []string{"a\tb", "a\r\n folded", "\x01", "a\x7f", strings.Repeat("x", 20_000)} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Correlation-ID: %s\r\n\r\n", value); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%.20q: %v", value, err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		_ = conn.Close()
		// Either net/http rejects the request or the ID is replaced.
		if got := res.Header.Get("X-Correlation-ID"); res.StatusCode == http.StatusOK && (len(got) != 36 || strings.Contains(got, "folded")) {
			t.Errorf("%.20q: answered %q", value, got)
		}
	}
}

func TestPublicEndpoint(t *testing.T) {
	s, rec := serve(t, http.HandlerFunc(echo), voicehttp.WithPublicEndpoint())
	_, body := get(t, s, "/", http.Header{
		"Traceparent": {parent}, "X-Correlation-Id": {callerUUID}, "Baggage": {"session.id=stolen"},
	})
	if strings.Contains(body, parentTrace) || strings.Contains(body, callerTrace) || strings.Contains(body, "stolen") {
		t.Errorf("a stranger's ids were taken over: %s", body)
	}
	span := rec.Spans()[0]
	if links := span.Links(); len(links) != 1 || links[0].SpanContext.TraceID().String() != parentTrace {
		t.Errorf("links %v, want one to the caller's trace", links)
	}
	if got := value(span, semconv.VoiceCorrelationExternalIDKey); got != callerUUID {
		t.Errorf("external ID %q, want %q", got, callerUUID)
	}

	_, body = get(t, s, "/", http.Header{"X-Correlation-Id": {callerUUID}})
	if strings.Contains(body, callerTrace) {
		t.Errorf("a stranger's correlation ID became the trace ID: %s", body)
	}
}

func TestPublicEndpointFunc(t *testing.T) {
	s, _ := serve(t, http.HandlerFunc(echo), voicehttp.WithPublicEndpointFunc(func(r *http.Request) bool { return r.URL.Path == "/public" }))
	header := http.Header{"X-Correlation-Id": {callerUUID}}
	if _, body := get(t, s, "/public", header); strings.Contains(body, callerTrace) {
		t.Errorf("public: %s", body)
	}
	if _, body := get(t, s, "/private", header); !strings.Contains(body, callerTrace) {
		t.Errorf("private: %s", body)
	}
}

func TestBaggageNamesTheSession(t *testing.T) {
	s, _ := serve(t, http.HandlerFunc(echo))
	if _, body := get(t, s, "/", http.Header{"Baggage": {"session.id=sess_f5e6d7c8b9a0"}}); !strings.HasSuffix(body, " sess_f5e6d7c8b9a0") {
		t.Errorf("got %q", body)
	}
}

// A thousand requests at once each get their own ID in the response.
func TestIDsNeverCross(t *testing.T) {
	s, _ := serve(t, http.HandlerFunc(echo))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 50) // The kernel limits the number of connections.
	for i := range 1000 {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			id := fmt.Sprintf("call-%d", i)
			res, body := get(t, s, "/", http.Header{"X-Correlation-Id": {id}})
			if got := res.Header.Get("X-Correlation-ID"); got != id || !strings.Contains(body, " "+id+" ") {
				t.Errorf("sent %s, answered %s with %q", id, got, body)
			}
		})
	}
	wg.Wait()
}

func FuzzCorrelationHeader(f *testing.F) {
	for _, seed := range []string{callerUUID, "order-42", "", "a b", "a\r\nSet-Cookie: x=y", strings.Repeat("a", 129), "\xff"} {
		f.Add(seed)
	}
	tel, err := voicesdk.Setup(f.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
		voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	if err != nil {
		f.Fatal(err)
	}
	h := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(echo))
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header["X-Correlation-Id"] = []string{value}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := w.Header().Get("X-Correlation-ID")
		if _, ok := otelvoice.TraceIDFor(got); !ok {
			t.Fatalf("sent %q, answered %q, which is no correlation ID", value, got)
		}
		if _, ok := otelvoice.TraceIDFor(value); !ok && got == value {
			t.Fatalf("an invalid ID %q was sent back", value)
		}
	})
}

// value returns a span's attribute as text, or "".
func value(s sdktrace.ReadOnlySpan, key attribute.Key) string {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}

// IDs from outside are bounded, because they are on each line of a call.
func TestIDsFromBaggageAreBounded(t *testing.T) {
	for _, tt := range []struct{ name, sent, want string }{
		{"short", "s1", "s1"},
		{"256 bytes", strings.Repeat("s", 256), strings.Repeat("s", 256)},
		{"7 kB", strings.Repeat("s", 7000), strings.Repeat("s", 256)},
		{"cut inside of a rune", strings.Repeat("s", 255) + "%C3%BC", strings.Repeat("s", 255)},
		{"not UTF-8", "s%ff1", "s\uFFFD1"},
		{"blanks", "%20%09", ""},
	} {
		for key, field := range map[string]string{"session.id": "session_id", "user.id": "user_id"} {
			t.Run(tt.name+" as "+key, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
				r.Header.Set("Baggage", key+"="+tt.sent)
				handler.ServeHTTP(httptest.NewRecorder(), r)
				lines, err := rec.Lines()
				if err != nil || len(lines) != 2 {
					t.Fatalf("%d lines, %v", len(lines), err)
				}
				for _, line := range lines {
					if got, _ := line[field].(string); got != tt.want {
						t.Errorf("%s %q, want %q", field, got, tt.want)
					}
				}
			})
		}
	}
}

// Text from a request is bounded on its span and lines.
func TestTextsAreBounded(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	handler := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("a", 5000), http.NoBody)
	r.Header.Set("User-Agent", strings.Repeat("b", 5000))
	r.Header.Set("X-Forwarded-For", strings.Repeat("c", 5000))
	handler.ServeHTTP(httptest.NewRecorder(), r)
	for _, kv := range rec.Spans()[0].Attributes() {
		if n := len(kv.Value.String()); n > 1024 {
			t.Errorf("%s has %d bytes", kv.Key, n)
		}
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		extra, _ := line["extra_data"].(map[string]any)
		if path, _ := extra["url.path"].(string); len(path) != 1024 {
			t.Errorf("the path has %d bytes", len(path))
		}
	}
}
