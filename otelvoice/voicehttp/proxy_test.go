// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// newProxy starts reverse proxies to the upstream over HTTP/1 and HTTP/2.
func newProxy(t *testing.T, upstream string, middleware []voicehttp.MiddlewareOption, transport ...voicehttp.TransportOption) map[string]server {
	t.Helper()
	to, err := url.Parse(upstream)
	if err != nil {
		t.Fatal(err)
	}
	tel, _ := voicetest.Setup(t)
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport:     voicehttp.Transport(tel.Telemetry, base, transport...),
		ErrorLog:      log.New(io.Discard, "", 0),
		FlushInterval: -1,
	}
	return protocols(t, voicehttp.Middleware(tel.Telemetry, middleware...)(proxy))
}

// A reverse proxy copies the headers of the request that it serves. Headers that identify the
// caller are sent to trusted hosts only, and those of an untrusted caller to none.
func TestReverseProxyRequest(t *testing.T) {
	b := newBackend(t)
	incoming := http.Header{
		"Baggage":          {"user.id=u1,tenant=a", "more=1"},
		"X-Correlation-Id": {"customer-4711"},
		"Tracestate":       {"vendor=customer-4711"},
		"Ot-Baggage-User":  {"u1"},
		"Uberctx-User":     {"u1"},
	}
	public := []voicehttp.MiddlewareOption{voicehttp.WithPublicEndpoint()}
	trust := []voicehttp.TransportOption{voicehttp.WithTrustedHosts("127.0.0.1")}
	for _, tt := range []struct {
		name      string
		opts      []voicehttp.MiddlewareOption
		transport []voicehttp.TransportOption
		traced    bool
		want      string
	}{
		{"to a vendor", nil, nil, false, "traceparent"},
		{"to a vendor, traced", nil, nil, true, "traceparent x-correlation-id"}, // The correlation ID is the traceparent's own.
		{"a stranger's to a vendor", public, nil, true, "traceparent x-correlation-id"},
		{"to a trusted host", nil, trust, true, "traceparent tracestate baggage x-correlation-id ot-baggage-user uberctx-user"},
		{"a stranger's to a trusted host", public, trust, true, "traceparent x-correlation-id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for protocol, s := range newProxy(t, b.URL, tt.opts, tt.transport...) {
				header := incoming.Clone()
				if tt.traced {
					header.Set("Traceparent", parent)
				}
				get(t, s.Server, "/", header)
				h := <-b.seen
				if got := privateIn(h); got != tt.want {
					t.Errorf("%s\ngot  %s\nwant %s\nin %v", protocol, got, tt.want, h)
				}
				if id := h.Get("X-Correlation-ID"); strings.Contains(id, "customer") {
					t.Errorf("%s: correlation ID %q", protocol, id)
				}
			}
		})
	}
}

// Whatever the server behind a proxy responds, the response names this request's ID once.
func TestReverseProxyResponse(t *testing.T) {
	theirs := func(h http.Header) {
		h["X-Correlation-Id"] = []string{"upstream-1", "upstream-2"}
		h["x-correlation-ID"] = []string{"upstream-3"}
		h["Traceparent"] = []string{parent}
		h["Tracestate"] = []string{"upstream=1"}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":  func(w http.ResponseWriter, _ *http.Request) { theirs(w.Header()) },
		"a status": func(w http.ResponseWriter, _ *http.Request) { theirs(w.Header()); w.WriteHeader(http.StatusTeapot) },
		"a body":   func(w http.ResponseWriter, _ *http.Request) { theirs(w.Header()); _, _ = io.WriteString(w, "hello") },
		"a stream": func(w http.ResponseWriter, _ *http.Request) {
			theirs(w.Header())
			for range 3 {
				_, _ = io.WriteString(w, "hello")
				_ = http.NewResponseController(w).Flush()
			}
		},
		"announcements": func(w http.ResponseWriter, _ *http.Request) {
			theirs(w.Header())
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "hello")
		},
		"trailers": func(w http.ResponseWriter, _ *http.Request) {
			theirs(w.Header())
			_, _ = io.WriteString(w, "hello")
			_ = http.NewResponseController(w).Flush()
			w.Header().Set(http.TrailerPrefix+"X-Correlation-Id", "upstream-4")
		},
		"half a body": func(w http.ResponseWriter, _ *http.Request) {
			theirs(w.Header())
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			upstream := httptest.NewServer(handler)
			defer upstream.Close()
			for _, opts := range [][]voicehttp.MiddlewareOption{nil, {voicehttp.WithoutRequestLogs()}, {voicehttp.WithLoggedBodies(10)}} {
				for protocol, s := range newProxy(t, upstream.URL, opts) {
					ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
						if got := privateIn(http.Header(h)); got != "traceparent x-correlation-id" || h.Get("X-Correlation-Id") != callerUUID {
							t.Errorf("%s: an announcement has %s in %v", protocol, got, h)
						}
						return nil
					}})
					req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("X-Correlation-ID", callerUUID)
					res, err := s.Client().Do(req)
					if err != nil {
						t.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					if got := privateIn(res.Header); got != "traceparent x-correlation-id" || res.Header.Get("X-Correlation-ID") != callerUUID {
						t.Errorf("%s: the response has %s in %v", protocol, got, res.Header)
					}
					if got := res.Trailer.Values("X-Correlation-ID"); len(got) > 0 {
						t.Errorf("%s: the trailers have %q", protocol, got)
					}
				}
			}
		})
	}
}

