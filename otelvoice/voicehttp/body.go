// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"io"
	"mime"
	"strings"
	"sync"

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
