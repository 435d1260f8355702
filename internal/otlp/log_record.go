// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"time"

	"go.opentelemetry.io/otel/log"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// The fields of a LogRecord of opentelemetry.proto.logs.v1.
const (
	recordTime         = 1<<3 | fixed64Type
	recordSeverity     = 2<<3 | varintType
	recordSeverityText = 3<<3 | bytesType
	recordBody         = 5<<3 | bytesType
	recordAttributes   = 6<<3 | bytesType
	recordDropped      = 7<<3 | varintType
	recordFlags        = 8<<3 | fixed32Type
	recordTraceID      = 9<<3 | bytesType
	recordSpanID       = 10<<3 | bytesType
	recordObserved     = 11<<3 | fixed64Type
	recordEventName    = 12<<3 | bytesType
)

// maxAttributes is the maximum number of attributes of a record: the default of the SDK.
const maxAttributes = 128

// appendRecord appends a LogRecord: the same bytes as those of the SDK and its exporter for the
// record with its attribute groups expanded.
func appendRecord(dst []byte, r *logrecord.Record) []byte {
	dst = appendTime(dst, recordTime, r.Time)
	if r.Severity >= log.SeverityTrace1 && r.Severity <= log.SeverityFatal4 {
		dst = append(dst, recordSeverity)
		dst = protowire.AppendVarint(dst, uint64(r.Severity))
	}
	dst = appendText(dst, recordSeverityText, r.SeverityText)
	dst = append(dst, recordBody)
	dst = appendAnyValue(dst, &r.Body, unique)
	dst, dropped := appendRecordAttributes(dst, r)
	if dropped > 0 {
		dst = append(dst, recordDropped)
		dst = protowire.AppendVarint(dst, uint64(dropped))
	}
	if flags := r.Span.TraceFlags(); flags != 0 {
		dst = append(dst, recordFlags, byte(flags), 0, 0, 0)
	}
	if id := r.Span.TraceID(); id.IsValid() {
		dst = append(dst, recordTraceID, byte(len(id)))
		dst = append(dst, id[:]...)
	}
	if id := r.Span.SpanID(); id.IsValid() {
		dst = append(dst, recordSpanID, byte(len(id)))
		dst = append(dst, id[:]...)
	}
	observed := r.Observed
	if observed.IsZero() {
		observed = observedAt(r.Time)
	}
	dst = appendTime(dst, recordObserved, observed)
	return appendText(dst, recordEventName, r.EventName)
}

// observedAt returns the observed time of a record that has none. If the record's time was read
// from this process's clock, that is the observed time, as in the data model; otherwise it is now.
func observedAt(t time.Time) time.Time {
	if t != t.Round(0) { // It has a monotonic clock reading.
		return t
	}
	return time.Now()
}

// appendRecordAttributes appends the attributes up to the limit, and returns the number of others.
func appendRecordAttributes(dst []byte, r *logrecord.Record) (_ []byte, dropped int) {
	count := len(r.Attributes)
	for _, g := range r.Groups {
		count += len(g.Attributes())
	}
	if r.ThreadID != 0 {
		count++
	}
	if count > maxAttributes {
		r.Expand()
		r.AddThread()
		dropped = len(r.Attributes) - maxAttributes
		return appendAttributes(dst, recordAttributes, r.Attributes[:maxAttributes], r.Keys, unique), dropped
	}
	last := len(r.Groups) - 1
	for _, g := range r.Groups[:last] {
		dst = appendGroup(dst, g)
	}
	dst = appendAttributes(dst, recordAttributes, r.Attributes, r.Keys, unique)
	if r.ThreadID != 0 {
		thread := semconv.ThreadID(int(r.ThreadID))
		dst = appendKeyValue(append(dst, recordAttributes), &thread, unique)
	}
	return appendGroup(dst, r.Groups[last]), 0
}

// encodedGroup holds the encoded attributes of a group.
type encodedGroup struct{ bytes string }

func appendGroup(dst []byte, g *logrecord.Group) []byte {
	if g == nil {
		return dst
	}
	e, ok := g.Load(logrecord.OTLP).(*encodedGroup)
	if !ok {
		e = &encodedGroup{string(appendAttributes(nil, recordAttributes, g.Attributes(), g.Keys(), unique))}
		g.Store(logrecord.OTLP, e)
	}
	return append(dst, e.bytes...)
}
