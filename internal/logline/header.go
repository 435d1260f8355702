// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"encoding/hex"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// A RecordWriter is a writer that takes a line together with the time, the level and some fields of
// its record, as syslog does. Writers in the exporters implement it without importing this package.
type RecordWriter interface {
	WriteLine(line []byte, at time.Time, level slog.Level, fields []slog.Attr) (int, error)
}

// headerFields returns the fields for a RecordWriter that are known, with the names of a JSON line.
func headerFields(r *logrecord.Record, module string, processID int) []slog.Attr {
	fields := make([]slog.Attr, 0, 9)
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, slog.String(name, value))
		}
	}
	fields = append(fields, slog.Int("process_id", processID))
	add("phase", textOf(r, semconv.VoicePhaseKey, "phase"))
	tid, sid := r.Span.TraceID(), r.Span.SpanID()
	correlation := textOf(r, semconv.VoiceCorrelationIDKey, "")
	if correlation == "" && tid.IsValid() {
		correlation = string(AppendUUID(nil, tid))
	}
	add("correlation_id", correlation)
	if tid.IsValid() {
		add("trace_id", tid.String())
	}
	if sid.IsValid() {
		add("span_id", sid.String())
	}
	add("request_id", textOf(r, semconv.VoiceRequestIDKey, "request_id"))
	add("session_id", textOf(r, semconv.SessionIDKey, "session_id"))
	add("turn_id", textOf(r, semconv.VoiceTurnIDKey, "turn_id"))
	add("module", module)
	return fields
}

// textOf returns the text of the attribute with the conventional key, else of that with the short one.
func textOf(r *logrecord.Record, conventional, short attribute.Key) string {
	for _, key := range [...]attribute.Key{conventional, short} {
		if v, ok := r.Value(key); ok && v.Type() == attribute.STRING && v.AsString() != "" {
			return v.AsString()
		}
	}
	return ""
}

// AppendUUID appends a trace ID in the form of a UUID.
func AppendUUID(dst []byte, id trace.TraceID) []byte {
	dst = hex.AppendEncode(dst, id[:4])
	for i := 4; i < 10; i += 2 {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, id[i:i+2])
	}
	dst = append(dst, '-')
	return hex.AppendEncode(dst, id[10:])
}
