// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"io"
	"sync"
)

// console is the one writer of three exporters, each of which has a goroutine
// of its own or its caller's, and none of which knows of the others.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.w.Write(p)
}
