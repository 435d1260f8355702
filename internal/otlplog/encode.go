// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlplog

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/otlpwire"
	"github.com/voice-agents/telemetry/semconv"
)

// The fields of a LogRecord of opentelemetry.proto.logs.v1.
const (
	recordTime         = 1<<3 | otlpwire.Fixed64
	recordSeverity     = 2<<3 | otlpwire.Varint
	recordSeverityText = 3<<3 | otlpwire.Sized
	recordBody         = 5<<3 | otlpwire.Sized
	recordAttributes   = 6<<3 | otlpwire.Sized
	recordDropped      = 7<<3 | otlpwire.Varint
	recordFlags        = 8<<3 | otlpwire.Fixed32
	recordTraceID      = 9<<3 | otlpwire.Sized
	recordSpanID       = 10<<3 | otlpwire.Sized
	recordObserved     = 11<<3 | otlpwire.Fixed64
	recordEventName    = 12<<3 | otlpwire.Sized
)

// maxAttributes is how many attributes of a record are sent, as the SDK has it by default.
const maxAttributes = 128

// appendRecord appends a LogRecord. What the SDK makes of the same record is the same, save
// that it knows nothing of blocks.
func appendRecord(dst []byte, r *logrecord.Record) []byte {
	dst = otlpwire.AppendTime(dst, recordTime, r.Time)
	if r.Severity != 0 {
		dst = append(dst, recordSeverity)
		dst = protowire.AppendVarint(dst, uint64(r.Severity))
	}
	dst = otlpwire.AppendText(dst, recordSeverityText, r.SeverityText)
	dst = append(dst, recordBody)
	dst = otlpwire.AppendValue(dst, &r.Body)
	dst, dropped := appendAttributes(dst, r)
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
	dst = otlpwire.AppendTime(dst, recordObserved, observed)
	return otlpwire.AppendText(dst, recordEventName, r.EventName)
}

// observedAt returns when a record was seen that happened at a time. What happens where it is
// seen is seen when it happens, as the data model has it; a time that was not read off this
// process' clock is of something else, or of before.
func observedAt(t time.Time) time.Time {
	if t != t.Round(0) { // It has a reading of the monotonic clock.
		return t
	}
	return time.Now()
}

// appendAttributes appends the attributes, of which it leaves out those beyond the limit.
func appendAttributes(dst []byte, r *logrecord.Record) (_ []byte, dropped int) {
	count := len(r.Attributes)
	for _, b := range r.Groups {
		count += len(b.Attributes())
	}
	if r.ThreadID != 0 {
		count++
	}
	if count > maxAttributes {
		r.Expand()
		r.AddThread()
		dropped = len(r.Attributes) - maxAttributes
		return otlpwire.AppendAttributes(dst, recordAttributes, r.Attributes[:maxAttributes], r.Keys), dropped
	}
	last := len(r.Groups) - 1
	for _, b := range r.Groups[:last] {
		dst = appendBlock(dst, b)
	}
	dst = otlpwire.AppendAttributes(dst, recordAttributes, r.Attributes, r.Keys)
	if r.ThreadID != 0 {
		thread := semconv.ThreadID(int(r.ThreadID))
		dst = otlpwire.AppendPair(append(dst, recordAttributes), &thread)
	}
	return appendBlock(dst, r.Groups[last]), 0
}

// encodedBlock is a block's attributes as they are sent.
type encodedBlock struct{ bytes string }

func appendBlock(dst []byte, b *logrecord.Group) []byte {
	if b == nil {
		return dst
	}
	e, ok := b.Load(logrecord.OTLP).(*encodedBlock)
	if !ok {
		e = &encodedBlock{string(otlpwire.AppendAttributes(nil, recordAttributes, b.Attributes(), b.Keys()))}
		b.Store(logrecord.OTLP, e)
	}
	return append(dst, e.bytes...)
}
