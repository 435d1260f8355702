// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

// Entries returns the number of queued entries, including markers.
func Entries(w *Writer) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := w.queue.first; e != nil; e = e.next {
		n++
	}
	return n
}
