// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package routers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/gin-gonic/gin"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"golang.org/x/net/websocket"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// echoGorilla sends back one message. The other functions do the same with other libraries.
func echoGorilla(w http.ResponseWriter, r *http.Request) {
	u := gorilla.Upgrader{CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") != "http://evil.example" }}
	conn, err := u.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	kind, text, err := conn.ReadMessage()
	if err == nil {
		_ = conn.WriteMessage(kind, text)
	}
}

func echoCoder(w http.ResponseWriter, r *http.Request) {
	conn, err := coder.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	kind, text, err := conn.Read(r.Context())
	if err == nil {
		_ = conn.Write(r.Context(), kind, text)
	}
}

func echoGobwas(w http.ResponseWriter, r *http.Request) {
	u := ws.HTTPUpgrader{}
	if r.Header.Get("Origin") == "http://evil.example" {
		u.Protocol = func(string) bool { return false }
		w.WriteHeader(http.StatusForbidden)
		return
	}
	conn, _, _, err := u.Upgrade(r, w)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	text, kind, err := wsutil.ReadClientData(conn)
	if err == nil {
		_ = wsutil.WriteServerMessage(conn, kind, text)
	}
}

func echoNet(w http.ResponseWriter, r *http.Request) {
	s := websocket.Server{
		Handshake: func(_ *websocket.Config, r *http.Request) error {
			if r.Header.Get("Origin") == "http://evil.example" {
				return websocket.ErrBadWebSocketOrigin
			}
			return nil
		},
		Handler: func(conn *websocket.Conn) { _, _ = io.CopyN(conn, conn, 5) },
	}
	s.ServeHTTP(w, r)
}

// Span, metric and line have the status that the client got, with each library.
func TestWebSockets(t *testing.T) {
	behindGin := func(echo http.HandlerFunc) http.Handler {
		router := gin.New()
		router.GET("/", gin.WrapF(echo))
		return router
	}
	for name, handler := range map[string]http.Handler{
		"gorilla":             http.HandlerFunc(echoGorilla),
		"coder":               http.HandlerFunc(echoCoder),
		"gobwas":              http.HandlerFunc(echoGobwas),
		"golang.org/x/net":    http.HandlerFunc(echoNet),
		"gorilla, behind gin": behindGin(echoGorilla),
		"coder, behind gin":   behindGin(echoCoder),
	} {
		for origin, want := range map[string]int{"": http.StatusSwitchingProtocols, "http://evil.example": http.StatusForbidden} {
			t.Run(name+" "+origin, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				served, ended := voicehttp.Middleware(tel.Telemetry)(handler), make(chan struct{})
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer close(ended)
					served.ServeHTTP(w, r)
				}))
				defer s.Close()
				header := http.Header{"Origin": {s.URL}}
				if origin != "" {
					header.Set("Origin", origin)
				}
				conn, res, err := gorilla.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), header)
				if err == nil {
					if err := conn.WriteMessage(gorilla.TextMessage, []byte("hello")); err != nil {
						t.Error(err)
					}
					if _, text, err := conn.ReadMessage(); err != nil || string(text) != "hello" {
						t.Errorf("got %q, %v", text, err)
					}
					_ = conn.Close()
				}
				if res == nil || res.StatusCode != want {
					t.Fatalf("answered %v, %v", res, err)
				}
				<-ended
				if got := statusOf(attribute.NewSet(rec.Spans()[0].Attributes()...)); got != want {
					t.Errorf("the span has the status %d, want %d", got, want)
				}
				data, _ := rec.Metric("http.server.request.duration")
				h, _ := data.(metricdata.Histogram[float64])
				if len(h.DataPoints) != 1 || statusOf(h.DataPoints[0].Attributes) != want {
					t.Errorf("the metric is %+v, want %d", h.DataPoints, want)
				}
				lines, err := rec.Lines()
				if err != nil || len(lines) != 2 {
					t.Fatalf("%d lines, %v", len(lines), err)
				}
				extra, _ := lines[1]["extra_data"].(map[string]any)
				if got, _ := extra["http.response.status_code"].(float64); int(got) != want {
					t.Errorf("the line has the status %v, want %d", got, want)
				}
			})
		}
	}
}

func statusOf(set attribute.Set) int {
	v, _ := set.Value(semconv.HTTPResponseStatusCodeKey)
	return int(v.AsInt64())
}
