// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlplog

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	requestResources = 1<<3 | sized

	resourceResource = 1<<3 | sized // Of ResourceLogs, and likewise below.
	resourceScopes   = 2<<3 | sized
	resourceSchema   = 3<<3 | sized

	resourceAttributes = 1<<3 | sized

	scopeScope   = 1<<3 | sized
	scopeRecords = 2<<3 | sized
	scopeSchema  = 3<<3 | sized

	scopeName       = 1<<3 | sized
	scopeVersion    = 2<<3 | sized
	scopeAttributes = 3<<3 | sized
)

// scope is what a ScopeLogs has beside records, as it is sent.
type scope struct{ before, after string }

func newScope(name string, cfg log.LoggerConfig) scope {
	var s scope
	attrs := cfg.InstrumentationAttributes()
	if name != "" || cfg.InstrumentationVersion() != "" || cfg.SchemaURL() != "" || attrs.Len() > 0 {
		b, start := begin([]byte{scopeScope})
		b = appendText(b, scopeName, name)
		b = appendText(b, scopeVersion, cfg.InstrumentationVersion())
		b = appendSet(b, scopeAttributes, &attrs)
		s.before = string(end(b, start))
	}
	s.after = string(appendText(nil, scopeSchema, cfg.SchemaURL()))
	return s
}

func appendSet(dst []byte, field byte, set *attribute.Set) []byte {
	for iter := set.Iter(); iter.Next(); {
		kv := iter.Attribute()
		dst = appendPair(append(dst, field), &kv)
	}
	return dst
}

// encodeResource returns what a ResourceLogs has before its scopes and after them.
func encodeResource(res *resource.Resource) (before, after []byte) {
	if res.Len() > 0 {
		b, start := begin([]byte{resourceResource})
		b = appendSet(b, resourceAttributes, res.Set())
		before = end(b, start)
	}
	return before, appendText(nil, resourceSchema, res.SchemaURL())
}

// batch is the records of one request, by their scopes.
type batch struct {
	scopes  []scopeRecordsOf
	records int
	bytes   int
}

type scopeRecordsOf struct {
	scope  scope
	chunks [][]byte // Of records, each with its field and size.
	bytes  int      // Of all chunks.
}

// add adds an encoded record.
func (b *batch) add(s *scope, record []byte, from *room) {
	at := -1
	for i := range b.scopes {
		if b.scopes[i].scope == *s {
			at = i
			break
		}
	}
	if at < 0 {
		at = len(b.scopes)
		b.scopes = append(b.scopes, scopeRecordsOf{scope: *s})
	}
	b.scopes[at].add(record, from)
	b.records++
	b.bytes += len(record)
}

func (s *scopeRecordsOf) add(record []byte, from *room) {
	need := 1 + protowire.SizeBytes(len(record))
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+need > cap(s.chunks[last]) {
		s.chunks = append(s.chunks, from.take(need))
		last++
	}
	s.chunks[last] = protowire.AppendBytes(append(s.chunks[last], scopeRecords), record)
	s.bytes += need
}

// reset makes a batch empty, and gives its chunks back. Scopes that were of no use in the
// last request are forgotten.
func (b *batch) reset(to *room) {
	kept := b.scopes[:0]
	for _, s := range b.scopes {
		if s.bytes == 0 {
			continue
		}
		to.give(s.chunks)
		clear(s.chunks)
		s.chunks, s.bytes = s.chunks[:0], 0
		kept = append(kept, s)
	}
	clear(b.scopes[len(kept):])
	b.scopes, b.records, b.bytes = kept, 0, 0
}

// room is chunks that are used again, so that records which come in a burst need neither
// fresh memory nor, as in one slice that grows, to be copied over and over.
type room struct{ chunks [][]byte }

const (
	chunkSize = 16 << 10
	maxRoom   = 256 // Chunks that are kept while records come faster than they are sent.
	leastRoom = 32  // And when none come.
)

// take returns an empty chunk with room for so many bytes.
func (r *room) take(need int) []byte {
	last := len(r.chunks) - 1
	if last < 0 || need > chunkSize {
		return make([]byte, 0, max(need, chunkSize))
	}
	c := r.chunks[last]
	r.chunks[last] = nil
	r.chunks = r.chunks[:last]
	return c
}

// give takes chunks back, unless they are many or large.
func (r *room) give(chunks [][]byte) {
	for _, c := range chunks {
		if len(r.chunks) < maxRoom && cap(c) == chunkSize {
			r.chunks = append(r.chunks, c[:0])
		}
	}
}

// rest gives up what a burst has left behind.
func (r *room) rest() {
	if len(r.chunks) > leastRoom {
		clear(r.chunks[leastRoom:])
		r.chunks = r.chunks[:leastRoom]
	}
}

// appendRequest appends an ExportLogsServiceRequest.
func (b *batch) appendRequest(dst, before, after []byte) []byte {
	size := len(before) + len(after)
	for i := range b.scopes {
		if b.scopes[i].bytes > 0 {
			size += 1 + protowire.SizeBytes(b.scopes[i].size())
		}
	}
	dst = protowire.AppendVarint(append(dst, requestResources), uint64(size))
	dst = append(dst, before...)
	for i := range b.scopes {
		s := &b.scopes[i]
		if s.bytes == 0 {
			continue // Of the batch before.
		}
		dst = protowire.AppendVarint(append(dst, resourceScopes), uint64(s.size()))
		dst = append(dst, s.scope.before...)
		for _, c := range s.chunks {
			dst = append(dst, c...)
		}
		dst = append(dst, s.scope.after...)
	}
	return append(dst, after...)
}

func (s *scopeRecordsOf) size() int { return len(s.scope.before) + s.bytes + len(s.scope.after) }
