// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"sync"
)

// output is standard output. It keeps the first error, so that a command whose output is lost does not end as if all
// went well.
type output struct {
	to io.Writer

	mu  sync.Mutex
	err error
}

// Write writes to the output. After an error it writes nothing: what follows a gap is of no use.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	o.err = err
	return n, err
}

// Unwrap returns what the output writes to, which may be a terminal.
func (o *output) Unwrap() io.Writer { return o.to }

// Err returns the first error.
func (o *output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
