// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"slices"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// A Group is a list of attributes that many records share: the source location, the
// attributes of a logger, the ids of a turn. It never changes, so each encoder encodes it once.
// A nil Group is empty.
type Group struct {
	// Values by encoding. An [Encodings] would take a few instructions less, but its values
	// are separate allocations. Each call has a group of its own, so they are rarely in a
	// CPU cache.
	encoded [encodingCount]atomic.Value

	attributes []attribute.KeyValue
	keys       []*Key // The keys of attributes, in the same order.
	has        Set
}

// NewGroup returns a group of attributes, which the caller must not change afterwards.
// Attributes without a key are left out. If two have the same key, the later value takes the
// place of the earlier one. NewGroup returns nil if no attributes remain.
func NewGroup(keys *KeyCache, attrs []attribute.KeyValue) *Group {
	r := New(keys)
	defer r.Free()
	for i := range attrs {
		r.Add(&attrs[i])
	}
	if len(r.Attributes) == 0 {
		return nil
	}
	return &Group{has: r.has, attributes: slices.Clone(r.Attributes), keys: slices.Clone(r.Keys)}
}

// Load returns the value that was stored last for the encoding, or nil.
func (g *Group) Load(encoding Encoding) any { return g.encoded[encoding].Load() }

// Store stores the value for the encoding. All values of an encoding must have the same type.
func (g *Group) Store(encoding Encoding, value any) { g.encoded[encoding].Store(value) }

// Attributes returns the attributes. They must not be changed.
func (g *Group) Attributes() []attribute.KeyValue {
	if g == nil {
		return nil
	}
	return g.attributes
}

// Keys returns the keys of the attributes, in the same order. They must not be changed.
func (g *Group) Keys() []*Key {
	if g == nil {
		return nil
	}
	return g.keys
}

func (g *Group) holds(key attribute.Key) bool {
	for i := range g.Attributes() {
		if g.attributes[i].Key == key {
			return true
		}
	}
	return false
}

// The indexes of [Record.Groups]. The groups before ContextGroup come before the record's own
// attributes, and ContextGroup comes after them.
const (
	SourceGroup  = iota // The source location.
	LoggerGroup         // The attributes of the logger.
	ContextGroup        // The attributes from the context.
	GroupCount
)

// SetSource sets the source location. It must be called before the other setters.
func (r *Record) SetSource(g *Group) {
	if g != nil {
		r.Groups[SourceGroup] = g
		r.has.Add(g.has)
	}
}

// SetLogger sets the attributes of the logger. It must be called before attributes are added.
func (r *Record) SetLogger(g *Group) {
	if g == nil {
		return
	}
	apart := !r.holdsAny(g)
	r.Groups[LoggerGroup] = g
	r.has.Add(g.has)
	if !apart {
		r.Expand()
	}
}

// SetContext adds the attributes from the context whose keys the record does not have. It must
// be called after all groups and attributes were set; only attributes may be added later.
func (r *Record) SetContext(g *Group) {
	switch {
	case g == nil:
	case r.holdsAny(g):
		r.addMissing(g)
	default:
		r.Groups[ContextGroup] = g
		r.has.Add(g.has)
	}
}

// holdsAny reports whether the record has one of the group's keys.
func (r *Record) holdsAny(g *Group) bool {
	if !r.has.MayHave(&g.has) {
		return false
	}
	return slices.ContainsFunc(g.keys, r.holds)
}

func (r *Record) addMissing(g *Group) {
	for i, k := range g.Keys() {
		if !r.holds(k) {
			r.append(k, &g.attributes[i].Value)
		}
	}
}

// Expand replaces the groups by attributes of the record's own.
func (r *Record) Expand() {
	all := r.Groups
	if all == [GroupCount]*Group{} {
		return
	}
	own := New(r.keys)
	own.Attributes, r.Attributes = r.Attributes, own.Attributes
	own.Keys, r.Keys = r.Keys, own.Keys
	r.Groups, r.has = [GroupCount]*Group{}, Set{}
	clear(r.index)
	for _, g := range all[:ContextGroup] {
		for i, k := range g.Keys() {
			r.Set(k, &g.attributes[i].Value)
		}
	}
	for i, k := range own.Keys {
		r.Set(k, &own.Attributes[i].Value)
	}
	r.addMissing(all[ContextGroup])
	own.Free()
}
