// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicehttp instruments the HTTP servers and clients of a voice agent. One line
// wraps a server, one line a client:
//
//	http.ListenAndServe(addr, voicehttp.Middleware(tel)(mux))
//	client := &http.Client{Transport: voicehttp.Transport(tel, nil)}
//
// Stability: stable from v1.0.
//
// [Middleware] reads the caller's traceparent or X-Correlation-ID, returns both with the
// response, and writes one log line for the request and one for the response. Spans and log
// lines inside the request carry the same IDs. [Transport] sends the IDs on. Hosts that
// [WithTrustedHosts] names also get baggage (such as the session ID), tracestate and the
// correlation ID that the caller chose; other hosts do not.
//
// Transport also recognises requests to speech and language providers and makes each a stage of the
// context's turn, with model, tokens, audio and times, so that the code which calls the providers
// or their SDKs stays as it is. [Client] does the same for code that passes no context.
//
// Only Transport distinguishes hosts. Other clients that use [otelvoice.Telemetry.Propagator]
// or a global propagator (otelhttp, otelgrpc, message queues, WebSocket clients that do not
// dial with an [net/http.Client]) send the correlation ID and the context's baggage to all
// hosts. Give such a client [go.opentelemetry.io/otel/propagation.TraceContext] for requests
// to vendors.
//
// Spans and metrics follow OpenTelemetry's conventions for HTTP. As with otelhttp, an
// [go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.Labeler] in the context
// adds attributes to the metrics. traceparent and tracestate follow level 2 of W3C Trace
// Context. Queries, headers and bodies are not recorded, except for headers that
// [WithLoggedHeaders] and bodies that [WithLoggedBodies] select.
//
// # Routes
//
// The route of [net/http.ServeMux] is detected, unless a handler between the middleware and
// the mux copies the request. For other routers, call [SetRoute] in a middleware of the
// router. With gin and echo:
//
//	router.Use(func(c *gin.Context) { voicehttp.SetRoute(c.Request.Context(), c.FullPath()) })
//
//	router.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
//		return func(c echo.Context) error { voicehttp.SetRoute(c.Request().Context(), c.Path()); return next(c) }
//	})
//
// With chi the whole route is known after its handlers have run, with gorilla/mux before:
//
//	defer func() { voicehttp.SetRoute(r.Context(), chi.RouteContext(r.Context()).RoutePattern()) }()
//	next.ServeHTTP(w, r)
//
//	route, _ := mux.CurrentRoute(r).GetPathTemplate()
//	voicehttp.SetRoute(r.Context(), route)
//
// The module examples/routers runs these examples.
package voicehttp
