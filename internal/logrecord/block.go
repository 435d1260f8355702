// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"slices"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// A Block is attributes that many records have in common: a place in the code, what a
// logger was given beforehand, the ids of a turn. It never changes, so that each way out
// encodes it once. A nil Block is empty.
type Block struct {
	// By way out. Unlike an [Memory] it takes a few instructions more, and no memory
	// beside the block's: blocks are as many as calls, and not in any cache.
	made [Ways]atomic.Value

	attributes []attribute.KeyValue
	keys       []*Key // Of the attributes, one for one.
	has        Set
}

// NewBlock returns a block of attributes, which must not change any more. Those without a
// key are left out, and of attributes with the same key the last counts, in the place of the
// first. Without attributes it is nil.
func NewBlock(table *Table, attrs []attribute.KeyValue) *Block {
	r := New(table)
	defer r.Free()
	for i := range attrs {
		r.Add(&attrs[i])
	}
	if len(r.Attributes) == 0 {
		return nil
	}
	return &Block{has: r.has, attributes: slices.Clone(r.Attributes), keys: slices.Clone(r.Keys)}
}

// Recall returns what a way out remembered last, or nil.
func (b *Block) Recall(way Way) any { return b.made[way].Load() }

// Remember remembers what a way out made, which is always of the same type.
func (b *Block) Remember(way Way, made any) { b.made[way].Store(made) }

// Attributes returns the attributes. They must not be changed.
func (b *Block) Attributes() []attribute.KeyValue {
	if b == nil {
		return nil
	}
	return b.attributes
}

// Keys returns the keys of the attributes, one for one. They must not be changed.
func (b *Block) Keys() []*Key {
	if b == nil {
		return nil
	}
	return b.keys
}

func (b *Block) holds(key attribute.Key) bool {
	for i := range b.Attributes() {
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
func (r *Record) SetSource(b *Block) {
	if b != nil {
		r.Blocks[placeBlock] = b
		r.has.Add(b.has)
	}
}

// SetGiven sets what the logger was given. It is called before attributes are added.
func (r *Record) SetGiven(b *Block) {
	if b == nil {
		return
	}
	apart := !r.holdsAny(b)
	r.Blocks[givenBlock] = b
	r.has.Add(b.has)
	if !apart {
		r.Expand()
	}
}

// SetContext sets what the context knows, which adds what nobody has said. It is called
// after all attributes were added; more may come, but no block.
func (r *Record) SetContext(b *Block) {
	switch {
	case b == nil:
	case r.holdsAny(b):
		r.addMissing(b)
	default:
		r.Blocks[contextBlock] = b
		r.has.Add(b.has)
	}
}

// holdsAny reports whether the record has one of the block's keys.
func (r *Record) holdsAny(b *Block) bool {
	if !r.has.MayHave(&b.has) {
		return false
	}
	return slices.ContainsFunc(b.keys, r.holds)
}

func (r *Record) addMissing(b *Block) {
	for i, k := range b.Keys() {
		if !r.holds(k) {
			r.append(k, &b.attributes[i].Value)
		}
	}
}

// Expand makes attributes of the blocks.
func (r *Record) Expand() {
	all := r.Blocks
	if all == [blocks]*Block{} {
		return
	}
	own := New(r.table)
	own.Attributes, r.Attributes = r.Attributes, own.Attributes
	own.Keys, r.Keys = r.Keys, own.Keys
	r.Blocks, r.has = [blocks]*Block{}, Set{}
	clear(r.index)
	for _, b := range all[:contextBlock] {
		for i, k := range b.Keys() {
			r.Set(k, &b.attributes[i].Value)
		}
	}
	for i, k := range own.Keys {
		r.Set(k, &own.Attributes[i].Value)
	}
	r.addMissing(all[contextBlock])
	own.Free()
}
