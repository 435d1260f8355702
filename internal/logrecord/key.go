// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"encoding/binary"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// A Key is an attribute key with the verdict on it and its encodings.
type Key struct {
	Encodings

	// Name is a copy of the key. It shares no memory with the caller's.
	Name attribute.Key
	// Wire is the key as a field of OTLP's KeyValue, with tag and length. Its text is cleaned.
	Wire string
	// Cleaned reports that the text of Wire differs from Name. Another key may have the same text.
	Cleaned bool
	Verdict Verdict
	// Set is the set of this key alone.
	Set Set
}

// A Verdict is a set of bits that the owner of a KeyCache defines and computes from the key alone.
type Verdict uint8

// A KeyCache caches keys. A new key may evict another, and long keys are not cached. The zero
// KeyCache is empty and gives no verdicts. It is safe for concurrent use.
type KeyCache struct {
	// Judge computes the verdict on a key that is not cached. It may be called again for the
	// same key.
	Judge func(attribute.Key) Verdict

	sets [keySets][keysInSet]atomic.Pointer[Key]
}

const (
	keySets    = 128
	keysInSet  = 4 // Some keys of a program share a set; with one slot they would evict each other.
	longestKey = 64
)

// Of returns the cached key. It judges and encodes a key that is not cached.
func (t *KeyCache) Of(name attribute.Key) *Key {
	hash := Hash(string(name))
	set := &t.sets[hash%keySets]
	for i := range set {
		k := set[i].Load()
		if k == nil {
			break
		}
		if k.Name == name { // The runtime compares no bytes if the pointers are equal.
			return k
		}
	}
	return t.learn(strings.Clone(string(name)), hash)
}

// learn judges and encodes a key. The cache keeps the name, so the caller passes a copy.
func (t *KeyCache) learn(name string, hash uint64) *Key {
	text := cleantext.String(name)
	k := &Key{
		Name: attribute.Key(name), Wire: wire(text), Cleaned: text != name, Set: setOf(hash),
	}
	if t.Judge != nil {
		k.Verdict = t.Judge(k.Name)
	}
	if len(name) > longestKey {
		return k
	}
	set := &t.sets[hash%keySets]
	for i := range set {
		if set[i].CompareAndSwap(nil, k) {
			return k
		}
	}
	set[hash/keySets%keysInSet].Store(k)
	return k
}

// keyField is the tag of a KeyValue's first field, which has a length.
const keyField = 1<<3 | 2

// wire encodes a key as a field. Protocol buffers omit an empty text. Package protowire, for a
// varint, would link four packages into every program.
func wire(text string) string {
	if text == "" {
		return ""
	}
	return string(binary.AppendUvarint([]byte{keyField}, uint64(len(text)))) + text
}

// Hash hashes the length and the first and last eight bytes of a key or an id. Keys often share
// a prefix or a last word, but rarely both. Different texts may have the same hash, so callers
// must compare the texts too.
func Hash(key string) uint64 {
	const mix, more = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F // Odd numbers with about half of their bits set.
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

// eight returns the first eight bytes. The compiler reads them in one load.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// Set is a set of keys with one bit for each key, out of 128. It may report a key that was not
// added, but never misses one that was. Keys with different bits differ, so most keys of a
// record need not be compared with the others. The zero Set is empty.
type Set [2]uint64

// Add adds all keys of another set.
func (s *Set) Add(keys Set) {
	s[0] |= keys[0]
	s[1] |= keys[1]
}

// MayHave reports whether one of the keys may be in the set.
func (s *Set) MayHave(keys *Set) bool { return s[0]&keys[0]|s[1]&keys[1] != 0 }

func setOf(hash uint64) (s Set) {
	s[hash>>63] = 1 << (hash >> 57 & 63)
	return s
}

// Encoding names an encoder that caches what it made of a key or an attribute group.
type Encoding int

// The encodings.
const (
	JSON Encoding = iota
	OTLP
	encodingCount
)

// Encodings caches one value for each encoding. The zero Encodings is empty. It is safe for
// concurrent use.
type Encodings [encodingCount]atomic.Pointer[any]

// Load returns the value that was stored last for the encoding, or nil.
func (e *Encodings) Load(encoding Encoding) any {
	if value := e[encoding].Load(); value != nil {
		return *value
	}
	return nil
}

// Store stores the value for the encoding.
func (e *Encodings) Store(encoding Encoding, value any) { e[encoding].Store(&value) }
