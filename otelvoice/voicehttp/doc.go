// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicehttp puts a voice agent's HTTP servers and clients into the
// story of the call. One line wraps a server, one line a client:
//
//	http.ListenAndServe(addr, voicehttp.Middleware(tel)(mux))
//	client := &http.Client{Transport: voicehttp.Transport(tel, nil)}
//
// [Middleware] takes the caller's traceparent or X-Correlation-ID, gives both
// back with the response, and writes one line for the request and one for the
// response, with the same ids that everything inside carries. [Transport] sends
// them on: to hosts that [WithTrustedHosts] names with baggage (whose call it is),
// tracestate and the caller's correlation ID, to all others without.
//
// Only Transport knows hosts. Whatever else sends with [otelvoice.Telemetry.Propagator],
// or with the global propagator that Setup installs (otelhttp, otelgrpc, message
// queues, WebSocket clients that do not dial with an [net/http.Client]), sends the
// correlation ID and the context's baggage to everybody. For requests to vendors
// give such a client [go.opentelemetry.io/otel/propagation.TraceContext] in its place.
//
// Spans and metrics are those of OpenTelemetry's conventions for HTTP; an
// [go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.Labeler] in the
// context adds attributes to the metrics, as with otelhttp. traceparent and tracestate
// are read and sent as level 2 of W3C Trace Context demands. Queries, headers and bodies
// are never recorded, save headers that [WithLoggedHeaders] and bodies that
// [WithLoggedBodies] ask for.
//
// # Routes
//
// The route of [net/http.ServeMux] is found by itself, unless a handler between the
// middleware and the mux copies the request. All other routers name it by [SetRoute], in
// a middleware of their own. With gin and echo:
//
//	router.Use(func(c *gin.Context) { voicehttp.SetRoute(c.Request.Context(), c.FullPath()) })
//
//	router.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
//		return func(c echo.Context) error { voicehttp.SetRoute(c.Request().Context(), c.Path()); return next(c) }
//	})
//
// chi knows the whole route when its handlers have run, and gorilla/mux before:
//
//	defer func() { voicehttp.SetRoute(r.Context(), chi.RouteContext(r.Context()).RoutePattern()) }()
//	next.ServeHTTP(w, r)
//
//	route, _ := mux.CurrentRoute(r).GetPathTemplate()
//	voicehttp.SetRoute(r.Context(), route)
//
// The module examples/routers runs them.
package voicehttp
