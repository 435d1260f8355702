// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// dialer connects to a server.
type dialer struct {
	networks  []string // Tried one after the other.
	addresses []string
	tls       *tls.Config // Nil unless the address is a tls one.
	timeout   time.Duration
}

// localSockets are the local syslog sockets of Linux, macOS and BSD.
var localSockets = [...]string{"/dev/log", "/var/run/syslog", "/var/run/log"}

func newDialer(opts Options) (dialer, error) {
	d := dialer{timeout: opts.Timeout}
	if opts.Address == "" {
		for _, path := range localSockets {
			d.add(path, "unixgram", "unix")
		}
		return d, nil
	}
	u, err := url.Parse(opts.Address)
	if err == nil {
		switch u.Scheme {
		case "udp":
			d.add(hostPort(u, "514"), "udp")
		case "tcp":
			d.add(hostPort(u, "601"), "tcp")
		case "tls":
			d.add(hostPort(u, "6514"), "tcp")
			d.tls = opts.TLS.Clone()
			if d.tls == nil {
				d.tls = &tls.Config{MinVersion: tls.VersionTLS12}
			}
			if d.tls.ServerName == "" {
				d.tls.ServerName = u.Hostname()
			}
		case "unix":
			d.add(u.Path, "unixgram", "unix")
		}
		if len(d.networks) > 0 && d.addresses[0] != "" && (u.Scheme == "unix" || u.Hostname() != "") {
			return d, nil
		}
	}
	return d, fmt.Errorf("syslog: address %q: want udp://host:514, tcp://host:601, tls://host:6514 or unix:///dev/log", opts.Address)
}

func (d *dialer) add(address string, networks ...string) {
	for _, network := range networks {
		d.networks, d.addresses = append(d.networks, network), append(d.addresses, address)
	}
}

func hostPort(u *url.URL, port string) string {
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// maxMessage returns the default limit of a message.
func (d dialer) maxMessage() int {
	if d.networks[0] == "udp" {
		return 8 << 10
	}
	return 64 << 10
}

// connect opens a connection to the first address that answers.
func (d dialer) connect(ctx context.Context) (conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	var errs []error
	for i, network := range d.networks {
		c, err := (&net.Dialer{}).DialContext(ctx, network, d.addresses[i])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		result := conn{Conn: c, socket: c, framing: framings[network], gone: make(chan struct{})}
		if d.tls != nil {
			secure := tls.Client(c, d.tls)
			if err := secure.HandshakeContext(ctx); err != nil {
				return conn{}, errors.Join(err, c.Close())
			}
			result.Conn = secure
		}
		if result.framing != datagram {
			go result.watch()
		} else {
			close(result.gone)
		}
		return result, nil
	}
	return conn{}, errors.Join(errs...)
}

// framings are the framings by network.
var framings = map[string]framing{"udp": datagram, "unixgram": datagram, "tcp": counted, "unix": ended}

// conn is a connection to a server.
type conn struct {
	net.Conn

	socket  net.Conn // The connection below TLS.
	framing framing
	broken  bool          // The last write failed.
	gone    chan struct{} // Closed when the server has hung up; for datagrams, closed at once.
}

// watch reads until the server hangs up. The first write to a dead connection succeeds, and its
// message is lost.
func (c conn) watch() {
	defer close(c.gone)
	buf := make([]byte, 64)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

func (c *conn) alive() bool {
	if c.Conn == nil {
		return false
	}
	if c.framing == datagram {
		return true
	}
	select {
	case <-c.gone:
		return false
	default:
		return !hungUp(c.socket)
	}
}

func (c *conn) write(ctx context.Context, message []byte, timeout time.Duration) error {
	out := message
	if c.framing != datagram {
		out = c.framing.appendFrame(make([]byte, 0, len(message)+8), message)
	}
	if err := c.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	// Shutdown must not wait for a server that does not read.
	current := c.Conn // The function may run after c was closed and connected again.
	stop := context.AfterFunc(ctx, func() { _ = current.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	_, err := c.Write(out)
	c.broken = err != nil
	return err
}

// hopeless reports whether the error is due to the message, and not to the connection.
func (c *conn) hopeless(err error) bool { return c.framing == datagram && isTooLong(err) }

// close closes the connection and waits for watch. TLS sends a close_notify alert first, for which
// crypto/tls waits up to 5 s if the server does not read. close skips the alert after a failed write and
// when ctx is done.
func (c *conn) close(ctx context.Context) {
	if c.Conn == nil {
		return
	}
	socket := c.socket // As in write.
	hangUp := func() { _ = socket.Close() }
	if c.broken {
		hangUp()
	}
	stop := context.AfterFunc(ctx, hangUp)
	defer stop()
	_ = c.Close() // The connection is not used any more.
	<-c.gone
	c.Conn = nil
}

func isTooLong(err error) bool {
	var call *os.SyscallError
	return errors.As(err, &call) && call.Err.Error() == "message too long"
}
