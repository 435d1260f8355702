// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/internal/wire/websocket"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// A Dialer dials connections with a tap. It is safe for concurrent use.
//
// A connection belongs to the [Call] or to the session of the context that it is dialled with, or to the
// call that made the dialer; see [Call.Dialer]. A connection to a speech-to-speech model that belongs
// to neither is a call of its own: its session starts and ends with the connection. Other connections
// without a call are not recorded, and a warning is logged once. In the context of a session without a
// call, the program starts the turns, and connections do not know of each other: use [NewCall].
type Dialer struct {
	tel    *otelvoice.Telemetry
	config config
	call   *assembler.Call // Of connections that are dialled without a call's context. May be nil.
	dialer conn.Dialer

	saidOutside, saidEncrypted, saidTunnelled atomic.Bool // The warnings are logged once.
}

// NewDialer returns a dialer. With a nil Telemetry, its connections have no tap.
func NewDialer(tel *otelvoice.Telemetry, opts ...Option) *Dialer {
	d := &Dialer{tel: tel, config: newConfig(tel, opts)}
	d.dialer.TLS = d.config.tls
	if tel != nil {
		d.dialer.Open = func(ctx context.Context, _, _ string) *conn.Observer { return d.observer(ctx) }
	}
	return d
}

// DialContext dials a connection. It is for ws addresses: NetDialContext of gorilla/websocket, NetDial
// of gobwas/ws, DialContext of [http.Transport]. A transport keeps connections, and those of a call may serve another
// one: if calls share a transport, use [Dialer.HTTPClient].
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dialer.DialContext(ctx, network, address)
}

// DialTLSContext dials a connection and does the TLS handshake. It is for wss addresses:
// NetDialTLSContext of gorilla/websocket, DialTLSContext of [http.Transport]. Set it beside
// DialContext: a library that does TLS by itself above a tapped connection gives the tap nothing to
// read.
//
// With gorilla/websocket up to v1.5.3 it works also for a dialer with a Proxy of http or socks5: TLS is then done with the
// server that the proxy is asked for. [http.Transport] and later versions of gorilla/websocket do TLS by themselves
// through a proxy. Their connections work and are not recorded: use [Dialer.HTTPClient], if the library takes a client.
func (d *Dialer) DialTLSContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dialer.DialTLSContext(ctx, network, address)
}

// WrapConn returns a tapped connection in place of one that was dialled, after TLS. It is WrapConn of
// gobwas/ws, which has no context: use the dialer of a call.
func (d *Dialer) WrapConn(c net.Conn) net.Conn {
	if d.tel == nil {
		return c
	}
	return conn.Wrap(c, conn.Dialled, time.Now(), d.observer(context.Background()))
}

// HTTPClient returns a copy of base, or of an empty client if base is nil, that taps the WebSockets
// that are opened with it. It is HTTPClient in the options of coder/websocket. Other requests are
// passed on as they are.
func (d *Dialer) HTTPClient(base *http.Client) *http.Client {
	c := new(http.Client)
	if base != nil {
		*c = *base
	}
	next := c.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	if d.tel != nil {
		c.Transport = &upgrader{next, d}
	}
	return c
}

// An upgrader taps the connections in responses.
type upgrader struct {
	next   http.RoundTripper
	dialer *Dialer
}

// RoundTrip sends a request.
func (u *upgrader) RoundTrip(r *http.Request) (*http.Response, error) {
	if !websocket.IsUpgrade(r) {
		return u.next.RoundTrip(r)
	}
	started := time.Now()
	res, err := u.next.RoundTrip(r)
	s := u.dialer.socket(r.Context())
	switch {
	case err != nil:
		s.started = started
		s.failed(r, err) //nolint:contextcheck // The session's is that of the call.
	case res != nil:
		conn.WrapBody(r, res, started, s.observer(context.WithoutCancel(r.Context())))
	}
	return res, err
}

// observer returns the observer of a connection that is dialled with a context.
func (d *Dialer) observer(ctx context.Context) *conn.Observer {
	return d.socket(ctx).observer(context.WithoutCancel(ctx))
}

func (d *Dialer) socket(ctx context.Context) *socket {
	call := assembler.FromContext(ctx)
	if call == nil {
		call = d.call
	}
	return &socket{find: vendors.NewConnection, dialer: d, call: call}
}

// outside warns of a connection to a provider that belongs to no call.
func (d *Dialer) outside(ctx context.Context, host string) {
	if d.saidOutside.CompareAndSwap(false, true) {
		d.tel.Logger(component).WarnContext(ctx,
			"connections to a provider are not recorded: dial with the context of the call, or with Call.Dialer", "host", host)
	}
}

// encrypted warns of a library that does TLS above the tap.
func (d *Dialer) encrypted(ctx context.Context) {
	if d.saidEncrypted.CompareAndSwap(false, true) {
		d.tel.Logger(component).WarnContext(ctx,
			"wss connections are not recorded: the library does TLS above the tap; set its NetDialTLSContext to Dialer.DialTLSContext")
	}
}

// tunnelled warns of a library that does TLS above the tap because it dials through a proxy. A dial function cannot help.
func (d *Dialer) tunnelled(ctx context.Context) {
	if d.saidTunnelled.CompareAndSwap(false, true) {
		d.tel.Logger(component).WarnContext(ctx,
			"wss connections through a proxy are not recorded: the library does TLS above the tap; if it takes an http.Client, use that of Dialer.HTTPClient")
	}
}

// component is the module of the package's log lines.
const component = "voicews"
