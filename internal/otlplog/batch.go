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
	scope   scope
	records []byte // Each with its field and size.
}

// add adds an encoded record.
func (b *batch) add(s *scope, record []byte) {
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
	to := &b.scopes[at]
	to.records = protowire.AppendBytes(append(to.records, scopeRecords), record)
	b.records++
	b.bytes += len(record)
}

// maxSpare bounds the room that a batch keeps when it is used again.
const maxSpare = maxRequest + maxRequest/2

// reset makes a batch empty, and reports whether its room is worth keeping. Scopes that were
// of no use in the last request are forgotten.
func (b *batch) reset() bool {
	room := 0
	kept := b.scopes[:0]
	for _, s := range b.scopes {
		if len(s.records) == 0 {
			continue
		}
		room += cap(s.records)
		s.records = s.records[:0]
		kept = append(kept, s)
	}
	clear(b.scopes[len(kept):])
	b.scopes, b.records, b.bytes = kept, 0, 0
	return room <= maxSpare
}

// appendRequest appends an ExportLogsServiceRequest.
func (b *batch) appendRequest(dst, before, after []byte) []byte {
	size := len(before) + len(after)
	for i := range b.scopes {
		if len(b.scopes[i].records) > 0 {
			size += 1 + protowire.SizeBytes(b.scopes[i].size())
		}
	}
	dst = protowire.AppendVarint(append(dst, requestResources), uint64(size))
	dst = append(dst, before...)
	for i := range b.scopes {
		s := &b.scopes[i]
		if len(s.records) == 0 {
			continue // Of the batch before.
		}
		dst = protowire.AppendVarint(append(dst, resourceScopes), uint64(s.size()))
		dst = append(dst, s.scope.before...)
		dst = append(dst, s.records...)
		dst = append(dst, s.scope.after...)
	}
	return append(dst, after...)
}

func (s *scopeRecordsOf) size() int { return len(s.scope.before) + len(s.records) + len(s.scope.after) }
