// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"runtime"
	"time"
)

// Logger returns a logger whose lines have the ids of the session and of its newest open turn, for
// code that passes no context to its log calls. A line that is logged with a context of a session
// has the ids of that context. The module is as for [Telemetry.Logger]. With a nil Session the logger
// writes nothing.
func (s *Session) Logger(module string, opts ...LoggerOption) *slog.Logger {
	if s == nil {
		return (*Telemetry)(nil).Logger(module, opts...)
	}
	return slog.New(sessionHandler{s.tel.Logger(module, opts...).Handler(), s})
}

// StdLogger is [Session.Logger] for code that wants a logger of package log. Its lines have the level
// INFO and the source location of the call. Its prefix and its flags are not set.
func (s *Session) StdLogger(module string, opts ...LoggerOption) *log.Logger {
	return log.New(stdWriter{s.Logger(module, opts...).Handler()}, "", 0)
}

// sessionHandler adds the session to records that are logged without one.
type sessionHandler struct {
	slog.Handler

	session *Session
}

func (h sessionHandler) context(ctx context.Context) context.Context {
	if ctx != nil && SessionFromContext(ctx) != nil {
		return ctx
	}
	return h.session.Context(ctx)
}

// Enabled reports whether a record of the level is written.
func (h sessionHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.Handler.Enabled(h.context(ctx), level)
}

// Handle writes a record.
func (h sessionHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(h.context(ctx), r) //nolint:wrapcheck // The handler's own.
}

// WithAttrs returns a handler with attributes.
func (h sessionHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return sessionHandler{h.Handler.WithAttrs(attrs), h.session}
}

// WithGroup returns a handler with a group.
func (h sessionHandler) WithGroup(name string) slog.Handler {
	return sessionHandler{h.Handler.WithGroup(name), h.session}
}

// stdWriter writes the lines of a logger of package log as records.
type stdWriter struct{ handler slog.Handler }

// Write writes a line.
func (w stdWriter) Write(line []byte) (int, error) {
	ctx := context.Background()
	if !w.handler.Enabled(ctx, slog.LevelInfo) {
		return len(line), nil
	}
	var pcs [1]uintptr
	runtime.Callers(4, pcs[:]) // Callers, Write, Logger.output and the method of the logger.
	r := slog.NewRecord(time.Now(), slog.LevelInfo, string(bytes.TrimSuffix(line, []byte{'\n'})), pcs[0])
	return len(line), w.handler.Handle(ctx, r) //nolint:wrapcheck // The handler's own.
}
