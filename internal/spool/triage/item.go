// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/semconv"
)

// item is what a verdict needs of a span or a log record.
type item struct {
	trace     [16]byte
	span      [8]byte
	parent    [8]byte // Of a span; zero for a root span.
	isSpan    bool
	at        int64 // The end of a span or the time of a record, in nanoseconds.
	turnID    string
	important bool // An error, a warning, an interruption, or a slow answer.
	endsTurn  bool // The turn's own span, or its last log line.
	session   bool // The session's span, or its last log line.

	turn turnKey
}

// fields are the numbers of the fields of a span or a log record that matter.
type fields struct{ trace, span, parent, end, severity, attributes, status int }

var (
	ofSpan   = fields{trace: 1, span: 2, parent: 4, end: 8, attributes: 9, status: 15}
	ofRecord = fields{trace: 9, span: 10, end: 1, severity: 2, attributes: 6}
)

const (
	statusCode  = 3
	statusError = 2
	// warn is the least severity of a warning: SEVERITY_NUMBER_WARN.
	warn = 13
)

// read reads an item, up to the first byte that is not valid protobuf.
func read(b []byte, signal segment.Signal) item {
	of := ofSpan
	if signal == segment.Logs {
		of = ofRecord
	}
	it := item{isSpan: signal == segment.Traces}
	each(b, func(number protowire.Number, v value) {
		switch int(number) {
		case of.trace:
			copy(it.trace[:], v.bytes)
		case of.span:
			copy(it.span[:], v.bytes)
		case of.parent:
			copy(it.parent[:], v.bytes)
		case of.end:
			it.at = int64(v.number)
		case of.severity:
			it.important = it.important || v.number >= warn
		case of.attributes:
			it.readAttribute(v.bytes)
		case of.status:
			each(v.bytes, func(number protowire.Number, v value) {
				it.important = it.important || number == statusCode && v.number == statusError
			})
		}
	})
	return it
}

// readAttribute reads a KeyValue.
func (it *item) readAttribute(b []byte) {
	var key, text string
	var double float64
	each(b, func(number protowire.Number, v value) {
		switch int(number) {
		case 1:
			key = string(v.bytes)
		case 2: // An AnyValue.
			each(v.bytes, func(number protowire.Number, v value) {
				switch int(number) {
				case 1: // A string_value.
					text = string(v.bytes)
				case 4: // A double_value.
					double = math.Float64frombits(v.number)
				}
			})
		}
	})
	switch key {
	case string(semconv.VoiceTurnIDKey):
		it.turnID = text
	case string(semconv.VoiceTurnOutcomeKey):
		it.endsTurn = true
		it.important = it.important || text != semconv.VoiceTurnOutcomeCompleted
	case string(semconv.VoiceTurnResponseLatencyKey):
		it.important = it.important || double > slow
	case string(semconv.VoiceTurnOverBudgetKey), string(semconv.ErrorTypeKey):
		it.important = true
	case string(semconv.VoiceSessionTurnCountKey): // It is known when the session ends.
		it.session = true
	}
}

// value is the value of a field.
type value struct {
	bytes  []byte // Of a length-delimited field.
	number uint64 // Of another field.
}

// each calls found with each field of a message, up to the first byte that is not valid protobuf.
func each(b []byte, found func(number protowire.Number, v value)) {
	for len(b) > 0 {
		number, kind, tag := protowire.ConsumeTag(b)
		if tag < 0 {
			return
		}
		b = b[tag:]
		size := protowire.ConsumeFieldValue(number, kind, b)
		if size < 0 {
			return
		}
		var v value
		switch kind {
		case protowire.BytesType:
			v.bytes, _ = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			v.number, _ = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			v.number = binary.LittleEndian.Uint64(b)
		case protowire.Fixed32Type:
			v.number = uint64(binary.LittleEndian.Uint32(b))
		case protowire.StartGroupType, protowire.EndGroupType:
		}
		found(number, v)
		b = b[size:]
	}
}
