// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"github.com/voice-agents/telemetry/exporters/internal/logline"
)

// A section is a run of fields that attributes fill, between other parts of a line.
type section uint8

const (
	correlationSection section = iota
	idSection
	sourceSection
	stageSection
	performanceSection
	sectionCount
)

// sections are the fields of each section.
var sections = [sectionCount]logline.FieldSet{
	correlationSection: 1 << logline.CorrelationID,
	idSection:          1<<(logline.ComponentType+1) - 1<<logline.RequestID,
	sourceSection:      1<<(logline.FilePath+1) - 1<<logline.Function,
	stageSection:       1<<(logline.Duration+1) - 1<<logline.ThreadID,
	performanceSection: 1 << logline.Performance,
}

// labels are the names of the fields as JSON. Those of an exception have no comma before them,
// because they may come first.
var labels = [logline.FieldCount]string{
	logline.CorrelationID:       `,"correlation_id":`,
	logline.RequestID:           `,"request_id":`,
	logline.SessionID:           `,"session_id":`,
	logline.TurnID:              `,"turn_id":`,
	logline.UserID:              `,"user_id":`,
	logline.Component:           `,"component":`,
	logline.ComponentType:       `,"component_type":`,
	logline.Function:            `,"function":`,
	logline.LineNumber:          `,"line_number":`,
	logline.FilePath:            `,"file_path":`,
	logline.ThreadID:            `,"thread_id":`,
	logline.PipelineID:          `,"pipeline_id":`,
	logline.Phase:               `,"phase":`,
	logline.Stage:               `,"stage":`,
	logline.Duration:            `,"duration_ms":`,
	logline.Performance:         `,"performance_metrics":`,
	logline.ExceptionType:       `"type":`,
	logline.ExceptionMessage:    `"message":`,
	logline.ExceptionChain:      `"chain":`,
	logline.ExceptionStacktrace: `"stacktrace":`,
}

// appendField appends a field that an attribute fills, with its name.
func (e *encoder) appendField(dst []byte, f logline.Field) []byte {
	v, seconds := e.Value(f)
	dst = append(dst, labels[f]...)
	if seconds {
		return logline.AppendFloat(dst, logline.Milliseconds(v.AsFloat64()))
	}
	return logline.AppendValueText(dst, v, e.MaxText)
}

// appendException appends the fields of the exception, from attributes or from err.
func (e *encoder) appendException(dst []byte, err error) []byte {
	const all = 1<<logline.ExceptionType | 1<<logline.ExceptionMessage | 1<<logline.ExceptionChain | 1<<logline.ExceptionStacktrace
	if err == nil && e.Filled&all == 0 {
		return dst
	}
	begin := len(dst)
	for f := logline.ExceptionType; f <= logline.ExceptionStacktrace; f++ {
		text := e.Exception(f, err)
		if !e.Filled.Has(f) && text == "" {
			continue
		}
		if len(dst) == begin {
			dst = append(dst, `,"exception":{`...)
		} else {
			dst = append(dst, ',')
		}
		if text == "" {
			dst = e.appendField(dst, f)
			continue
		}
		dst = append(dst, labels[f]...)
		dst = logline.AppendText(dst, text, e.MaxText)
	}
	if len(dst) == begin {
		return dst
	}
	return append(dst, '}')
}
