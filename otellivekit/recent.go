// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "slices"

// recent is a map with room for so many entries: the oldest makes room for the newest.
type recent[V any] struct {
	limit  int
	values map[string]V
	order  []string // The keys, the oldest first.
}

func (r *recent[V]) has(key string) bool {
	_, ok := r.values[key]
	return ok
}

// put adds an entry; one that is there already stays as it is.
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

func (r *recent[V]) remove(key string) {
	if i := slices.Index(r.order, key); i >= 0 {
		delete(r.values, key)
		r.order = slices.Delete(r.order, i, i+1)
	}
}
