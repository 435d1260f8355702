// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"encoding/hex"
	"log/slog"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
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

// AppendLevel appends the name that slog has for the level of a record; see [Level].
func AppendLevel(dst []byte, r *logrecord.Record) []byte {
	switch r.SeverityText {
	case "DEBUG", "INFO", "WARN", "ERROR": // Nearly every record.
		return append(dst, r.SeverityText...)
	}
	level := Level(r)
	base := slog.LevelDebug
	switch {
	case level >= slog.LevelError:
		base = slog.LevelError
	case level >= slog.LevelWarn:
		base = slog.LevelWarn
	case level >= slog.LevelInfo:
		base = slog.LevelInfo
	}
	dst = append(dst, base.String()...)
	if level > base {
		dst = append(dst, '+')
	}
	if level != base {
		dst = strconv.AppendInt(dst, int64(level-base), 10)
	}
	return dst
}

// Level returns the level that the severity text names, or else the level of the severity. A record
// with neither is INFO, which is slog's zero level.
func Level(r *logrecord.Record) slog.Level {
	// Neither is bounded, and the arithmetic must not overflow.
	const far = 1 << 30
	if r.SeverityText != "" {
		var level slog.Level
		if err := level.UnmarshalText([]byte(r.SeverityText)); err == nil {
			return min(max(level, -far), far)
		}
	}
	if r.Severity == log.SeverityUndefined {
		return slog.LevelInfo
	}
	// Severities are numbered 9 above slog's levels.
	return slog.Level(min(max(r.Severity, -far), far)) - slog.Level(log.SeverityInfo)
}

// Time returns the time of the record, else the time when it was observed, else the current time.
func Time(r *logrecord.Record) time.Time {
	if !r.Time.IsZero() {
		return r.Time
	}
	if !r.Observed.IsZero() {
		return r.Observed
	}
	return time.Now()
}

// InRange returns the time that is closest to t in the years 0 to 9999, in milliseconds. Timestamps
// of lines cannot have other years.
func InRange(t time.Time) time.Time {
	switch year := t.UTC().Year(); {
	case year < 0:
		return time.Date(0, time.January, 1, 0, 0, 0, 0, time.UTC)
	case year > 9999:
		return time.Date(9999, time.December, 31, 23, 59, 59, 999*int(time.Millisecond), time.UTC)
	}
	return t
}
