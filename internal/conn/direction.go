// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

// addPending keeps bytes until the direction decodes next.
func (d *direction) addPending(p []byte) {
	if len(p) == 0 {
		return
	}
	d.pendingLock.Lock()
	defer d.pendingLock.Unlock()
	d.pending = append(d.pending, p...)
	d.hasPending.Store(true)
}

// takePending returns the bytes that were kept, and forgets them.
func (d *direction) takePending() []byte {
	d.pendingLock.Lock()
	defer d.pendingLock.Unlock()
	p := d.pending
	d.pending = nil
	d.hasPending.Store(false)
	return p
}

// pendingSize returns how many bytes are kept.
func (d *direction) pendingSize() int {
	d.pendingLock.Lock()
	defer d.pendingLock.Unlock()
	return len(d.pending)
}

// stop gives buffers back. Nothing else uses the direction.
func (d *direction) stop() {
	if d.decoder != nil {
		d.decoder.Stop()
	}
	d.takePending()
}
