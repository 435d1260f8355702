// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/voice-agents/telemetry/semconv"
)

// recorder notes the status and the size of a response as they pass, and the
// beginnings of the bodies if they are logged. It sees to it that the response
// names its request, and no other.
type recorder struct {
	response http.ResponseWriter
	request  *request
	begun    bool // The headers are given to net/http,
	flushed  bool // which has sent them.
	status   int
	written  int64
	hijacked bool
	upgrade  upgrade
	// Nil unless bodies are logged.
	body, requestBody *excerpt
}

// Unwrap is for [http.ResponseController], which may send the headers by what it finds.
func (r *recorder) Unwrap() http.ResponseWriter {
	if !r.begun && !r.hijacked {
		r.request.answer(r.response.Header())
	}
	return r.response
}

// Header returns the headers of the response. A reverse proxy that has taken over the
// connection adds the headers of the response that it got, asks for the headers once
// more, and writes them itself.
func (r *recorder) Header() http.Header { return r.header(r.response.Header) }

func (r *recorder) header(next func() http.Header) http.Header {
	h := next()
	if !r.begun && !r.request.isAnswered(h) {
		r.request.answer(h)
	}
	return h
}

// begin is called before the headers go out.
func (r *recorder) begin() {
	if !r.begun && !r.hijacked {
		r.begun = true
		r.request.answer(r.response.Header())
	}
}

// flush is called before what was written is sent.
func (r *recorder) flush() {
	r.begin()
	r.flushed = true
}

// end is called when the handler has returned. Of a response without a byte the headers go out
// then, and trailers always.
func (r *recorder) end() {
	if r.hijacked {
		return
	}
	r.begin()
	withoutTrailers(r.response.Header())
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	// Of an announcement, too: a reverse proxy adds those of the server behind it.
	if status < http.StatusOK && status != http.StatusSwitchingProtocols {
		if !r.begun && !r.hijacked {
			r.request.answer(r.response.Header())
		}
	} else {
		r.begin()
	}
	// 1xx are announcements; the answer comes after, save 101.
	if r.status == 0 && !r.hijacked && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.response.WriteHeader(status)
}

// Write counts.
func (r *recorder) Write(p []byte) (int, error) {
	r.begin()
	n, err := r.response.Write(p)
	r.written += int64(n)
	r.body.add(p[:max(n, 0)])
	return n, err
}

func (r *recorder) writeString(next func(string) (int, error), s string) (int, error) {
	r.begin()
	n, err := next(s)
	r.written += int64(n)
	if r.body != nil {
		r.body.add([]byte(s[:max(n, 0)]))
	}
	return n, err
}

func (r *recorder) readFrom(next func(io.Reader) (int64, error), src io.Reader) (int64, error) {
	r.begin()
	if r.body != nil {
		src = io.TeeReader(src, excerptWriter{r.body})
	}
	n, err := next(src)
	r.written += n
	return n, err
}

func (r *recorder) hijack(next func() (net.Conn, *bufio.ReadWriter, error)) (net.Conn, *bufio.ReadWriter, error) {
	if !r.begun {
		r.request.answer(r.response.Header())
	}
	conn, rw, err := next()
	if err == nil {
		r.hijacked = true
		r.upgrade.watch(rw)
	}
	return conn, rw, err
}

// unsent is how much of a response net/http's servers keep until the handler has returned,
// or flushes. What they keep when it panics the client never sees.
const unsent = 2 << 10

// isSent reports whether the client has seen a status, even if the handler panics.
func (r *recorder) isSent() bool { return r.flushed || r.hijacked || r.written > unsent }

// statusCode returns what the client saw: with nothing written net/http answers 200. Of
// a connection that was taken over it is what was written there, as far as that passed
// the recorder, else 101 for one whose client asked for another protocol, else 0.
func (r *recorder) statusCode() int {
	switch {
	case r.status != 0:
		return r.status
	case !r.hijacked:
		return http.StatusOK
	}
	if status := r.upgrade.status(); status != 0 {
		return status
	}
	if r.request.upgrade {
		return http.StatusSwitchingProtocols
	}
	return 0
}

// bodyAttrs returns what is logged of the bodies.
func (r *recorder) bodyAttrs(request http.Header) (attrs []slog.Attr) {
	if r.body == nil {
		return nil
	}
	const contentType = "Content-Type"
	if body, ok := r.requestBody.show(first(request, contentType)); ok {
		attrs = append(attrs, text(semconv.VoiceHTTPRequestBodyKey, body))
	}
	if body, ok := r.body.show(first(r.Header(), contentType)); ok {
		attrs = append(attrs, text(semconv.VoiceHTTPResponseBodyKey, body))
	}
	return attrs
}
