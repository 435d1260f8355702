// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"crypto/tls"
	"io"
	"net"
	"syscall"
	"time"
)

// Wrap returns a connection whose bytes are reported to the observer. started is when the dial
// began. A nil observer returns c.
//
// The result has the methods ReadFrom, WriteTo, SyscallConn, CloseWrite, CloseRead and
// ConnectionState if c has them. ReadFrom and WriteTo copy through memory, so that the tap sees the
// bytes, until the tap is off. NetConn returns c.
func Wrap(c net.Conn, side Side, started time.Time, observer *Observer) net.Conn {
	if observer == nil {
		return c
	}
	return wrap(c, newTap(observer, side, started))
}

// A conn is a connection with a tap.
type conn struct {
	net.Conn
	tap *tap
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tap.result(&c.tap.read, p, n, err)
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	isRead := c.tap.asks(p)
	n, err := c.Conn.Write(p)
	if isRead {
		c.tap.failed(err)
	} else {
		c.tap.result(&c.tap.written, p, n, err)
	}
	return n, err
}

func (c *conn) Close() error {
	c.tap.life.close()
	err := c.Conn.Close()
	c.tap.end(nil)
	return err
}

// NetConn returns the connection below the tap.
func (c *conn) NetConn() net.Conn { return c.Conn }

// A copier has the methods that copy whole streams.
type copier struct{ to *conn }

func (c copier) ReadFrom(r io.Reader) (int64, error) {
	if from, ok := c.to.Conn.(io.ReaderFrom); ok && c.to.tap.isOff() {
		return from.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.to}, r)
}

func (c copier) WriteTo(w io.Writer) (int64, error) {
	if to, ok := c.to.Conn.(io.WriterTo); ok && c.to.tap.isOff() {
		return to.WriteTo(w)
	}
	return io.Copy(w, struct{ io.Reader }{c.to})
}

// These interfaces are optional for connections.
type (
	writeCloser interface{ CloseWrite() error }
	// A halfCloser is a *net.TCPConn or a *net.UnixConn.
	halfCloser interface {
		writeCloser
		CloseRead() error
	}
	// An encrypted is a *tls.Conn.
	encrypted interface {
		writeCloser
		ConnectionState() tls.ConnectionState
	}
)

// wrap returns a connection with a tap that has the optional methods of c. The cases are those of
// the connections of package net and crypto/tls, and those that others made from them.
func wrap(c net.Conn, t *tap) net.Conn {
	base := &conn{Conn: c, tap: t}
	if secure, ok := c.(encrypted); ok {
		return struct {
			*conn
			encrypted
		}{base, secure}
	}
	_, isReader := c.(io.ReaderFrom)
	_, isWriter := c.(io.WriterTo)
	raw, isRaw := c.(syscall.Conn)
	half, isHalf := c.(halfCloser)
	write, isWrite := c.(writeCloser)
	copies := copier{base}
	switch hasCopy := isReader || isWriter; {
	case hasCopy && isRaw && isHalf: // A *net.TCPConn.
		return struct {
			*conn
			copier
			syscall.Conn
			halfCloser
		}{base, copies, raw, half}
	case isRaw && isHalf: // A *net.UnixConn.
		return struct {
			*conn
			syscall.Conn
			halfCloser
		}{base, raw, half}
	case hasCopy && isRaw && isWrite:
		return struct {
			*conn
			copier
			syscall.Conn
			writeCloser
		}{base, copies, raw, write}
	case hasCopy && isRaw:
		return struct {
			*conn
			copier
			syscall.Conn
		}{base, copies, raw}
	case hasCopy && isWrite:
		return struct {
			*conn
			copier
			writeCloser
		}{base, copies, write}
	case isRaw && isWrite:
		return struct {
			*conn
			syscall.Conn
			writeCloser
		}{base, raw, write}
	case hasCopy:
		return struct {
			*conn
			copier
		}{base, copies}
	case isRaw:
		return struct {
			*conn
			syscall.Conn
		}{base, raw}
	case isWrite:
		return struct {
			*conn
			writeCloser
		}{base, write}
	}
	return base
}
