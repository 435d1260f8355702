// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logrecord holds a log record on its way from the logger to the outputs.
//
// A [Record] is filled once, read by every output and returned to a pool. The record of the Logs
// API would be copied at each step, with five attributes in place and the rest on the heap.
//
// A [Table] keeps what is known of an attribute key: the verdict of redaction and its encodings.
// Nearly all keys of a program are constants and few. Finding one is a hash of some of its bytes
// and a comparison. Judging, cleaning and encoding it costs ten times that. Keys are kept as
// copies, because a key's text may be part of a buffer that is used again.
//
// A [Cache] keeps what is known of a place in the code. Resolving a program counter costs more
// than the rest of a log line.
package logrecord

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/semconv"
)

// Record is a log record. It is for one goroutine at a time.
type Record struct {
	// Time is when it happened; zero if nobody said.
	Time time.Time
	// Observed is when it was seen; zero if nobody said.
	Observed time.Time
	Severity log.Severity
	// SeverityText is what its source calls its severity.
	SeverityText string
	EventName    string
	Body         attribute.Value
	// Err is what the record is about, unless its attributes say it.
	Err error
	// ThreadID is the operating system's thread, unless an attribute says it; 0 is unknown.
	ThreadID int64
	// Attributes are added by [Record.Add] and its like. They and Blocks have no key twice.
	Attributes []attribute.KeyValue
	// Keys are those of Attributes, one for one.
	Keys []*Key
	// Blocks are attributes that are not the record's alone; some are nil. The first two
	// stand before Attributes, the last one after.
	Blocks [blocks]*Block
	// Span is what the record happened in.
	Span trace.SpanContext

	// Scratch is for a way out to use while it has the record: what is in it means nothing to
	// others.
	Scratch []byte

	// texts is the memory of texts that are made for the record alone.
	texts []byte

	table *Table
	has   Set                   // All, those of the blocks included.
	index map[attribute.Key]int // Where in Attributes keys are, once they are many; else empty.
}

// A Writer is a way out that reads a record as it is. It keeps nothing of it that can
// change: neither the record, nor its slice of attributes, nor their texts.
type Writer interface {
	WriteRecord(ctx context.Context, r *Record)
}

const (
	usual = 32
	// maxPooled bounds the attributes whose room is kept, and maxScratch the bytes.
	maxPooled  = 256
	maxScratch = 16 << 10
)

var records = sync.Pool{New: func() any {
	return &Record{Attributes: make([]attribute.KeyValue, 0, usual), Keys: make([]*Key, 0, usual)}
}}

// New returns an empty record with keys of a table, to be given back with [Record.Free].
func New(table *Table) *Record {
	r := records.Get().(*Record) //nolint:forcetypeassert // That is what is in the pool.
	r.table = table
	return r
}

// Free gives the record back. It must not be used afterwards.
func (r *Record) Free() {
	if cap(r.Attributes) > maxPooled || cap(r.Scratch) > maxScratch || cap(r.texts) > maxScratch {
		return
	}
	clear(r.Attributes)
	if len(r.index) > 0 {
		clear(r.index)
	}
	// Field by field: to assign a whole record it is made first, and then copied. Keys need no
	// clearing, for they are a table's, and known for good.
	r.Attributes, r.Keys, r.texts = r.Attributes[:0], r.Keys[:0], r.texts[:0]
	r.Time, r.Observed, r.Span = time.Time{}, time.Time{}, trace.SpanContext{}
	r.Severity, r.SeverityText, r.EventName, r.Body, r.Err, r.ThreadID = 0, "", "", attribute.Value{}, nil, 0
	r.Blocks, r.has = [blocks]*Block{}, Set{}
	records.Put(r)
}

// Read fills the record from one of the Logs API.
func (r *Record) Read(from *log.Record) {
	r.Scalars(from)
	from.WalkAttributes(func(kv attribute.KeyValue) bool {
		r.Add(&kv)
		return true
	})
}

// Scalars fills all but the attributes, the thread and the span.
func (r *Record) Scalars(from *log.Record) {
	r.Time, r.Observed = from.Timestamp(), from.ObservedTimestamp()
	r.Severity, r.SeverityText = from.Severity(), from.SeverityText()
	r.EventName, r.Body, r.Err = from.EventName(), from.Body(), from.Err()
}

// AddThread makes an attribute of the thread, if it is known.
func (r *Record) AddThread() {
	if r.ThreadID != 0 {
		r.AddMissing(semconv.ThreadID(int(r.ThreadID)))
		r.ThreadID = 0
	}
}

// API returns the record as one of the Logs API, which may be kept.
func (r *Record) API() log.Record {
	var to log.Record
	to.SetTimestamp(r.Time)
	to.SetObservedTimestamp(r.Observed)
	to.SetSeverity(r.Severity)
	to.SetSeverityText(r.SeverityText)
	to.SetEventName(r.EventName)
	to.SetBody(r.Body)
	to.SetErr(r.Err)
	for _, b := range r.Blocks[:contextBlock] {
		to.AddAttributes(b.Attributes()...)
	}
	if len(r.texts) == 0 {
		to.AddAttributes(r.Attributes...)
	} else {
		for i := range r.Attributes {
			to.AddAttributes(r.kept(r.Attributes[i]))
		}
	}
	if r.ThreadID != 0 {
		to.AddAttributes(semconv.ThreadID(int(r.ThreadID)))
	}
	to.AddAttributes(r.Blocks[contextBlock].Attributes()...)
	return to
}
