// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package routers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	gorilla "github.com/gorilla/websocket"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// A wrapper is the writer of a program's middleware around gin's.
type wrapper struct{ gin.ResponseWriter }

// Handlers inside of gin open WebSockets by any library, within any of the middlewares. gin keeps the header back until
// the library asks for it.
func TestWebSocketsInsideGin(t *testing.T) {
	middlewares := map[string]func(*otelvoice.Telemetry, http.Handler) http.Handler{
		"no middleware": func(_ *otelvoice.Telemetry, h http.Handler) http.Handler { return h },
		"Accept":        func(tel *otelvoice.Telemetry, h http.Handler) http.Handler { return voicews.Accept(tel)(h) },
		"Middleware":    func(tel *otelvoice.Telemetry, h http.Handler) http.Handler { return voicehttp.Middleware(tel)(h) },
		"Accept in Middleware": func(tel *otelvoice.Telemetry, h http.Handler) http.Handler {
			return voicehttp.Middleware(tel)(voicews.Accept(tel)(h))
		},
		"Middleware in Accept": func(tel *otelvoice.Telemetry, h http.Handler) http.Handler {
			return voicews.Accept(tel)(voicehttp.Middleware(tel)(h))
		},
	}
	libraries := map[string]http.HandlerFunc{"gorilla": echoGorilla, "coder": echoCoder, "gobwas": echoGobwas, "golang.org/x/net": echoNet}
	for wrapped, middleware := range middlewares {
		for library, echo := range libraries {
			for _, isWrapped := range []bool{false, true} {
				name := library + ", " + wrapped
				if isWrapped {
					name += ", in a writer of the program"
				}
				t.Run(name, func(t *testing.T) {
					sdk, _ := voicetest.Setup(t)
					router := gin.New()
					router.GET("/", func(c *gin.Context) {
						if isWrapped {
							c.Writer = &wrapper{c.Writer}
						}
						middleware(sdk.Telemetry, echo).ServeHTTP(c.Writer, c.Request)
					})
					s := httptest.NewServer(router)
					defer s.Close()
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()
					conn, res, err := gorilla.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(s.URL, "http"), http.Header{"Origin": {s.URL}})
					if err != nil {
						t.Fatal(err)
					}
					defer func() { _, _ = conn.Close(), res.Body.Close() }()
					if err := conn.WriteMessage(gorilla.TextMessage, []byte("hello")); err != nil {
						t.Error(err)
					}
					if _, text, err := conn.ReadMessage(); err != nil || string(text) != "hello" {
						t.Errorf("got %q, %v", text, err)
					}
				})
			}
		}
	}
}

// The response of a handler inside of gin has the status that gin's writer sends, and is a writer of gin.
func TestStatusInsideGin(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   int
	}{
		{"that of gin for no route", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "gone") }, http.StatusNotFound},
		{"no answer", func(http.ResponseWriter, *http.Request) {}, http.StatusNotFound},
		{"one of the handler", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, http.StatusTeapot},
		{"one that is sent at once", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			w.(gin.ResponseWriter).WriteHeaderNow() //nolint:forcetypeassert // It is tested.
		}, http.StatusTeapot},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			router := gin.New()
			router.NoRoute(gin.WrapH(voicehttp.Middleware(sdk.Telemetry)(tt.answer)))
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			if got := statusOf(attribute.NewSet(rec.Spans()[0].Attributes()...)); w.Code != tt.want || got != tt.want {
				t.Errorf("the client got %d and the span %d, want %d", w.Code, got, tt.want)
			}
			if w.Header().Get("X-Correlation-ID") == "" {
				t.Error("the response has no correlation ID")
			}
		})
	}
}
