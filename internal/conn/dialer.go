// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// A Dialer dials connections with a tap. Its methods are the dial functions of libraries:
// gorilla/websocket takes DialContext as NetDialContext and DialTLSContext as NetDialTLSContext,
// http.Transport takes both under their names.
type Dialer struct {
	// Dial dials. Nil stands for that of [net.Dialer].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is the configuration of DialTLSContext. Nil stands for an empty one. The server's name is
	// that of the address, if the configuration has none. The protocol is always HTTP/1.1, because
	// WebSocket libraries do not speak HTTP/2.
	TLS *tls.Config
	// Open returns the observer of a connection before it is dialled, or nil for no tap.
	Open func(ctx context.Context, network, address string) *Observer
}

// DialContext dials a connection with a tap.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	started, observer := time.Now(), d.open(ctx, network, address)
	c, err := d.dial(ctx, network, address)
	return dialled(c, err, started, observer)
}

// DialTLSContext dials a connection, does the TLS handshake, and taps what is inside TLS. If
// gorilla/websocket calls it to reach a server through a proxy, the handshake is with the server.
func (d *Dialer) DialTLSContext(ctx context.Context, network, address string) (net.Conn, error) {
	started, observer := time.Now(), d.open(ctx, network, address)
	c, err := d.dial(ctx, network, address)
	if err != nil {
		return dialled(nil, err, started, observer)
	}
	if isProxied() {
		return &proxied{Conn: c, ctx: ctx, dialer: d, observer: observer, started: started}, nil
	}
	c, err = d.encrypt(ctx, c, address)
	return dialled(c, err, started, observer)
}

// encrypt does the TLS handshake with the server of an address. It closes the connection if that fails.
func (d *Dialer) encrypt(ctx context.Context, c net.Conn, address string) (net.Conn, error) {
	secure := tls.Client(c, d.config(address))
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = c.Close() // The error of the handshake says more.
		return nil, err
	}
	return secure, nil
}

// open returns the observer of a connection, or nil. A panic of Open is recovered.
func (d *Dialer) open(ctx context.Context, network, address string) (observer *Observer) {
	if d.Open == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			observer = nil
		}
	}()
	return d.Open(ctx, network, address)
}

func (d *Dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if d.Dial != nil {
		return d.Dial(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// config returns the TLS configuration for an address.
func (d *Dialer) config(address string) *tls.Config {
	config := &tls.Config{}
	if d.TLS != nil {
		config = d.TLS.Clone()
	}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		config.ServerName = host
	}
	config.NextProtos = []string{"http/1.1"}
	return config
}

// dialled reports the error of a dial, or taps its connection.
func dialled(c net.Conn, err error, started time.Time, observer *Observer) (net.Conn, error) {
	if err != nil {
		if observer != nil {
			newTap(observer, Dialled, started).end(err)
		}
		return nil, err
	}
	return Wrap(c, Dialled, started, observer), nil
}
