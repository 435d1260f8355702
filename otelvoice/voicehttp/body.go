// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// excerpt keeps the beginning of a body while it passes. It is safe for
// concurrent use: a handler may read the request's body and write the response
// in different goroutines, and go on after it has returned.
type excerpt struct {
	max int

	mu   sync.Mutex
	text []byte
	size int64
}

func (e *excerpt) add(p []byte) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.size += int64(len(p))
	if room := e.max - len(e.text); room > 0 {
		e.text = append(e.text, p[:min(len(p), room)]...)
	}
}

// countedBody counts what a handler reads of a request's body.
type countedBody struct {
	io.ReadCloser

	n atomic.Int64
}

// countRead has the body of a request counted, and returns nil if there is none.
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

// size returns how many bytes were read.
func (c *countedBody) size() int64 {
	if c == nil {
		return 0
	}
	return c.n.Load()
}

// show returns the text if the content type says that it is some, and says how
// much is not shown. Audio is no text, whatever it looks like.
func (e *excerpt) show(contentType string) (string, bool) {
	if e == nil || !isText(contentType) {
		return "", false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.text) == 0 {
		return "", false
	}
	return cleantext.Cut(e.text, e.size), true
}

// isText reports whether bodies of the type are read by people.
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

// excerptReader is a request's body whose beginning is kept.
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

// excerptWriter keeps the beginning of what is copied into a response.
type excerptWriter struct{ excerpt *excerpt }

func (w excerptWriter) Write(p []byte) (int, error) {
	w.excerpt.add(p)
	return len(p), nil
}
