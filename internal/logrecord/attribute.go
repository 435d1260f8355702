// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"go.opentelemetry.io/otel/attribute"
)

// maxScanned is the number of attributes up to which a linear search for a key is faster than
// a map.
const maxScanned = 32

// Add adds an attribute. It replaces the attribute with the same key, if there is one. An
// attribute without a key is dropped, because neither a log line nor a collector can use it.
func (r *Record) Add(kv *attribute.KeyValue) {
	if kv.Key != "" {
		r.Set(r.keys.Of(kv.Key), &kv.Value)
	}
}

// Set does the same as Add, for a key of the record's KeyCache that is not empty.
func (r *Record) Set(k *Key, v *attribute.Value) {
	if r.has.MayHave(&k.Set) && r.replace(k, v) {
		return
	}
	r.append(k, v)
}

// replace replaces the value of the attribute with the key. It reports whether there is one.
func (r *Record) replace(k *Key, v *attribute.Value) bool {
	for _, g := range r.Groups {
		if g.holds(k.Name) {
			r.Expand()
			break
		}
	}
	i := r.find(k.Name)
	if i < 0 {
		return false
	}
	r.Attributes[i].Value = *v
	return true
}

// AddMissing adds the attributes whose keys the record does not have.
func (r *Record) AddMissing(attrs ...attribute.KeyValue) {
	for i := range attrs {
		if k := r.keys.Of(attrs[i].Key); !r.holds(k) {
			r.append(k, &attrs[i].Value)
		}
	}
}

// Has reports whether the record has the key.
func (r *Record) Has(key attribute.Key) bool { return r.holds(r.keys.Of(key)) }

func (r *Record) holds(k *Key) bool {
	if !r.has.MayHave(&k.Set) {
		return false
	}
	for _, g := range r.Groups {
		if g.holds(k.Name) {
			return true
		}
	}
	return r.find(k.Name) >= 0
}

func (r *Record) append(k *Key, v *attribute.Value) {
	r.has.Add(k.Set)
	r.Keys = append(r.Keys, k)
	r.Attributes = append(r.Attributes, attribute.KeyValue{Key: k.Name, Value: *v})
	if len(r.index) > 0 {
		r.index[k.Name] = len(r.Attributes) - 1
	}
}

// find returns the index of the attribute with the key, or -1.
func (r *Record) find(key attribute.Key) int {
	if len(r.Attributes) <= maxScanned {
		for i := range r.Attributes {
			if r.Attributes[i].Key == key {
				return i
			}
		}
		return -1
	}
	if len(r.index) == 0 {
		if r.index == nil {
			r.index = make(map[attribute.Key]int, 2*maxScanned)
		}
		for i := range r.Attributes {
			r.index[r.Attributes[i].Key] = i
		}
	}
	if i, ok := r.index[key]; ok {
		return i
	}
	return -1
}

// Value returns the value of the attribute with the key, and reports whether the record has it.
func (r *Record) Value(key attribute.Key) (v attribute.Value, ok bool) {
	if key == "" || !r.Has(key) {
		return attribute.Value{}, false
	}
	if i := r.find(key); i >= 0 {
		return r.Attributes[i].Value, true
	}
	for _, g := range r.Groups {
		for i := range g.Attributes() {
			if g.attributes[i].Key == key {
				return g.attributes[i].Value, true
			}
		}
	}
	return attribute.Value{}, false
}
