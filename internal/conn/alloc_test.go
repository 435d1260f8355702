// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package conn_test

import "testing"

func TestConnDoesNotAllocate(t *testing.T) {
	for _, traffic := range traffic {
		w := &wire{bytes: []byte(upgradeRequest)}
		c, p := upgraded(w), make([]byte, 4096)
		w.bytes = []byte(traffic.frame)
		if n := testing.AllocsPerRun(1000, func() { pass(c, p, w.bytes, traffic.server) }); n != 0 {
			t.Errorf("%s: %v allocations a frame", traffic.name, n)
		}
	}
}
