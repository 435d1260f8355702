// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"context"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// maxRoute bounds a route, in bytes.
const maxRoute = 256

// SetRoute names the route of the request that a context belongs to: its span becomes
// "GET /calls/{id}", and span, metrics and line have it as http.route. It is for routers
// other than [net/http.ServeMux], and for a ServeMux behind a handler that copies the
// request, whose pattern the middleware cannot see.
//
// A route is a pattern with its placeholders, never a path: paths hold ids. A method and
// a host before its first slash, as [net/http.Request.Pattern] has them, are left out. A
// text without a slash is no route and changes nothing, as nothing does after the request.
// The last call counts.
func SetRoute(ctx context.Context, route string) {
	if route = pathOf(route); route == "" {
		return
	}
	route = strings.Clone(cleantext.Head(route, maxRoute))
	for r := requestOf(ctx); r != nil; r = requestOf(r.Context) {
		r.setRoute(route)
	}
}

// pathOf returns the path of a pattern, or "".
func pathOf(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}

// setRoute keeps a route that a router named.
func (r *request) setRoute(route string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.named = route
}

// setPattern keeps the pattern of a mux. That of one inside replaces that of one outside.
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

// name returns the name of the span: the method and the route, if that is known.
func (r *request) name() string {
	name, route := r.method.spanName(), r.route()
	if route == "" {
		return name
	}
	// The pattern itself mostly is the name.
	if rest, ok := strings.CutPrefix(r.pattern, name+" "); ok && rest == route {
		return r.pattern
	}
	return name + " " + route
}
