// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// recorder records the status and the size of a response as it is written, and excerpts of
// the bodies if they are logged. It makes sure that the response has the headers of its
// request and no others.
type recorder struct {
	response http.ResponseWriter
	request  *request
	isHTTP2  bool
	begun    bool // The headers were passed to net/http.
	flushed  bool // net/http sent the headers.
	status   int
	written  int64
	hijacked bool
	upgrade  upgrade
	// Nil unless bodies are logged.
	body, requestBody *excerpt
}

// Unwrap is for [http.ResponseController], which may send the headers through the response.
func (r *recorder) Unwrap() http.ResponseWriter {
	if !r.begun && !r.hijacked {
		r.request.setHeaders(r.response.Header())
	}
	return r.response
}

// Header returns the headers of the response. A reverse proxy that hijacked the connection
// adds the upstream response's headers, calls Header again, and writes them itself.
func (r *recorder) Header() http.Header { return r.header(r.response.Header) }

func (r *recorder) header(next func() http.Header) http.Header {
	h := next()
	if !r.begun && !r.request.hasHeaders(h) {
		r.request.setHeaders(h)
	}
	return h
}

// begin is called before the headers are sent.
func (r *recorder) begin() {
	if !r.begun && !r.hijacked {
		r.begun = true
		r.request.setHeaders(r.response.Header())
	}
}

// flush is called before the response is flushed.
func (r *recorder) flush() {
	r.begin()
	r.imply()
	r.flushed = true
}

// imply records the status of a response that the handler gave none. The client never sees a
// status that the handler sets later.
func (r *recorder) imply() {
	if r.status == 0 && !r.hijacked {
		r.status = r.implied()
	}
}

// implied returns the status that is sent if the handler gives none: 200, or that of gin's
// writer, which may have another.
func (r *recorder) implied() int {
	if w, ok := r.response.(interface{ Status() int }); ok && r.isAnswer(w.Status()) {
		return w.Status()
	}
	return http.StatusOK
}

// isAnswer reports whether a status is final. 1xx statuses are informational, except for 101
// in HTTP/1; HTTP/2 has no upgrades.
func (r *recorder) isAnswer(status int) bool {
	return status >= http.StatusOK || status == http.StatusSwitchingProtocols && !r.isHTTP2
}

// end is called when the handler has returned. net/http then sends the trailers, and the
// headers if nothing was written.
func (r *recorder) end() {
	if r.hijacked {
		return
	}
	r.begin()
	r.request.removeTrailers(r.response.Header())
}

// WriteHeader records the status.
func (r *recorder) WriteHeader(status int) {
	// Informational responses get the headers, too: a reverse proxy adds the upstream's.
	if !r.isAnswer(status) {
		if !r.begun && !r.hijacked {
			r.request.setHeaders(r.response.Header())
		}
	} else {
		r.begin()
	}
	if r.status == 0 && !r.hijacked && r.isAnswer(status) {
		r.status = status
	}
	r.response.WriteHeader(status)
}

// Write records the bytes written.
func (r *recorder) Write(p []byte) (int, error) {
	r.begin()
	r.imply()
	n, err := r.response.Write(p)
	if err == http.ErrHandlerTimeout { //nolint:errorlint // [http.TimeoutHandler] returns the value itself.
		r.status = http.StatusServiceUnavailable // The handler has sent it.
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
	if n > 0 { // Nothing is sent if there was nothing to read.
		r.imply()
	}
	r.written += n
	return n, err
}

func (r *recorder) hijack(next func() (net.Conn, *bufio.ReadWriter, error)) (net.Conn, *bufio.ReadWriter, error) {
	if !r.begun {
		r.request.setHeaders(r.response.Header())
	}
	conn, rw, err := next()
	if err == nil {
		r.hijacked = true
		r.upgrade.watch(rw)
	}
	return conn, rw, err
}

// How many bytes of a response net/http's servers buffer until the handler returns or
// flushes. If the handler panics, the client never sees these bytes.
const (
	bufferHTTP1 = 2 << 10
	bufferHTTP2 = 4 << 10
)

// isSent reports whether a status was sent even if the handler panics.
func (r *recorder) isSent() bool {
	limit := int64(bufferHTTP1)
	if r.isHTTP2 {
		limit = bufferHTTP2
	}
	return r.flushed || r.hijacked || r.written > limit
}

// size returns how many bytes were sent. The body of a response to HEAD is not sent.
func (r *recorder) size() int64 {
	if r.request.method.Name == http.MethodHead && !r.hijacked {
		return 0
	}
	return r.written
}

// statusCode returns the status that the client saw. Without one, net/http sends 200. For a
// hijacked connection it is the status written to the connection's buffer, if any; else 101
// if the client asked for another protocol, else 0.
func (r *recorder) statusCode() int {
	switch {
	case r.status != 0:
		return r.status
	case !r.hijacked:
		return r.implied()
	}
	if status := r.upgrade.status(); status != 0 {
		return status
	}
	if r.request.upgrade {
		return http.StatusSwitchingProtocols
	}
	return 0
}

// bodyAttrs returns the attributes of logged bodies.
func (r *recorder) bodyAttrs(request http.Header) (attrs []slog.Attr) {
	if r.body == nil {
		return nil
	}
	const contentType = "Content-Type"
	if body, ok := r.requestBody.text(message.First(request, contentType)); ok {
		attrs = append(attrs, text(semconv.VoiceHTTPRequestBodyKey, body))
	}
	if body, ok := r.body.text(message.First(r.Header(), contentType)); ok {
		attrs = append(attrs, text(semconv.VoiceHTTPResponseBodyKey, body))
	}
	return attrs
}
