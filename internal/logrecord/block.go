// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// A Block is attributes that many records have in common: a place in the code, what a
// logger was given beforehand, the ids of a turn. It never changes, so that each way out
// encodes it once. A nil Block is empty.
type Block struct {
	attributes []attribute.KeyValue
	bits       []Keys // Of each attribute.
	keys       Keys

	encoded [ways]atomic.Pointer[any]
}

// Way is a way out that remembers how it encodes blocks.
type Way int

// The ways out.
const (
	JSON Way = iota
	OTLP
	ways
)

// NewBlock returns a block of attributes, which must not change any more. Those without a
// key are left out, and of attributes with the same key the last counts, in the place of the
// first. Without attributes it is nil.
func NewBlock(attrs []attribute.KeyValue) *Block {
	r := New()
	defer r.Free()
	for i := range attrs {
		r.Add(&attrs[i])
	}
	if len(r.Attributes) == 0 {
		return nil
	}
	b := &Block{keys: r.keys, attributes: append([]attribute.KeyValue(nil), r.Attributes...)}
	for _, kv := range b.attributes {
		b.bits = append(b.bits, Of(kv.Key))
	}
	return b
}

// Attributes returns the attributes. They must not be changed.
func (b *Block) Attributes() []attribute.KeyValue {
	if b == nil {
		return nil
	}
	return b.attributes
}

// Encoded returns what a way out made of the block: what it remembered, if that is still of
// use to it, and else what it makes now.
func Encoded[T any](b *Block, way Way, of func(*T) bool, encode func(*Block) *T) *T {
	if known := b.encoded[way].Load(); known != nil {
		if t, ok := (*known).(*T); ok && of(t) {
			return t
		}
	}
	t := encode(b)
	var remembered any = t
	b.encoded[way].Store(&remembered)
	return t
}

// has reports whether the block has the key.
func (b *Block) has(key attribute.Key, bit Keys) bool {
	if b == nil || !b.keys.MayHave(bit) {
		return false
	}
	for i := range b.attributes {
		if b.attributes[i].Key == key {
			return true
		}
	}
	return false
}

// The blocks of a record come before its own attributes, save for the last one.
const (
	placeBlock = iota
	givenBlock
	contextBlock
	blocks
)

// SetSource sets the place in the code that the record is of. It is called first.
func (r *Record) SetSource(b *Block) { r.Blocks[placeBlock] = b }

// SetGiven sets what the logger was given. It is called before attributes are added.
func (r *Record) SetGiven(b *Block) {
	if b == nil {
		return
	}
	r.Blocks[givenBlock] = b
	if s := r.Blocks[placeBlock]; s != nil && s.keys.MayHave(b.keys) && shared(s, b) {
		r.Expand()
	}
}

// SetContext sets what the context knows, which adds what nobody has said. It is called
// after all attributes were added; more may come, but no block.
func (r *Record) SetContext(b *Block) {
	if b == nil {
		return
	}
	for i, kv := range b.attributes {
		if r.has(kv.Key, b.bits[i]) {
			r.AddMissing(b.attributes...)
			return
		}
	}
	r.Blocks[contextBlock] = b
}

func shared(a, b *Block) bool {
	for i, kv := range b.attributes {
		if a.has(kv.Key, b.bits[i]) {
			return true
		}
	}
	return false
}

// Expand makes attributes of the blocks.
func (r *Record) Expand() {
	all := r.Blocks
	if all == [blocks]*Block{} {
		return
	}
	r.Blocks = [blocks]*Block{}
	own := New()
	own.Attributes = append(own.Attributes, r.Attributes...)
	clear(r.Attributes)
	clear(r.index)
	r.Attributes, r.keys = r.Attributes[:0], 0
	for _, b := range all[:contextBlock] {
		for i := range b.Attributes() {
			r.Add(&b.attributes[i])
		}
	}
	for i := range own.Attributes {
		r.Add(&own.Attributes[i])
	}
	r.AddMissing(all[contextBlock].Attributes()...)
	own.Free()
}
