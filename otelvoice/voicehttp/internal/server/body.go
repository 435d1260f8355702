// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// excerpt keeps the first bytes of a body that is read or written. It is safe for
// concurrent use: a handler may read the request's body and write the response in
// different goroutines, which may outlive the handler.
type excerpt struct {
	max int // In bytes.

	mu   sync.Mutex
	kept []byte
	size int64 // The size of the whole body so far.
}

// add appends what fits. A nil excerpt keeps nothing.
func (e *excerpt) add(p []byte) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.size += int64(len(p))
	if free := e.max - len(e.kept); free > 0 {
		e.kept = append(e.kept, p[:min(len(p), free)]...)
	}
}

// countedBody counts the bytes that a handler reads from a request's body.
type countedBody struct {
	io.ReadCloser

	n atomic.Int64
}

// countRead replaces the body of a request with one that counts the bytes read. It returns nil
// if there is no body.
func countRead(r *http.Request) *countedBody {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	c := &countedBody{ReadCloser: r.Body}
	r.Body = c
	return c
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// size returns the number of bytes read.
func (c *countedBody) size() int64 {
	if c == nil {
		return 0
	}
	return c.n.Load()
}

// text returns the excerpt if the content type is a text format, with a note of how many
// bytes are missing. Audio is never returned.
func (e *excerpt) text(contentType string) (string, bool) {
	if e == nil || !isText(contentType) {
		return "", false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.kept) == 0 {
		return "", false
	}
	return cleantext.Cut(e.kept, e.size), true
}

// isText reports whether a content type is a text format.
func isText(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch media {
	case "application/json", "application/x-ndjson", "application/xml", "application/sdp", "application/x-www-form-urlencoded":
		return true
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}

// excerptReader is a request's body that is copied to an excerpt as it is read.
type excerptReader struct {
	io.ReadCloser

	excerpt *excerpt
}

func (r excerptReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if 0 < n && n <= len(p) {
		r.excerpt.add(p[:n])
	}
	return n, err
}

// excerptWriter copies writes to an excerpt.
type excerptWriter struct{ excerpt *excerpt }

func (w excerptWriter) Write(p []byte) (int, error) {
	w.excerpt.add(p)
	return len(p), nil
}
