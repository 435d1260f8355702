// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
)

// network connects the callers, the agent and the provider. The zero network is loopback, on free
// ports.
type network struct {
	open func() net.Listener
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// listen returns a listener with an address of its own.
func (n *network) listen(ctx context.Context) (net.Listener, error) {
	if n.open != nil {
		return n.open(), nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

// transport returns a transport with connections of its own.
func (n *network) transport() *http.Transport { return &http.Transport{DialContext: n.dial} }
