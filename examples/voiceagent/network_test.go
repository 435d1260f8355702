// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// memory is a network without sockets, which a bubble of synctest can see through.
type memory struct {
	mu        sync.Mutex
	listeners map[string]*memoryListener
}

func newMemory() network {
	m := &memory{listeners: make(map[string]*memoryListener)}
	return network{open: m.open, dial: m.dial}
}

func (m *memory) open() net.Listener {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &memoryListener{
		addr: memoryAddr(fmt.Sprintf("host-%d:80", len(m.listeners)+1)), conns: make(chan net.Conn), closed: make(chan struct{}),
	}
	m.listeners[l.addr.String()] = l
	return l
}

func (m *memory) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	m.mu.Lock()
	l := m.listeners[addr]
	m.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("no listener at %s", addr)
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryListener struct {
	addr   memoryAddr
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return l.addr }

type memoryAddr string

func (memoryAddr) Network() string  { return "memory" }
func (a memoryAddr) String() string { return string(a) }
