// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package routers shows how routers other than [http.ServeMux] pass the route to
// voicehttp.Middleware: a middleware of the router calls voicehttp.SetRoute. The package is a
// module of its own, so that the toolkit does not depend on the routers.
package routers

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
)

// Gin knows the route before the handlers run.
func Gin(router *gin.Engine) {
	router.Use(func(c *gin.Context) {
		voicehttp.SetRoute(c.Request.Context(), c.FullPath())
	})
}

// Echo knows the route before the handlers run.
func Echo(router *echo.Echo) {
	router.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			voicehttp.SetRoute(c.Request().Context(), c.Path())
			return next(c)
		}
	})
}

// Chi knows the whole route after the handlers of all its routers have run. The call is
// deferred, so that it also runs after a panic.
func Chi(router chi.Router) {
	router.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { voicehttp.SetRoute(r.Context(), chi.RouteContext(r.Context()).RoutePattern()) }()
			next.ServeHTTP(w, r)
		})
	})
}

// Gorilla knows the route before the handlers run.
func Gorilla(router *mux.Router) {
	router.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if route, err := mux.CurrentRoute(r).GetPathTemplate(); err == nil {
				voicehttp.SetRoute(r.Context(), route)
			}
			next.ServeHTTP(w, r)
		})
	})
}

// ServeMux is for a mux behind a handler that copies the request, for example to add a value
// to its context: only the copy has the pattern.
func ServeMux(router *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { voicehttp.SetRoute(r.Context(), r.Pattern) }()
		router.ServeHTTP(w, r)
	})
}
