// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package responsewriter wraps an [http.ResponseWriter] and keeps its optional methods: those that
// httpsnoop knows, and those of gin.
package responsewriter

import (
	"io"
	"net/http"

	"github.com/felixge/httpsnoop"
)

// Hooks are those of httpsnoop, and one for gin.
type Hooks struct {
	httpsnoop.Hooks

	// WriteHeaderNow is called before WriteHeaderNow of gin's writer, which sends the header.
	WriteHeaderNow func()
}

// Wrap returns w with hooks. The result has the optional interfaces of w that [httpsnoop.Wrap] keeps. If w is gin's
// writer, or has one inside, so is the result: gin keeps the header until WriteHeaderNow, which coder/websocket calls
// before Hijack.
func Wrap(w http.ResponseWriter, hooks Hooks) http.ResponseWriter {
	wrapped := httpsnoop.Wrap(w, hooks.Hooks)
	only, isGins := w.(ginOnly)
	known, ok := wrapped.(ginKnown)
	if !isGins || !ok {
		return wrapped
	}
	return struct {
		ginKnown
		ginOnly
	}{known, &hooked{only, hooks.WriteHeaderNow}}
}

// ginOnly is what gin's writer implements and httpsnoop does not know.
type ginOnly interface {
	WriteHeaderNow()
	Status() int
	Size() int
	Written() bool
	Pusher() http.Pusher
}

// hooked calls the hook of WriteHeaderNow.
type hooked struct {
	ginOnly

	hook func()
}

// WriteHeaderNow sends the header.
func (h *hooked) WriteHeaderNow() {
	if h.hook != nil {
		h.hook()
	}
	h.ginOnly.WriteHeaderNow()
}

// ginKnown is what gin's writer implements and httpsnoop knows.
type ginKnown interface {
	http.ResponseWriter
	http.Hijacker
	http.Flusher
	http.CloseNotifier //nolint:staticcheck // gin's writer is one.
	io.StringWriter
	Unwrap() http.ResponseWriter
}
