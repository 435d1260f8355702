// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/exporters/internal/logline/jsonenctest"
)

var fieldOrder = []string{
	"timestamp", "level", "message", "correlation_id", "trace_id", "span_id", "request_id", "session_id", "turn_id", "user_id",
	"component", "component_type", "module", "function", "line_number", "file_path", "process_id", "thread_id",
	"pipeline_id", "phase", "stage", "duration_ms", "extra_data", "performance_metrics", "exception",
}

var alwaysThere = []string{"timestamp", "level", "message", "module", "process_id"}

// sourceKeys are the semantic conventions' keys that fill a field.
var sourceKeys = []string{
	"voice.correlation.id", "voice.request.id", "session.id", "voice.turn.id", "user.id", "voice.component.name",
	"voice.component.type", "code.function.name", "code.line.number", "code.file.path", "thread.id", "voice.pipeline.id",
	"voice.phase", "voice.stage", "voice.duration", "voice.performance", "exception.type", "exception.message", "exception.stacktrace",
}

// fuzzedRecord makes a record of any values. Of every four keys, one is a field's name and one a
// key of the conventions, because random bytes would never spell them.
func fuzzedRecord(message, severityText string, severity, millis int64, data []byte) log.Record {
	var r log.Record
	r.SetBody(attribute.StringValue(message))
	r.SetSeverityText(severityText)
	r.SetSeverity(log.Severity(severity))
	r.SetTimestamp(time.UnixMilli(millis))
	for s := jsonenctest.NewSource(data); !s.Empty(); {
		var key string
		switch b := s.Byte(); b >> 6 {
		case 0:
			key = s.Text()
		case 1:
			key = fieldOrder[int(b&0x3F)%len(fieldOrder)]
		case 2:
			key = sourceKeys[int(b&0x3F)%len(sourceKeys)]
		case 3:
			switch v := s.Value(); b & 3 {
			case 0:
				r.SetBody(v)
			case 1:
				r.SetErr(errors.New(v.String()))
			case 2:
				r.SetEventName(v.String())
			}
			continue
		}
		r.AddAttributes(attribute.KeyValue{Key: attribute.Key(key), Value: s.Value()})
	}
	return r
}
