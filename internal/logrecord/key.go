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

// A Key is the key of an attribute, and what has been found out about it: judged when it
// was first seen, encoded by each way out when it was first written.
type Key struct {
	Memory

	// Name is a copy of the key, which shares no memory with the caller's.
	Name attribute.Key
	// Wire is the key as OTLP's KeyValue has it, with its field and size, and clean.
	Wire string
	// Cleaned says that Wire has another text than Name, which may also be that of another key.
	Cleaned bool
	Verdict Verdict
	// Set is the set of this key alone.
	Set Set
}

// A Verdict is what a key decides about its attributes: bits that mean something to whoever
// has the table.
type Verdict uint8

// A Table knows keys. One that comes later may take the place of another; those that are
// long are not kept. The zero Table is empty and has no verdict on any key. It is safe for
// concurrent use.
type Table struct {
	// Judge decides about a key when it is first seen, and may be asked again.
	Judge func(attribute.Key) Verdict

	sets [keySets][keysInSet]atomic.Pointer[Key]
}

const (
	keySets    = 128
	keysInSet  = 4 // Of a program's keys some fall together; with one place each they would drive each other out.
	longestKey = 64
)

// Of returns what is known of a key, which is found out if nothing is.
func (t *Table) Of(name attribute.Key) *Key {
	hash := Hash(string(name))
	set := &t.sets[hash%keySets]
	for i := range set {
		k := set[i].Load()
		if k == nil {
			break
		}
		if k.Name == name { // Of equal pointers the runtime compares no bytes.
			return k
		}
	}
	return t.learn(strings.Clone(string(name)), hash)
}

// learn judges and encodes a key. The table keeps the name, so the caller passes a copy.
func (t *Table) learn(name string, hash uint64) *Key {
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

// wire returns a key as OTLP has it. Package protowire, for a varint, would link four packages
// into every program.
func wire(key string) string {
	head := binary.AppendUvarint([]byte{keyField}, uint64(len(key)))
	return string(head) + key
}

// Hash reads the length and the first and the last eight bytes of a key, or of an id: what keys
// have in common, a prefix or the word at the end, they have seldom both. Whoever uses it must
// compare texts with the same hash.
func Hash(key string) uint64 {
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
