// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of ExportLogsServiceRequest and ExportTraceServiceRequest, which have the same
// numbers, down to the items.
const (
	requestResources = 1<<3 | bytesType

	resourceResource = 1<<3 | bytesType // Of ResourceLogs and ResourceSpans; so are those below.
	resourceScopes   = 2<<3 | bytesType
	resourceSchema   = 3<<3 | bytesType

	resourceAttributes = 1<<3 | bytesType

	scopeScope  = 1<<3 | bytesType
	scopeItems  = 2<<3 | bytesType
	scopeSchema = 3<<3 | bytesType

	scopeName       = 1<<3 | bytesType
	scopeVersion    = 2<<3 | bytesType
	scopeAttributes = 3<<3 | bytesType
)

// Scope is an encoded instrumentation scope: the fields before and after its items.
type Scope struct{ before, after string }

// newScope encodes a scope.
func newScope(name, version, schemaURL string, attrs attribute.Set, d duplicates) *Scope {
	var s Scope
	if name != "" || version != "" || schemaURL != "" || attrs.Len() > 0 {
		b, start := beginMessage([]byte{scopeScope})
		b = appendText(b, scopeName, name)
		b = appendText(b, scopeVersion, version)
		b = appendSet(b, scopeAttributes, &attrs, d)
		s.before = string(endMessage(b, start))
	}
	s.after = string(appendText(nil, scopeSchema, schemaURL))
	return &s
}

// encodeResource returns the fields of a ResourceLogs or ResourceSpans before its scopes and
// after them. Of an empty resource the SDK's exporter of spans encodes an empty message, its
// exporter of log records none.
func encodeResource(res *resource.Resource, empty bool) (before, after []byte) {
	if res.Len() > 0 || empty && res != nil {
		b, start := beginMessage([]byte{resourceResource})
		b = appendSet(b, resourceAttributes, res.Set(), asTheyAre)
		before = endMessage(b, start)
	}
	return before, appendText(nil, resourceSchema, res.SchemaURL())
}

// batch holds the items of one request, by scope.
type batch struct {
	scopes []itemsOf
	items  int
	bytes  int
}

type itemsOf struct {
	scope  Scope
	chunks [][]byte // The items, each with its tag and size.
	bytes  int      // Total of the chunks.
}

// add adds an encoded item.
func (b *batch) add(s *Scope, item []byte, from *chunkPool) {
	at := -1
	for i := range b.scopes {
		if b.scopes[i].scope == *s {
			at = i
			break
		}
	}
	if at < 0 {
		at = len(b.scopes)
		b.scopes = append(b.scopes, itemsOf{scope: *s})
	}
	b.scopes[at].add(item, from)
	b.items++
	b.bytes += len(item)
}

func (s *itemsOf) add(item []byte, from *chunkPool) {
	need := 1 + protowire.SizeBytes(len(item))
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+need > cap(s.chunks[last]) {
		s.chunks = append(s.chunks, from.take(need))
		last++
	}
	s.chunks[last] = protowire.AppendBytes(append(s.chunks[last], scopeItems), item)
	s.bytes += need
}

// reset empties a batch and returns its chunks to the pool. It removes scopes without items in
// the last request.
func (b *batch) reset(to *chunkPool) {
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
	b.scopes, b.items, b.bytes = kept, 0, 0
}

// appendRequest appends a request.
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
			continue // A scope of the previous request.
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

func (s *itemsOf) size() int { return len(s.scope.before) + s.bytes + len(s.scope.after) }
