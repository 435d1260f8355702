// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"maps"
	"slices"
	"sync"
)

// watchers are those who want to know which sessions change.
type watchers struct {
	mu       sync.Mutex
	isClosed bool
	all      map[*Watcher]struct{}
}

// A Watcher collects the sessions that change until they are taken. It is safe for concurrent use.
type Watcher struct {
	of *watchers
	// Changed has a value after sessions changed, until Take. It is closed with the store.
	Changed chan struct{}

	mu  sync.Mutex
	ids map[string]struct{}
}

// Watch returns a watcher. Stop it after use.
func (s *Store) Watch() *Watcher {
	w := &Watcher{of: &s.watchers, Changed: make(chan struct{}, 1), ids: make(map[string]struct{})}
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	if s.watchers.isClosed {
		close(w.Changed)
		return w
	}
	if s.watchers.all == nil {
		s.watchers.all = make(map[*Watcher]struct{})
	}
	s.watchers.all[w] = struct{}{}
	return w
}

// Take returns the sessions that changed since the last call, sorted.
func (w *Watcher) Take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := slices.Sorted(maps.Keys(w.ids))
	clear(w.ids)
	return ids
}

// Stop ends the watcher.
func (w *Watcher) Stop() {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	delete(w.of.all, w)
}

func (w *Watcher) add(ids []string) {
	w.mu.Lock()
	for _, id := range ids {
		w.ids[id] = struct{}{}
	}
	w.mu.Unlock()
	select {
	case w.Changed <- struct{}{}:
	default:
	}
}

// tell reports sessions that changed.
func (w *watchers) tell(ids []string) {
	if len(ids) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for watcher := range w.all {
		watcher.add(ids)
	}
}

func (w *watchers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isClosed = true
	for watcher := range w.all {
		close(watcher.Changed)
	}
	clear(w.all)
}
