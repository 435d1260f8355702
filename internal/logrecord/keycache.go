// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// KeyCache remembers a T for keys. Nearly all keys of a program are constants and few: to
// find one here is a comparison of pointers, while to judge, to clean and to encode it costs
// ten times that. A key that comes later may take the place of another; those that are long
// are not kept. The zero KeyCache is empty. It is safe for concurrent use.
type KeyCache[T any] struct {
	sets [keySets][keysInSet]atomic.Pointer[known[T]]
}

const (
	keySets    = 128
	keysInSet  = 4 // Of a program's keys some fall together; with one place each they would drive each other out.
	longestKey = 64
)

type known[T any] struct {
	key attribute.Key
	T   T
}

// Of returns what is known of a key, or works it out.
func (c *KeyCache[T]) Of(key attribute.Key, work func(attribute.Key) T) *T {
	hash := hashOf(string(key))
	set := &c.sets[hash%keySets]
	for i := range set {
		k := set[i].Load()
		if k == nil {
			break
		}
		if k.key == key {
			return &k.T
		}
	}
	k := &known[T]{key: key, T: work(key)}
	if len(key) > longestKey {
		return &k.T
	}
	for i := range set {
		if set[i].CompareAndSwap(nil, k) {
			return &k.T
		}
	}
	set[hash/keySets%keysInSet].Store(k)
	return &k.T
}
