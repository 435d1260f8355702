// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import "go.opentelemetry.io/otel/attribute"

// Keys is a set of keys that knows for certain only what is not in it: a bit for each key,
// of 64. Keys of different bits differ, which spares nearly every key of a record the
// comparison with all others. The zero Keys are empty.
type Keys uint64

// Of returns the set of a key.
func Of(key attribute.Key) Keys { return 1 << (hashOf(string(key)) >> 58) }

// hashOf reads the length and the first and the last eight bytes of a key: what keys have in
// common, a prefix or the word at the end, they have seldom both.
func hashOf(key string) uint64 {
	const mix, more = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F // Odd, and half of their bits are set.
	n := len(key)
	h := uint64(n)
	if n < 8 {
		for i := range n {
			h = h<<8 ^ uint64(key[i])
		}
	} else {
		h = (h^eight(key))*mix ^ eight(key[n-8:])
	}
	h ^= h >> 32
	h *= more
	return h ^ h>>29
}

// eight returns the first eight bytes, which the compiler reads at once.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// MayHave reports whether one of the keys may be in the set.
func (k Keys) MayHave(keys Keys) bool { return k&keys != 0 }

// maxScanned is how many attributes are compared one by one to find a key. With more of
// them a map is faster.
const maxScanned = 32

// Add adds an attribute. One with a key that the record has takes the place of the other,
// and one without a key is left out: neither a line nor a collector has a use for it.
func (r *Record) Add(kv *attribute.KeyValue) {
	if kv.Key == "" {
		return
	}
	bit := Of(kv.Key)
	for i := range r.Blocks {
		if r.Blocks[i].has(kv.Key, bit) {
			r.Expand()
			break
		}
	}
	if r.keys.MayHave(bit) {
		if i := r.find(kv.Key); i >= 0 {
			r.Attributes[i].Value = kv.Value
			return
		}
	}
	r.append(kv, bit)
}

// AddMissing adds the attributes whose keys the record does not have.
func (r *Record) AddMissing(attrs ...attribute.KeyValue) {
	for i := range attrs {
		if bit := Of(attrs[i].Key); !r.has(attrs[i].Key, bit) {
			r.append(&attrs[i], bit)
		}
	}
}

// Has reports whether the record has the key.
func (r *Record) Has(key attribute.Key) bool { return r.has(key, Of(key)) }

func (r *Record) has(key attribute.Key, bit Keys) bool {
	for _, b := range r.Blocks {
		if b.has(key, bit) {
			return true
		}
	}
	return r.keys.MayHave(bit) && r.find(key) >= 0
}

func (r *Record) append(kv *attribute.KeyValue, bit Keys) {
	r.keys |= bit
	r.Attributes = append(r.Attributes, *kv)
	if len(r.index) > 0 {
		r.index[kv.Key] = len(r.Attributes) - 1
	}
}

// find returns where the key is, or -1.
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
