// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// isProxied reports whether the dial function is called for a connection to a proxy that speaks no TLS. Releases of
// gorilla/websocket up to v1.5.3, and libraries made from it, call NetDialTLSContext with the address of the proxy, ask
// the proxy in plain text for a tunnel, and do no TLS in the tunnel. Only their dialers of proxies tell that from the
// dial of a server, or of a proxy that speaks TLS. Later releases do TLS themselves, and dial otherwise.
func isProxied() bool {
	const depth = 32
	var callers [depth]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "/websocket.(*httpProxyDialer).Dial") || strings.HasSuffix(frame.Function, "/websocket.(*proxy_socks5).Dial") {
			return true
		}
		if !more {
			return false
		}
	}
}

// A proxied is a connection to a proxy. It does TLS when the program writes the first bytes to the server, which is
// behind the proxy, and taps what is inside TLS.
type proxied struct {
	net.Conn

	//nolint:containedctx // That of the dial, which goes on until the first request was written.
	ctx      context.Context
	dialer   *Dialer
	observer *Observer
	started  time.Time
	server   string                   // The address that the proxy was asked for.
	secure   atomic.Pointer[net.Conn] // Nil until TLS.
	isTapped atomic.Bool              // A tap reports to the observer.
}

// Read reads from the proxy or the server.
func (p *proxied) Read(b []byte) (int, error) { return p.current().Read(b) }

// Write writes to the proxy or the server.
func (p *proxied) Write(b []byte) (int, error) {
	if p.secure.Load() == nil {
		if !bytes.HasPrefix(b, []byte("GET ")) {
			p.asks(b)
			return p.Conn.Write(b)
		}
		if err := p.encrypt(); err != nil {
			return 0, err
		}
	}
	return p.current().Write(b)
}

// Close closes the connection.
func (p *proxied) Close() error {
	err := p.current().Close()
	if !p.isTapped.Swap(true) && p.observer != nil {
		newTap(p.observer, Dialled, p.started).end(nil) // The proxy refused.
	}
	return err
}

// NetConn returns the connection below the tap.
func (p *proxied) NetConn() net.Conn {
	if c, ok := p.current().(interface{ NetConn() net.Conn }); ok {
		return c.NetConn()
	}
	return p.Conn
}

func (p *proxied) current() net.Conn {
	if c := p.secure.Load(); c != nil {
		return *c
	}
	return p.Conn
}

// asks reads the address of the server in a request to the proxy.
func (p *proxied) asks(b []byte) {
	if rest, ok := bytes.CutPrefix(b, []byte("CONNECT ")); ok {
		address, _, _ := bytes.Cut(rest, []byte(" "))
		p.server = string(address)
		return
	}
	// A request of SOCKS 5, version, command, 0 and the kind of the address: RFC 1928, section 4.
	const head = 4
	if len(b) <= head+1 || b[0] != 5 || b[1] != 1 || b[2] != 0 {
		return
	}
	switch rest := b[head:]; {
	case b[3] == 1 && len(rest) >= net.IPv4len:
		p.server = net.IP(rest[:net.IPv4len]).String()
	case b[3] == 4 && len(rest) >= net.IPv6len:
		p.server = net.IP(rest[:net.IPv6len]).String()
	case b[3] == 3 && len(rest) > int(rest[0]):
		p.server = string(rest[1 : 1+int(rest[0])])
	}
}

// encrypt does the TLS handshake with the server.
func (p *proxied) encrypt() error {
	p.isTapped.Store(true)
	c, err := p.dialer.encrypt(p.ctx, p.Conn, p.server)
	c, err = dialled(c, err, p.started, p.observer)
	if err != nil {
		return err
	}
	p.secure.Store(&c)
	return nil
}
