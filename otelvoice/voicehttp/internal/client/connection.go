// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// A connection measures how a request got its connection. Dials may go on after the request has
// another connection, so a lock guards it.
type connection struct {
	mu                      sync.Mutex
	isGot, isReused         bool
	dnsStart, tlsStart      time.Time
	dialStart               map[string]time.Time // By address: IPv6 and IPv4 are dialled at once.
	dns, dial, handshake    time.Duration
	hasDNS, hasDial, hasTLS bool
}

// context returns a context that traces the connection of a request.
func (c *connection) context(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:  func(info httptrace.GotConnInfo) { c.set(func() { c.isGot, c.isReused = true, info.Reused }) },
		DNSStart: func(httptrace.DNSStartInfo) { c.set(func() { c.dnsStart = time.Now() }) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			c.set(func() {
				if info.Err == nil && !c.dnsStart.IsZero() {
					c.dns, c.hasDNS = time.Since(c.dnsStart), true
				}
			})
		},
		ConnectStart: func(_, address string) {
			c.set(func() {
				if c.dialStart == nil {
					c.dialStart = make(map[string]time.Time, 2)
				}
				c.dialStart[address] = time.Now()
			})
		},
		ConnectDone: func(_, address string, err error) {
			c.set(func() {
				if start, ok := c.dialStart[address]; ok && err == nil && !c.hasDial {
					c.dial, c.hasDial = time.Since(start), true
				}
			})
		},
		TLSHandshakeStart: func() { c.set(func() { c.tlsStart = time.Now() }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			c.set(func() {
				if err == nil && !c.tlsStart.IsZero() {
					c.handshake, c.hasTLS = time.Since(c.tlsStart), true
				}
			})
		},
	})
}

// set changes what is known of the connection.
func (c *connection) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// attributes returns what is known. The durations of a connection that another request opened are
// left out.
func (c *connection) attributes() []attribute.KeyValue {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isGot {
		return nil
	}
	attrs := append(make([]attribute.KeyValue, 0, 4), semconv.VoiceProviderConnectionReused(c.isReused))
	if c.isReused {
		return attrs
	}
	if c.hasDNS {
		attrs = append(attrs, semconv.VoiceProviderDNSDuration(c.dns.Seconds()))
	}
	if c.hasDial {
		attrs = append(attrs, semconv.VoiceProviderConnectDuration(c.dial.Seconds()))
	}
	if c.hasTLS {
		attrs = append(attrs, semconv.VoiceProviderTLSDuration(c.handshake.Seconds()))
	}
	return attrs
}
