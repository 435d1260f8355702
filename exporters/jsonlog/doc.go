// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsonlog writes log records as JSON, one object a line.
//
// Stability: experimental; may change in a minor release.
//
// Its [Provider] is a [log.LoggerProvider] that can be used beside the SDK's. It encodes records of the
// Logs API without copying or queueing them. When Emit returns, the line was written.
//
//	provider := jsonlog.New(os.Stdout, nil)
//	logger := slog.New(otelslog.NewHandler("voice.stt", otelslog.WithLoggerProvider(provider)))
//	logger.InfoContext(ctx, "heard", "confidence", 0.95)
//
// writes
//
//	{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"heard","module":"voice.stt","process_id":1234,"extra_data":{"confidence":0.95}}
//
// # Fields
//
// A line has these fields, in this order. Fields marked * are always present; the others are left out if
// they are unknown.
//
//	timestamp *          Timestamp, else ObservedTimestamp, else now; UTC, milliseconds
//	level *              slog's name: SeverityText if it is one, else by Severity
//	message *            Body; the event name of a record without a body
//	correlation_id       voice.correlation.id, else the trace ID written as a UUID
//	trace_id             the span in the context
//	span_id              the span in the context
//	request_id           voice.request.id                       or request_id
//	session_id           session.id                             or session_id
//	turn_id              voice.turn.id                          or turn_id
//	user_id              user.id                                or user_id
//	component            voice.component.name                   or component
//	component_type       voice.component.type                   or component_type
//	module *             the logger's name; "unknown" if it has none
//	function             code.function.name
//	line_number          code.line.number
//	file_path            code.file.path
//	process_id *         Options.ProcessID
//	thread_id            thread.id
//	pipeline_id          voice.pipeline.id                      or pipeline_id
//	phase                voice.phase                            or phase
//	stage                voice.stage                            or stage
//	duration_ms          voice.duration, seconds to ms          or duration_ms, as it is
//	extra_data           every other attribute, under its own key
//	performance_metrics  voice.performance (a map)              or performance_metrics
//	exception            exception.type, .message, .stacktrace, else from Record.Err; voice.exception.chain as its chain
//
// If two attributes may fill a field, the first one in the list does, and the other is in extra_data. An
// attribute whose value does not have the field's type is in extra_data too. So is an attribute with the
// name of a field that attributes cannot fill, such as trace_id or level: callers cannot forge these
// fields.
//
// voice.error.code and voice.error.recovery_action are in extra_data as error_code
// and recovery_action.
//
// An empty attribute with a key of the conventions, or a line number or thread ID of zero, is unknown and
// left out. Attributes without a key are dropped. If several attributes have the same key, the last value
// is written in the place of the first. No object in a line has a key twice.
//
// # Values
//
// Values that slog logs through the handler of package otelvoice are exact, and the same in the line and in
// the collector:
//
//	integer              a number, all its digits; above the largest int64 a string of them
//	time.Time            RFC 3339 in UTC, to the nanosecond: "2024-01-01T12:00:00.5Z"
//	time.Duration        with its unit, as time.ParseDuration reads it: "1.5s"
//	error                the record's exception; in a group or a list its text
//	slice, array         an array
//	map                  an object
//	TextMarshaler        its text; the same for a fmt.Stringer
//	struct               its text, as fmt's %+v has it
//	complex number       an object with r and i
//
// Years before 0 and after 9999 have a sign and at least six digits: "+012024-01-01T00:00:00Z".
// Loki compares durations in this form ( | took > 1s ), and unwraps them with duration(took). For
// arithmetic in jq, log a number whose key has the unit, such as wait_seconds. jq before 1.7 rounds
// integers above 2^53 in its output.
//
// If a record has several errors outside of groups, the first is the exception, and all of them are also
// attributes with their texts. Errors of the record come before those of the logger. An error that is a
// slog.LogValuer is the exception too; if its LogValue has more than its text, that is an attribute.
//
// Other bridges convert values differently, for example times to nanoseconds.
//
// # Bounds
//
// Long text is cut (see [Options]). Values are nested up to 64 levels. A value has at most about 256 KiB of
// JSON, and extra_data about 1 MiB. A note replaces what is left out: "…(+120 bytes)", "…(+3 more)". Byte
// slices are written as their size.
package jsonlog
