// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package routers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/examples/routers"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

func answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("panic") {
		panic("boom")
	}
	_, _ = io.WriteString(w, "ok")
}

type contextKey struct{}

// copying serves a copy of the request, as handlers do that add a value to its context.
func copying(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, 1)))
	})
}

// all returns a handler for each router, with the same routes.
func all() map[string]http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	routers.Gin(g)
	g.GET("/calls/:id", gin.WrapF(answer))

	e := echo.New()
	routers.Echo(e)
	e.GET("/calls/:id", echo.WrapHandler(http.HandlerFunc(answer)))

	c := chi.NewRouter()
	routers.Chi(c)
	c.Route("/calls", func(r chi.Router) { r.Get("/{id}", answer) })

	m := mux.NewRouter()
	routers.Gorilla(m)
	m.HandleFunc("/calls/{id}", answer).Methods(http.MethodGet)

	s := http.NewServeMux()
	s.HandleFunc("GET /calls/{id}", answer)

	return map[string]http.Handler{
		"gin": g, "echo": e, "chi": c, "gorilla/mux": m,
		"net/http":                        s,
		"net/http, copied":                copying(routers.ServeMux(s)),
		"net/http, within a time limit":   http.TimeoutHandler(routers.ServeMux(s), time.Minute, "late"),
		"chi, copied":                     copying(c),
		"gorilla/mux, in a prefix":        http.StripPrefix("", m),
		"a middleware around gin":         copying(g),
		"a middleware around echo":        copying(e),
		"a middleware around gorilla/mux": copying(m),
	}
}

// Span, metric and log line have the route, and so has the name of the span.
func TestRoutes(t *testing.T) {
	for name, handler := range all() {
		route := "/calls/{id}"
		switch handler.(type) {
		case *gin.Engine, *echo.Echo:
			route = "/calls/:id"
		}
		if name == "a middleware around gin" || name == "a middleware around echo" {
			route = "/calls/:id"
		}
		for _, tt := range []struct{ path, wantName, wantRoute string }{
			{"/calls/17", "GET " + route, route},
			{"/calls/17?panic", "GET " + route, route},
			{"/nowhere", "GET", ""},
		} {
			t.Run(name+" "+tt.path, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				h := voicehttp.Middleware(tel.Telemetry)(handler)
				func() {
					defer func() { _ = recover() }()
					h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, tt.path, http.NoBody))
				}()
				span := rec.Spans()[0]
				if span.Name() != tt.wantName {
					t.Errorf("the span is %q, want %q", span.Name(), tt.wantName)
				}
				if got := routeOf(attribute.NewSet(span.Attributes()...)); got != tt.wantRoute {
					t.Errorf("the span has the route %q, want %q", got, tt.wantRoute)
				}
				data, _ := rec.Metric("http.server.request.duration")
				h2, _ := data.(metricdata.Histogram[float64])
				if len(h2.DataPoints) != 1 || routeOf(h2.DataPoints[0].Attributes) != tt.wantRoute {
					t.Errorf("the metric is %+v, want the route %q", h2.DataPoints, tt.wantRoute)
				}
				lines, err := rec.Lines()
				if err != nil || len(lines) != 2 {
					t.Fatalf("%d lines, %v", len(lines), err)
				}
				extra, _ := lines[1]["extra_data"].(map[string]any)
				if got, _ := extra["http.route"].(string); got != tt.wantRoute {
					t.Errorf("the line has the route %q, want %q", got, tt.wantRoute)
				}
			})
		}
	}
}

func routeOf(set attribute.Set) string {
	v, _ := set.Value(semconv.HTTPRouteKey)
	return v.AsString()
}
