// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package freeport chooses TCP ports for servers that a test starts as processes of their
// own.
package freeport

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports are chosen below those that systems give to connections and to listeners on port 0
// (from 32768 on Linux). A port of that range that is free now can be given to another
// connection before the server listens on it.
const (
	first = 10_000
	last  = 32_000
)

// TCP returns a port of the loopback that nothing listens on. It is random, so that tests
// of other packages that run at the same time choose others.
func TCP(tb testing.TB) int {
	tb.Helper()
	for range 100 {
		port := first + rand.IntN(last-first)
		l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue // Something listens on it.
		}
		if err := l.Close(); err != nil {
			tb.Fatal(err)
		}
		return port
	}
	tb.Fatal("no free TCP port was found")
	return 0
}
