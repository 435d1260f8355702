// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"math"
	"math/bits"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/semconv"
)

// field is one of a line's fields that an attribute can fill.
type field uint8

const (
	noField field = iota
	correlationID
	requestID
	sessionID
	turnID
	userID
	component
	componentType
	function
	lineNumber
	filePath
	threadID
	pipelineID
	phase
	stage
	duration
	performance
	exceptionType
	exceptionMessage
	exceptionChain
	exceptionStacktrace
	fieldCount
)

// fieldSet is a set of fields, a bit for each.
type fieldSet uint32

// A group is fields that stand together in a line.
type group uint8

const (
	callGroup group = iota
	whoseGroup
	placeGroup
	workGroup
	figuresGroup
	groupCount
)

var groups = [groupCount]fieldSet{
	callGroup:    1 << correlationID,
	whoseGroup:   1<<(componentType+1) - 1<<requestID,
	placeGroup:   1<<(filePath+1) - 1<<function,
	workGroup:    1<<(duration+1) - 1<<threadID,
	figuresGroup: 1 << performance,
}

func (f field) set() fieldSet { return 1 << f }

// last returns the last field of a set that is not empty.
func (s fieldSet) last() field { return field(bits.Len32(uint32(s)) - 1) }

func (s fieldSet) has(f field) bool { return s&f.set() != 0 }

// first returns the first field of a set that is not empty.
func (s fieldSet) first() field { return field(bits.TrailingZeros32(uint32(s))) }

func (s fieldSet) withoutFirst() fieldSet { return s & (s - 1) }

// labels are the fields' names as they are written. Those of an exception come
// after an opening brace or a comma, as it falls out.
var labels = [fieldCount]string{
	correlationID:       `,"correlation_id":`,
	requestID:           `,"request_id":`,
	sessionID:           `,"session_id":`,
	turnID:              `,"turn_id":`,
	userID:              `,"user_id":`,
	component:           `,"component":`,
	componentType:       `,"component_type":`,
	function:            `,"function":`,
	lineNumber:          `,"line_number":`,
	filePath:            `,"file_path":`,
	threadID:            `,"thread_id":`,
	pipelineID:          `,"pipeline_id":`,
	phase:               `,"phase":`,
	stage:               `,"stage":`,
	duration:            `,"duration_ms":`,
	performance:         `,"performance_metrics":`,
	exceptionType:       `"type":`,
	exceptionMessage:    `"message":`,
	exceptionChain:      `"chain":`,
	exceptionStacktrace: `"stacktrace":`,
}

// fieldOf returns the field that an attribute may fill by its key. The key is
// spelled as the conventions have it, or plainly, as the field is called.
// Fields that say where a record comes from have no plain spelling, for anyone
// could write it.
func fieldOf(key attribute.Key) (f field, plain bool) {
	switch key {
	case semconv.VoiceCorrelationIDKey:
		return correlationID, false
	case semconv.VoiceRequestIDKey:
		return requestID, false
	case semconv.SessionIDKey:
		return sessionID, false
	case semconv.VoiceTurnIDKey:
		return turnID, false
	case semconv.UserIDKey:
		return userID, false
	case semconv.VoiceComponentNameKey:
		return component, false
	case semconv.VoiceComponentTypeKey:
		return componentType, false
	case semconv.CodeFunctionNameKey:
		return function, false
	case semconv.CodeLineNumberKey:
		return lineNumber, false
	case semconv.CodeFilePathKey:
		return filePath, false
	case semconv.ThreadIDKey:
		return threadID, false
	case semconv.VoicePipelineIDKey:
		return pipelineID, false
	case semconv.VoicePhaseKey:
		return phase, false
	case semconv.VoiceStageKey:
		return stage, false
	case semconv.VoiceDurationKey:
		return duration, false
	case semconv.VoicePerformanceKey:
		return performance, false
	case semconv.ExceptionTypeKey:
		return exceptionType, false
	case semconv.ExceptionMessageKey:
		return exceptionMessage, false
	case semconv.VoiceExceptionChainKey:
		return exceptionChain, false
	case semconv.ExceptionStacktraceKey:
		return exceptionStacktrace, false

	case "request_id":
		return requestID, true
	case "session_id":
		return sessionID, true
	case "turn_id":
		return turnID, true
	case "user_id":
		return userID, true
	case "component":
		return component, true
	case "component_type":
		return componentType, true
	case "pipeline_id":
		return pipelineID, true
	case "phase":
		return phase, true
	case "stage":
		return stage, true
	case "duration_ms":
		return duration, true
	case "performance_metrics":
		return performance, true
	}
	return noField, false
}

// Short names in extra_data, by which people search.
const (
	errorCode      = attribute.Key("error_code")
	recoveryAction = attribute.Key("recovery_action")
)

// shortened returns the key that an attribute has in extra_data.
func shortened(key attribute.Key) attribute.Key {
	switch key {
	case semconv.VoiceErrorCodeKey:
		return errorCode
	case semconv.VoiceErrorRecoveryActionKey:
		return recoveryAction
	}
	return key
}

// fits reports whether the value is of the field's type, and known.
func (f field) fits(v attribute.Value, plain bool) bool {
	switch f {
	case lineNumber, threadID:
		return v.Type() == attribute.INT64 && v.AsInt64() > 0
	case duration:
		if v.Type() == attribute.INT64 {
			return plain
		}
		return v.Type() == attribute.FLOAT64 && isFinite(v.AsFloat64()*microseconds)
	case performance:
		return v.Type() == attribute.MAP
	case exceptionChain:
		return v.Type() == attribute.STRINGSLICE
	default:
		return v.Type() == attribute.STRING && v.AsString() != ""
	}
}

// unknown reports whether the value says that there is none.
func (f field) unknown(v attribute.Value) bool {
	switch v.Type() {
	case attribute.EMPTY:
		return true
	case attribute.STRING:
		return v.AsString() == ""
	case attribute.INT64:
		return v.AsInt64() == 0 && (f == lineNumber || f == threadID)
	}
	return false
}

const (
	microseconds   = 1e6 // In a second.
	perMicrosecond = 1e3 // Microseconds in a millisecond.
)

// appendMilliseconds appends a duration in seconds as milliseconds with at most
// three decimals, which is to the microsecond.
func appendMilliseconds(dst []byte, seconds float64) []byte {
	ms := math.Round(seconds*microseconds) / perMicrosecond
	return jsonenc.AppendFloat(dst, ms+0) // Adding 0 makes 0 of -0.
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
