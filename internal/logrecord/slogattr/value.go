// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package slogattr

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// Scalar converts a value that is one number, text or boolean, and reports whether it is.
func Scalar(value *slog.Value) (_ attribute.Value, ok bool) {
	switch value.Kind() { //nolint:exhaustive // The other kinds are not scalars.
	case slog.KindString:
		return attribute.StringValue(value.String()), true
	case slog.KindInt64:
		return attribute.Int64Value(value.Int64()), true
	case slog.KindFloat64:
		return attribute.Float64Value(value.Float64()), true
	case slog.KindBool:
		return attribute.BoolValue(value.Bool()), true
	case slog.KindUint64:
		return uintValue(value.Uint64()), true
	}
	return attribute.Value{}, false
}

// valueOf converts a value that is neither a group nor a LogValuer.
func valueOf(value slog.Value) attribute.Value {
	if v, ok := Scalar(&value); ok {
		return v
	}
	switch value.Kind() { //nolint:exhaustive // The other kinds are scalars.
	case slog.KindDuration:
		return Duration(value.Duration())
	case slog.KindTime:
		return Time(value.Time())
	}
	return newConversion(asText, maxConverted).convert(value.Any())
}

// Time converts a time to its text.
func Time(t time.Time) attribute.Value {
	return attribute.StringValue(string(logrecord.AppendTime(nil, t)))
}

// Duration converts a duration to its text.
func Duration(d time.Duration) attribute.Value { return attribute.StringValue(d.String()) }

// uintValue converts an unsigned integer. OTLP has only signed ones, and floats are not exact:
// a number above the largest int64 becomes the text of its digits.
func uintValue(u uint64) attribute.Value {
	if u > math.MaxInt64 {
		return attribute.StringValue(strconv.FormatUint(u, 10))
	}
	return attribute.Int64Value(int64(u))
}

// numberValue converts a JSON number without rounding integers.
func numberValue(n json.Number) attribute.Value {
	text := string(n)
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return attribute.Int64Value(i)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && bytes.ContainsAny([]byte(text), ".eE") {
		return attribute.Float64Value(f)
	}
	return attribute.StringValue(text)
}
