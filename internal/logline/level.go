// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"log/slog"
	"strconv"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

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
