// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logrecord holds a log record on its way from the logger to the outputs.
//
// A [Record] is filled once, read by every output and returned to a pool. A record of the Logs
// API would be copied at each step, and keeps all but five attributes on the heap.
//
// A [KeyCache] caches attribute keys with the verdict of redaction and their encodings. Most
// programs use few keys, and nearly all of them are constants. A lookup hashes some bytes of the
// key and compares it. Judging, cleaning and encoding a key costs ten times that. The cache copies
// keys, because a key may be part of a buffer that is used again.
//
// A [Cache] caches the source location of a program counter. Resolving one costs more than the
// rest of a log line.
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

// Record is a log record. Only one goroutine may use it at a time.
type Record struct {
	// Time is when the event happened; zero is unknown.
	Time time.Time
	// Observed is when the event was observed; zero is unknown.
	Observed time.Time
	Severity log.Severity
	// SeverityText is the source's name of the severity.
	SeverityText string
	EventName    string
	Body         attribute.Value
	// Err is the record's error, unless the attributes describe it.
	Err error
	// ThreadID is the operating system's thread ID, unless an attribute has it; 0 is unknown.
	ThreadID int64
	// Attributes are added by [Record.Add] and similar methods. No key occurs twice in them and
	// in Groups.
	Attributes []attribute.KeyValue
	// Keys are the keys of Attributes, in the same order.
	Keys []*Key
	// Groups are attributes that records share, by [SourceGroup], [LoggerGroup] and
	// [ContextGroup]. They may be nil.
	Groups [GroupCount]*Group
	// Span is the current span.
	Span trace.SpanContext

	// Scratch is a buffer for the output that is writing the record. Outputs must not rely on
	// its contents.
	Scratch []byte

	// texts holds the texts that are made for this record only.
	texts []byte

	keys  *KeyCache
	has   Set                   // All keys, including those of Groups.
	index map[attribute.Key]int // Indexes into Attributes by key; empty for few attributes.
}

// A Writer is a logger of an output that reads records without a copy. It must not keep the
// record, its slice of attributes or their texts.
type Writer interface {
	WriteRecord(ctx context.Context, r *Record)
}

const (
	usual = 32
	// maxPooled bounds the attributes, and maxScratch the bytes, for which a pooled record
	// keeps its capacity.
	maxPooled  = 256
	maxScratch = 16 << 10
)

var records = sync.Pool{New: func() any {
	return &Record{Attributes: make([]attribute.KeyValue, 0, usual), Keys: make([]*Key, 0, usual)}
}}

// New returns an empty record that uses the keys of a cache. Return it with [Record.Free].
func New(keys *KeyCache) *Record {
	r := records.Get().(*Record) //nolint:forcetypeassert // The pool holds nothing else.
	r.keys = keys
	return r
}

// Free returns the record to the pool. It must not be used afterwards.
func (r *Record) Free() {
	if cap(r.Attributes) > maxPooled || cap(r.Scratch) > maxScratch || cap(r.texts) > maxScratch {
		return
	}
	clear(r.Attributes)
	if len(r.index) > 0 {
		clear(r.index)
	}
	// Assigning field by field avoids making and copying a whole record. Keys need not be
	// cleared, because the cache keeps them alive anyway.
	r.Attributes, r.Keys, r.texts = r.Attributes[:0], r.Keys[:0], r.texts[:0]
	r.Time, r.Observed, r.Span = time.Time{}, time.Time{}, trace.SpanContext{}
	r.Severity, r.SeverityText, r.EventName, r.Body, r.Err, r.ThreadID = 0, "", "", attribute.Value{}, nil, 0
	r.Groups, r.has = [GroupCount]*Group{}, Set{}
	records.Put(r)
}

// Read fills the record from a record of the Logs API.
func (r *Record) Read(from *log.Record) {
	r.Scalars(from)
	from.WalkAttributes(func(kv attribute.KeyValue) bool {
		r.Add(&kv)
		return true
	})
}

// Scalars fills all but the attributes, the thread ID and the span.
func (r *Record) Scalars(from *log.Record) {
	r.Time, r.Observed = from.Timestamp(), from.ObservedTimestamp()
	r.Severity, r.SeverityText = from.Severity(), from.SeverityText()
	r.EventName, r.Body, r.Err = from.EventName(), from.Body(), from.Err()
}

// AddThread turns a known thread ID into an attribute.
func (r *Record) AddThread() {
	if r.ThreadID != 0 {
		r.AddMissing(semconv.ThreadID(int(r.ThreadID)))
		r.ThreadID = 0
	}
}

// API returns a copy as a record of the Logs API. The caller may keep it.
func (r *Record) API() log.Record {
	var to log.Record
	to.SetTimestamp(r.Time)
	to.SetObservedTimestamp(r.Observed)
	to.SetSeverity(r.Severity)
	to.SetSeverityText(r.SeverityText)
	to.SetEventName(r.EventName)
	to.SetBody(r.Body)
	to.SetErr(r.Err)
	for _, g := range r.Groups[:ContextGroup] {
		to.AddAttributes(g.Attributes()...)
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
	to.AddAttributes(r.Groups[ContextGroup].Attributes()...)
	return to
}