// A proxy hijacks the connection for a WebSocket and writes the response itself.
func TestReverseProxyUpgrade(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Correlation-Id"] = []string{"upstream-1", "upstream-2"}
		w.Header().Set("Traceparent", parent)
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Write(r.Context(), websocket.MessageText, []byte("hello"))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))
	defer upstream.Close()
	for _, opts := range [][]voicehttp.MiddlewareOption{nil, {voicehttp.WithoutRequestLogs()}} {
		s := newProxy(t, upstream.URL, opts)["HTTP/1.1"]
		conn, res, err := websocket.Dial(t.Context(), s.URL, &websocket.DialOptions{
			HTTPClient: s.Client(), HTTPHeader: http.Header{"X-Correlation-Id": {callerUUID}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := privateIn(res.Header); got != "traceparent x-correlation-id" || res.Header.Get("X-Correlation-ID") != callerUUID {
			t.Errorf("the handshake has %s in %v", got, res.Header)
		}
		if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "hello" {
			t.Errorf("got %q, %v", got, err)
		}
		_ = conn.CloseNow()
	}
}

// unwraps is the response of a program's middleware; it implements only Unwrap.
type unwraps struct{ http.ResponseWriter }

func (u unwraps) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// A handler that sets the header itself does not add a second one, whatever sends the headers.
func TestResponseOfAHandler(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":  func(http.ResponseWriter, *http.Request) {},
		"a write":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) },
		"a string": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
		"a reader": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, strings.NewReader("hello")) },
		"a flush":  func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() },
		"a panic":  func(http.ResponseWriter, *http.Request) { panic("boom") },
		"from a goroutine": func(w http.ResponseWriter, _ *http.Request) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = io.WriteString(w, "hello")
			}()
			<-done
		},
		"cleared headers": func(w http.ResponseWriter, _ *http.Request) { clear(w.Header()) },
		"a connection": func(w http.ResponseWriter, _ *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil { // HTTP/2.
				return
			}
			w.Header().Add("X-Correlation-ID", "handler-2")
			res := http.Response{StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: w.Header(), Body: http.NoBody, Close: true}
			_ = res.Write(rw)
			_ = rw.Flush()
			_ = conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inner := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("X-Correlation-ID", "handler-1")
				w.Header()["x-correlation-id"] = []string{"handler-1"}
				handler(w, r)
			}))
			recovers := func(wrap func(http.ResponseWriter) http.ResponseWriter) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() {
						if recover() != nil {
							w.WriteHeader(http.StatusInternalServerError)
						}
					}()
					inner.ServeHTTP(wrap(w), r)
				})
			}
			for of, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
				"net/http's":  func(w http.ResponseWriter) http.ResponseWriter { return w },
				"a wrapper's": func(w http.ResponseWriter) http.ResponseWriter { return unwraps{w} },
				"a flusher's": func(w http.ResponseWriter) http.ResponseWriter {
					return struct {
						unwraps
						http.Flusher
					}{unwraps{w}, w.(http.Flusher)} // Servers' responses implement it.
				},
			} {
				for protocol, s := range protocols(t, recovers(wrap)) {
					res, _ := get(t, s.Server, "/", http.Header{"X-Correlation-Id": {callerUUID}})
					if got := res.Header.Values("X-Correlation-ID"); len(got) != 1 || got[0] != callerUUID {
						t.Errorf("%s response, %s: %q", of, protocol, got)
					}
				}
			}
		})
	}
}
