// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"math"
	"math/bits"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Field is a field of a log line that an attribute can fill.
type Field uint8

// The fields, in the order of a line.
const (
	NoField Field = iota
	CorrelationID
	RequestID
	SessionID
	TurnID
	UserID
	Component
	ComponentType
	Function
	LineNumber
	FilePath
	ThreadID
	PipelineID
	Phase
	Stage
	Duration
	Performance
	ExceptionType
	ExceptionMessage
	ExceptionChain
	ExceptionStacktrace
	FieldCount
)

// FieldSet is a set of fields, with one bit for each.
type FieldSet uint32

// Set returns the set of this field alone.
func (f Field) Set() FieldSet { return 1 << f }

// Has reports whether the set has the field.
func (s FieldSet) Has(f Field) bool { return s&f.Set() != 0 }

// First returns the first field of a set that is not empty.
func (s FieldSet) First() Field { return Field(bits.TrailingZeros32(uint32(s))) }

// Last returns the last field of a set that is not empty.
func (s FieldSet) Last() Field { return Field(bits.Len32(uint32(s)) - 1) }

// WithoutFirst returns the set without its first field.
func (s FieldSet) WithoutFirst() FieldSet { return s & (s - 1) }

// fieldOf returns the field that an attribute with the key may fill. A short key is the name of the
// field; other keys are those of the conventions. Fields that tell where a record comes from have no
// short key, because any code could log it.
func fieldOf(key attribute.Key) (f Field, short bool) {
	switch key {
	case semconv.VoiceCorrelationIDKey:
		return CorrelationID, false
	case semconv.VoiceRequestIDKey:
		return RequestID, false
	case semconv.SessionIDKey:
		return SessionID, false
	case semconv.VoiceTurnIDKey:
		return TurnID, false
	case semconv.UserIDKey:
		return UserID, false
	case semconv.VoiceComponentNameKey:
		return Component, false
	case semconv.VoiceComponentTypeKey:
		return ComponentType, false
	case semconv.CodeFunctionNameKey:
		return Function, false
	case semconv.CodeLineNumberKey:
		return LineNumber, false
	case semconv.CodeFilePathKey:
		return FilePath, false
	case semconv.ThreadIDKey:
		return ThreadID, false
	case semconv.VoicePipelineIDKey:
		return PipelineID, false
	case semconv.VoicePhaseKey:
		return Phase, false
	case semconv.VoiceStageKey:
		return Stage, false
	case semconv.VoiceDurationKey:
		return Duration, false
	case semconv.VoicePerformanceKey:
		return Performance, false
	case semconv.ExceptionTypeKey:
		return ExceptionType, false
	case semconv.ExceptionMessageKey:
		return ExceptionMessage, false
	case semconv.VoiceExceptionChainKey:
		return ExceptionChain, false
	case semconv.ExceptionStacktraceKey:
		return ExceptionStacktrace, false

	case "request_id":
		return RequestID, true
	case "session_id":
		return SessionID, true
	case "turn_id":
		return TurnID, true
	case "user_id":
		return UserID, true
	case "component":
		return Component, true
	case "component_type":
		return ComponentType, true
	case "pipeline_id":
		return PipelineID, true
	case "phase":
		return Phase, true
	case "stage":
		return Stage, true
	case "duration_ms":
		return Duration, true
	case "performance_metrics":
		return Performance, true
	}
	return NoField, false
}

// Short keys in extra_data, for which people search.
const (
	errorCode      = attribute.Key("error_code")
	recoveryAction = attribute.Key("recovery_action")
)

// shortened returns the key of an attribute in extra_data.
func shortened(key attribute.Key) attribute.Key {
	switch key {
	case semconv.VoiceErrorCodeKey:
		return errorCode
	case semconv.VoiceErrorRecoveryActionKey:
		return recoveryAction
	}
	return key
}

// fits reports whether the value has the field's type and is known.
func (f Field) fits(v attribute.Value, short bool) bool {
	switch f {
	case LineNumber, ThreadID:
		return v.Type() == attribute.INT64 && v.AsInt64() > 0
	case Duration:
		if v.Type() == attribute.INT64 {
			return short
		}
		return v.Type() == attribute.FLOAT64 && isFinite(v.AsFloat64()*microseconds)
	case Performance:
		return v.Type() == attribute.MAP
	case ExceptionChain:
		return v.Type() == attribute.STRINGSLICE
	default:
		return v.Type() == attribute.STRING && v.AsString() != ""
	}
}

// unknown reports whether the value means that the field is unknown.
func (f Field) unknown(v attribute.Value) bool {
	switch v.Type() {
	case attribute.EMPTY:
		return true
	case attribute.STRING:
		return v.AsString() == ""
	case attribute.INT64:
		return v.AsInt64() == 0 && (f == LineNumber || f == ThreadID)
	}
	return false
}

const (
	microseconds   = 1e6 // In a second.
	perMicrosecond = 1e3 // Microseconds in a millisecond.
)

// Milliseconds returns seconds as milliseconds, rounded to the microsecond.
func Milliseconds(seconds float64) float64 {
	return math.Round(seconds*microseconds)/perMicrosecond + 0 // Adding 0 turns -0 into 0.
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
