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
	isHTTP2  bool
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
	r.imply()
	r.flushed = true
}

// imply notes the status of a response that goes out without one: a status that the handler
// names later is one too many, and the client never sees it.
func (r *recorder) imply() {
	if r.status == 0 && !r.hijacked {
		r.status = http.StatusOK
	}
}

// isAnswer reports whether a status is that of the answer. The others of 1xx are announcements,
// as all are in HTTP/2, which has no upgrades.
func (r *recorder) isAnswer(status int) bool {
	return status >= http.StatusOK || status == http.StatusSwitchingProtocols && !r.isHTTP2
}

// end is called when the handler has returned. Of a response without a byte the headers go out
// then, and trailers always.
func (r *recorder) end() {
	if r.hijacked {
		return
	}
	r.begin()
	r.request.withoutTrailers(r.response.Header())
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	// Of an announcement, too: a reverse proxy adds those of the server behind it.
	if !r.isAnswer(status) {
		if !r.begun && !r.hijacked {
			r.request.answer(r.response.Header())
		}
	} else {
		r.begin()
	}
	if r.status == 0 && !r.hijacked && r.isAnswer(status) {
		r.status = status
	}
	r.response.WriteHeader(status)
}

// Write counts.
func (r *recorder) Write(p []byte) (int, error) {
	r.begin()
	r.imply()
	n, err := r.response.Write(p)
	if err == http.ErrHandlerTimeout { //nolint:errorlint // As [http.TimeoutHandler] returns it.
		r.status = http.StatusServiceUnavailable // Which it has answered.
	}
	r.written += int64(n)
	r.body.add(p[:max(n, 0)])
	return n, err
}

func (r *recorder) writeString(next func(string) (int, error), s string) (int, error) {
	r.begin()
	r.imply()
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
	if n > 0 { // What has nothing to read sends nothing.
		r.imply()
	}
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

// How much of a response net/http's servers keep until the handler has returned, or flushes.
// What they keep when it panics the client never sees.
const (
	unsent      = 2 << 10
	unsentHTTP2 = 4 << 10
)

// isSent reports whether the client has seen a status, even if the handler panics.
func (r *recorder) isSent() bool {
	limit := int64(unsent)
	if r.isHTTP2 {
		limit = unsentHTTP2
	}
	return r.flushed || r.hijacked || r.written > limit
}

// size returns how much was sent. What a handler writes in answer to HEAD is not.
func (r *recorder) size() int64 {
	if r.request.method.name == http.MethodHead && !r.hijacked {
		return 0
	}
	return r.written
}

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
