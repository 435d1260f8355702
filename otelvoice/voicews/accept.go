// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"context"
	"net/http"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/line"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// Accept returns a middleware for handlers that accept WebSockets from telephone lines, by any library
// that takes the connection over with [http.Hijacker]: gorilla/websocket, coder/websocket, gobwas/ws.
// Each connection is a [Call], whose context the request has. The call ends with the connection.
//
// The session starts when the line says which call it is: the message "start" of Twilio, Telnyx and
// Plivo, the first message of Vonage. Its ID is the line's ID of the call. The parameters that the
// program gave the line, such as Twilio's <Parameter>, may hold a traceparent or a correlation ID;
// they win over the headers of the request. On a connection that speaks another protocol, the session
// starts with the first connection or request with the call's context.
//
// Requests that ask for no WebSocket are passed on as they are. With a nil Telemetry, all are. Accept may
// stand inside voicehttp.Middleware, or outside of it.
func Accept(tel *otelvoice.Telemetry, opts ...Option) func(http.Handler) http.Handler {
	cfg := newConfig(tel, opts)
	return func(next http.Handler) http.Handler {
		if tel == nil {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if CallFromContext(r.Context()) != nil { // Another Accept has it.
				next.ServeHTTP(w, r)
				return
			}
			call := newCall(cfg.extract(r), tel, cfg, opts) //nolint:contextcheck // It is the request's.
			var taken atomic.Pointer[socket]
			wrapped := conn.WrapWriter(w, r, func(r *http.Request) *conn.Observer {
				s := &socket{call: call.call, find: line.Connection, accepted: call.call}
				taken.Store(s)
				return s.observer(context.WithoutCancel(r.Context()))
			})
			if wrapped != w {
				r = r.WithContext(call.call.Context()) //nolint:contextcheck // It is made of the request's.
			}
			defer func() {
				if r := recover(); r != nil {
					call.call.Panicked(r) // Nothing else closes a connection that was taken over.
					panic(r)
				}
				// The handler refused the upgrade. It may have left a connection open that it has taken over.
				if s := taken.Load(); s == nil || s.isRefused.Load() {
					call.End()
				}
			}()
			next.ServeHTTP(wrapped, r)
		})
	}
}

// extract returns the request's context with the trace or the correlation ID of its headers, unless a
// middleware has read them.
func (c *config) extract(r *http.Request) context.Context {
	if c.call.IsPublic || trace.SpanContextFromContext(r.Context()).IsValid() {
		return r.Context()
	}
	return assembler.ContextFrom(r.Context(), c.call.Telemetry, r.Header.Get)
}

// find finds the decoder of a connection, or nil.
type find func(*wire.Target, wire.Report) wire.Connection
