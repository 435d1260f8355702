// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logline makes log records of the JSON lines of package jsonlog. A record has the same attributes as if
// it had come by OTLP.
package logline

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// ErrOther is returned for an object of JSON that is not a log line: it has no timestamp, or neither a level nor
// a message.
var ErrOther = errors.New("not a log line")

// names has the attribute of each field that has one.
var names = map[string]attribute.Key{
	"correlation_id": semconv.VoiceCorrelationIDKey,
	"request_id":     semconv.VoiceRequestIDKey,
	"session_id":     semconv.SessionIDKey,
	"turn_id":        semconv.VoiceTurnIDKey,
	"user_id":        semconv.UserIDKey,
	"component":      semconv.VoiceComponentNameKey,
	"component_type": semconv.VoiceComponentTypeKey,
	"function":       semconv.CodeFunctionNameKey,
	"line_number":    semconv.CodeLineNumberKey,
	"file_path":      semconv.CodeFilePathKey,
	"process_id":     semconv.ProcessPIDKey,
	"thread_id":      semconv.ThreadIDKey,
	"pipeline_id":    semconv.VoicePipelineIDKey,
	"phase":          semconv.VoicePhaseKey,
	"stage":          semconv.VoiceStageKey,
}

// exceptions has the attribute of each field of the object "exception".
var exceptions = map[string]attribute.Key{
	"type":       semconv.ExceptionTypeKey,
	"message":    semconv.ExceptionMessageKey,
	"stacktrace": semconv.ExceptionStacktraceKey,
	"chain":      semconv.VoiceExceptionChainKey,
}

// severities has OpenTelemetry's numbers of slog's names.
var severities = map[string]int{"DEBUG": 5, "INFO": 9, "WARN": 13, "ERROR": 17}

// Parse reads a line. It holds no memory of it. Lines of other loggers are records too, if they have the same
// fields: a timestamp in RFC 3339, a level, a message. ErrOther is returned for other objects, any other error
// for what is not JSON.
func Parse(line []byte) (*signal.Record, error) {
	var fields map[string]any
	in := json.NewDecoder(bytes.NewReader(line))
	in.UseNumber()
	if err := in.Decode(&fields); err != nil {
		return nil, err
	}
	if in.More() {
		return nil, errors.New("text after the object")
	}
	stamp, _ := fields["timestamp"].(string)
	at, err := time.Parse(time.RFC3339Nano, stamp)
	level, _ := fields["level"].(string)
	message, _ := fields["message"].(string)
	if err != nil || level == "" && message == "" {
		return nil, ErrOther
	}
	r := &signal.Record{Time: at.UTC(), Severity: level, Number: severities[level], Body: message, Resource: &signal.Resource{}, Scope: &signal.Scope{}}
	r.Scope.Name, _ = fields["module"].(string)
	r.TraceID = traceID(fields["trace_id"])
	r.SpanID = spanID(fields["span_id"])

	attrs := make(map[string]any, len(fields)+16)
	extra, _ := fields["extra_data"].(map[string]any)
	for key, v := range extra {
		attrs[key] = v
	}
	for field, key := range names { // The fields of the record itself win.
		if v, ok := fields[field]; ok {
			attrs[string(key)] = v
		}
	}
	if exception, ok := fields["exception"].(map[string]any); ok {
		for field, key := range exceptions {
			if v, ok := exception[field]; ok {
				attrs[string(key)] = v
			}
		}
	}
	if v, ok := fields["duration_ms"].(json.Number); ok {
		if ms, err := v.Float64(); err == nil {
			attrs[string(semconv.VoiceDurationKey)] = math.Round(ms*1e6) / 1e9 // Whole nanoseconds.
		}
	}
	if v, ok := fields["performance_metrics"]; ok {
		attrs[string(semconv.VoicePerformanceKey)] = v
	}
	r.Attributes = signal.FromMap(attrs)
	return r, nil
}

// traceID returns the ID of a field, or zero.
func traceID(v any) trace.TraceID {
	s, _ := v.(string)
	id, _ := trace.TraceIDFromHex(s)
	return id
}

func spanID(v any) trace.SpanID {
	s, _ := v.(string)
	id, _ := trace.SpanIDFromHex(s)
	return id
}
