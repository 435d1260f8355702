// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/testing/freeport"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// upgrade sends a request for a WebSocket, as coder/websocket does.
func upgrade(ctx context.Context, t *testing.T, client *http.Client, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
		request.Header.Set(name, value)
	}
	if response, err := client.Do(request); err == nil {
		_, _ = io.ReadFull(response.Body, make([]byte, 4)) // The first message, or the body: the connection is then used again.
		_ = response.Body.Close()
	}
}

// A provider that accepts the connection and does not answer is a connection that failed, also if only its bytes are seen.
func TestHandshakeWithoutAnswer(t *testing.T) {
	var listen net.ListenConfig
	silent, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	sdk, rec := voicetest.Setup(t)
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	c, err := call.Dialer().DialContext(ctx, "tcp", silent.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(c, "GET /v1/realtime?model=m HTTP/1.1\r\nHost: api.openai.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err := errors.Join(err, c.Close()); err != nil { // The program gave up.
		t.Fatal(err)
	}
	call.End()
	spans := rec.Named(semconv.SpanRealtimeSession("m"))
	if len(spans) != 1 || value(spans[0], semconv.ErrorTypeKey) != "no_answer" || value(spans[0], semconv.VoiceStreamOutcomeKey) != "failed" {
		t.Errorf("%d connections\n%s", len(spans), rec.Shape())
	}
	voicetest.Check(t, rec)
}

// A dial that fails is a connection that failed, with the class of its error.
func TestDialFails(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer refusing.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	for name, tt := range map[string]struct {
		server, class string
		wait          time.Duration
	}{
		"refused by the provider": {refusing.URL, "401", time.Minute},
		"no answer":               {silent.URL, "timeout", 100 * time.Millisecond},
		"no server":               {fmt.Sprintf("http://127.0.0.1:%d", freeport.TCP(t)), "connection_refused", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			ctx, cancel := context.WithTimeout(ctx, tt.wait)
			defer cancel()
			upgrade(ctx, t, voicews.NewDialer(sdk.Telemetry).HTTPClient(nil), tt.server+"/v1/realtime?model=m")
			call.End()
			spans := rec.Named(semconv.SpanRealtimeSession("m"))
			if len(spans) != 1 {
				t.Fatalf("%d connections\n%s", len(spans), rec.Shape())
			}
			class := ""
			for _, kv := range spans[0].Attributes() {
				if kv.Key == semconv.ErrorTypeKey {
					class = kv.Value.String()
				}
			}
			if class != tt.class {
				t.Errorf("error.type is %q, want %q", class, tt.class)
			}
			voicetest.Check(t, rec)
		})
	}
}

// Connections that belong to no call are reported once, and other requests not at all.
func TestDialOutsideOfCalls(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	sdk, rec := voicetest.Setup(t)
	client := voicews.NewDialer(sdk.Telemetry).HTTPClient(nil)
	for range 3 {
		upgrade(t.Context(), t, client, server.URL+"/v1/listen?model=nova-3")
		upgrade(t.Context(), t, client, server.URL+"/chat")
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	warnings := 0
	for _, line := range lines {
		if line["level"] == "WARN" {
			warnings++
		}
	}
	if warnings != 1 || len(rec.Spans()) != 0 {
		t.Errorf("%d warnings, %d spans", warnings, len(rec.Spans()))
	}
}

// A handshake that is tried again on a connection of the pool is recorded like one on a new connection.
func TestDialAgainOnPooledConnection(t *testing.T) {
	for name, newClient := range map[string]func(*voicews.Dialer) *http.Client{
		"DialContext": func(d *voicews.Dialer) *http.Client {
			return &http.Client{Transport: &http.Transport{DialContext: d.DialContext}}
		},
		"HTTPClient": func(d *voicews.Dialer) *http.Client {
			return d.HTTPClient(&http.Client{Transport: new(http.Transport)})
		},
	} {
		for path, tt := range map[string]struct {
			span string
			want int
		}{
			"/v1/listen?model=nova-3": {semconv.SpanSpeechToTextStream("nova-3"), 1}, // The second connection goes on with the stream.
			"/v1/realtime?model=m":    {semconv.SpanRealtimeSession("m"), 2},
		} {
			t.Run(name+" "+path, func(t *testing.T) {
				requests, connections := 0, make(map[string]bool)
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests++
					connections[r.RemoteAddr] = true
					if requests == 1 {
						w.WriteHeader(http.StatusTooManyRequests)
						return
					}
					w.Header().Set("Connection", "Upgrade")
					w.Header().Set("Upgrade", "websocket")
					w.Header().Set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
					w.WriteHeader(http.StatusSwitchingProtocols)
					c, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = c.Write([]byte{0x81, 2, '{', '}'})
					_, _ = io.Copy(io.Discard, c)
					_ = c.Close()
				}))
				defer server.Close()
				sdk, rec := voicetest.Setup(t)
				ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
				client := newClient(voicews.NewDialer(sdk.Telemetry))
				upgrade(ctx, t, client, server.URL+path)
				upgrade(ctx, t, client, server.URL+path)
				call.End()
				if requests != 2 || len(connections) != 1 {
					t.Fatalf("%d requests on %d connections", requests, len(connections))
				}
				if got := connected(rec.Named(tt.span)); got != 1 {
					t.Errorf("%d connections were opened\n%s", got, rec.Shape())
				}
				if n := len(rec.Named(tt.span)); n != tt.want {
					t.Errorf("%d spans, want %d", n, tt.want)
				}
				voicetest.Check(t, rec)
			})
		}
	}
}

// connected returns how many connections of spans were opened.
func connected(spans []sdktrace.ReadOnlySpan) (n int) {
	for _, s := range spans {
		for _, e := range s.Events() {
			if e.Name == semconv.EventVoiceStreamConnected {
				n++
			}
		}
	}
	return n
}
