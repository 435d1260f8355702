// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/felixge/httpsnoop"

	"github.com/voice-agents/telemetry/internal/responsewriter"
	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// WrapWriter returns a writer whose Hijack returns a connection with a tap. open is called when the
// connection was hijacked, and returns its observer, or nil for no tap. The writer has the optional
// methods of w. If the request asks for no WebSocket, WrapWriter returns w.
func WrapWriter(w http.ResponseWriter, r *http.Request, open func(*http.Request) *Observer) http.ResponseWriter {
	if !websocket.IsUpgrade(r) {
		return w
	}
	return (&upgrade{request: r, open: open}).wrap(w)
}

// An upgrade is a request for a WebSocket.
type upgrade struct {
	request *http.Request
	open    func(*http.Request) *Observer
	// switched is the response if the handler wrote it before Hijack, as coder/websocket does.
	switched *http.Response
}

// An unwrapper is a writer of a middleware that has the optional methods of the writer below by
// [http.ResponseController].
type unwrapper interface{ Unwrap() http.ResponseWriter }

func (u *upgrade) wrap(w http.ResponseWriter) http.ResponseWriter {
	wrapped := responsewriter.Wrap(w, responsewriter.Hooks{Hooks: httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(status int) {
				if status == http.StatusSwitchingProtocols && u.switched == nil {
					u.switched = &http.Response{
						Status: "101 Switching Protocols", StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1,
						ProtoMinor: 1, Header: w.Header().Clone(), Body: http.NoBody, Request: u.request,
					}
				}
				next(status)
			}
		},
		Hijack: func(next httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) { return u.hijack(next) }
		},
	}})
	below, canUnwrap := w.(unwrapper)
	if _, ok := w.(http.Hijacker); ok || !canUnwrap {
		return wrapped
	}
	// Hijack of a writer below is reached by Unwrap.
	inner := &unwrapping{ResponseWriter: wrapped, below: u.wrap(below.Unwrap())}
	if flusher, ok := wrapped.(http.Flusher); ok {
		return struct {
			*unwrapping
			http.Flusher
		}{inner, flusher}
	}
	return inner
}

// An unwrapping is a writer without Hijack above one that may have it.
type unwrapping struct {
	http.ResponseWriter
	below http.ResponseWriter
}

func (u *unwrapping) Unwrap() http.ResponseWriter { return u.below }

// hijack returns the connection with a tap.
func (u *upgrade) hijack(next httpsnoop.HijackFunc) (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := next()
	if err != nil {
		return c, rw, err
	}
	t := u.tap()
	if t == nil {
		return c, rw, nil
	}
	tapped := wrap(c, t)
	return tapped, &bufio.ReadWriter{Reader: reader(rw.Reader, t), Writer: writer(rw.Writer, tapped, t)}, nil
}

// tap returns the tap of the connection, or nil. A panic of open is recovered.
func (u *upgrade) tap() (t *tap) {
	defer func() {
		if recover() != nil {
			t = nil
		}
	}()
	observer := u.open(u.request)
	if observer == nil {
		return nil
	}
	t = newTap(observer, Accepted, time.Now())
	t.known(u.request, u.switched)
	return t
}

// reader returns a reader through the tap. It has the same bytes in its buffer as the reader that
// it reads from, because gorilla/websocket refuses a connection with bytes before the handshake.
func reader(from *bufio.Reader, t *tap) *bufio.Reader {
	n := from.Buffered()
	r := bufio.NewReaderSize(tapReader{from, t}, max(from.Size(), n))
	if n > 0 {
		_, _ = r.Peek(n) // The bytes are there, so that it neither blocks nor fails.
	}
	return r
}

// A tapReader reads from the hijacked reader.
type tapReader struct {
	from *bufio.Reader
	tap  *tap
}

func (r tapReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.tap.result(&r.tap.read, p, n, err)
	return n, err
}

// writer returns a writer through the tap. Bytes that the hijacked writer holds go first.
func writer(to *bufio.Writer, c net.Conn, t *tap) *bufio.Writer {
	var w io.Writer = c
	if to.Buffered() > 0 {
		w = tapWriter{to, t}
	}
	return bufio.NewWriterSize(w, to.Size())
}

// A tapWriter writes to the hijacked writer.
type tapWriter struct {
	to  *bufio.Writer
	tap *tap
}

func (w tapWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err == nil {
		err = w.to.Flush()
	}
	w.tap.result(&w.tap.written, p, n, err)
	return n, err
}
