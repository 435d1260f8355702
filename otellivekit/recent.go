// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "slices"

// recent is a map of at most limit entries: a new one evicts the oldest.
type recent[V any] struct {
	limit  int
	values map[string]V
	order  []string // The keys, the oldest first.
}

func (r *recent[V]) has(key string) bool {
	_, ok := r.values[key]
	return ok
}

// put adds an entry. It does not replace an existing one.
func (r *recent[V]) put(key string, v V) {
	if r.has(key) {
		return
	}
	if r.values == nil {
		r.values = make(map[string]V)
	}
	if len(r.order) == r.limit {
		delete(r.values, r.order[0])
		r.order = slices.Delete(r.order, 0, 1)
	}
	r.values[key] = v
	r.order = append(r.order, key)
}
