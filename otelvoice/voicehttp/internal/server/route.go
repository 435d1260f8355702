// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// maxRoute bounds a route, in bytes.
const maxRoute = 256

// SetRoute sets the route of the request that a context belongs to, and of the requests
// around it. A text without a slash is ignored.
func SetRoute(ctx context.Context, route string) {
	if route = pathOf(route); route == "" {
		return
	}
	route = strings.Clone(cleantext.Head(route, maxRoute))
	for r := requestOf(ctx); r != nil; r = requestOf(r.Context) { //nolint:contextcheck // The enclosing context.
		r.setRoute(route)
	}
}

// pathOf returns the part of a pattern from its first slash on, or "".
func pathOf(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}

// setRoute sets the route that SetRoute gave.
func (r *request) setRoute(route string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.named = route
}

// setPattern sets the pattern of a ServeMux. The pattern of an inner mux replaces that of an
// outer one.
func (r *request) setPattern(pattern string) {
	if pattern == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pattern = pattern
}

// route returns the route, or "".
func (r *request) route() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.named != "" {
		return r.named
	}
	return pathOf(r.pattern)
}

// name returns the name of the span: the method and, if it is known, the route.
func (r *request) name() string {
	name, route := r.method.SpanName(), r.route()
	if route == "" {
		return name
	}
	// Return the pattern itself if it is the name, which saves an allocation.
	if rest, ok := strings.CutPrefix(r.pattern, name+" "); ok && rest == route {
		return r.pattern
	}
	return name + " " + route
}
