// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"log/slog"
	"strconv"

	"go.opentelemetry.io/otel/log"
)

// appendLevel appends the level as slog names it: the one that the record's own
// text names, if it does, else the one that belongs to the severity. A record
// that has neither is INFO, as slog's zero level is.
func appendLevel(dst []byte, text string, severity log.Severity) []byte {
	switch text {
	case "DEBUG", "INFO", "WARN", "ERROR": // Nearly every record.
		return append(dst, text...)
	}
	level := levelOf(text, severity)
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

func levelOf(text string, severity log.Severity) slog.Level {
	// Neither is bounded, and the arithmetic must not overflow.
	const far = 1 << 30
	if text != "" {
		var level slog.Level
		if err := level.UnmarshalText([]byte(text)); err == nil {
			return min(max(level, -far), far)
		}
	}
	if severity == log.SeverityUndefined {
		return slog.LevelInfo
	}
	// Severities are numbered 9 above slog's levels.
	return slog.Level(min(max(severity, -far), far)) - slog.Level(log.SeverityInfo)
}
