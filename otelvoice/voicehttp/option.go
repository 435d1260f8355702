// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// A MiddlewareOption changes what [Middleware] does. Nil options are ignored.
type MiddlewareOption interface {
	applyMiddleware(middlewareConfig) middlewareConfig
}

type middlewareConfig struct {
	exact    map[string]bool
	prefixes []string
	public   func(*http.Request) bool // Nil is none.
	headers  []string
	bodies   int // The bytes of a body that are logged.
	// Which of the lines are left out.
	withoutRequest, withoutResponse bool
}

func newMiddlewareConfig(opts []MiddlewareOption) (c middlewareConfig) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyMiddleware(c)
		}
	}
	return c
}

// excluded reports whether the path is none of telemetry's business.
func (c middlewareConfig) excluded(path string) bool {
	if c.exact[path] {
		return true
	}
	for _, prefix := range c.prefixes {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// isPublic reports whether the request is a stranger's. What is one for a middleware is one
// for those inside.
func (c middlewareConfig) isPublic(r *http.Request) bool {
	if c.public != nil && c.public(r) {
		return true
	}
	outer := requestOf(r.Context())
	return outer != nil && outer.public
}

type middlewareOption func(middlewareConfig) middlewareConfig

func (f middlewareOption) applyMiddleware(c middlewareConfig) middlewareConfig { return f(c) }

// WithExcludedPaths serves the given paths without spans, lines and headers:
// health checks, /metrics. A path that ends in a slash excludes all below it.
func WithExcludedPaths(paths ...string) MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig {
		exact := make(map[string]bool, len(c.exact)+len(paths))
		for path := range c.exact {
			exact[path] = true
		}
		for _, path := range paths {
			exact[path] = true
			if strings.HasSuffix(path, "/") {
				c.prefixes = append(slices.Clip(c.prefixes), path)
			}
		}
		c.exact = exact
		return c
	})
}

// WithPublicEndpoint is for servers that strangers call. Their ids never become
// trace IDs: each request gets a trace of its own, which links to the caller's;
// a valid correlation ID is kept as voice.correlation.external_id, and baggage
// is passed over.
func WithPublicEndpoint() MiddlewareOption {
	return WithPublicEndpointFunc(func(*http.Request) bool { return true })
}

// WithPublicEndpointFunc is [WithPublicEndpoint] for the requests that fn picks.
// It is called once a request and must be safe for concurrent use.
func WithPublicEndpointFunc(fn func(*http.Request) bool) MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig {
		if fn != nil {
			c.public = fn
		}
		return c
	})
}

// WithLoggedHeaders adds the named request headers to the request's line. None
// is logged by default.
func WithLoggedHeaders(names ...string) MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig {
		c.headers = slices.Clip(c.headers)
		for _, name := range names {
			c.headers = append(c.headers, textproto.CanonicalMIMEHeaderKey(name))
		}
		return c
	})
}

// maxBodyBytes bounds what is logged of a body, whoever asks for more.
const maxBodyBytes = 32 << 10

// WithLoggedBodies adds the beginning of request and response bodies to the
// response's line, up to maxBytes of each (at most 32 KiB). None is logged by
// default: bodies are what people say. Only text is logged, going by its content
// type; audio never is. Secrets are taken out as everywhere. What the handler
// does not read of a request is not there.
func WithLoggedBodies(maxBytes int) MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig {
		c.bodies = min(max(maxBytes, 0), maxBodyBytes)
		return c
	})
}

// WithoutRequestLogs leaves out the lines for request and response. A panic in
// a handler is logged all the same.
func WithoutRequestLogs() MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig {
		c.withoutRequest, c.withoutResponse = true, true
		return c
	})
}

// WithoutRequestLine leaves out the line that is written when a request is received.
// The line of the response stays.
func WithoutRequestLine() MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig { c.withoutRequest = true; return c })
}

// WithoutResponseLine leaves out the line that is written when a request is answered,
// and with it the logged bodies. The line of the request stays, and a panic in a
// handler is logged all the same.
func WithoutResponseLine() MiddlewareOption {
	return middlewareOption(func(c middlewareConfig) middlewareConfig { c.withoutResponse = true; return c })
}

// A TransportOption changes what [Transport] does. Nil options are ignored.
type TransportOption interface {
	applyTransport(transportConfig) transportConfig
}

type transportConfig struct {
	hosts []string
	user  bool
}

func newTransportConfig(opts []TransportOption) (c transportConfig) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyTransport(c)
		}
	}
	return c
}

// trusts reports whether the host of a URL may be told whose call it is.
func (c transportConfig) trusts(u *url.URL) bool {
	if len(c.hosts) == 0 {
		return false
	}
	host := strings.ToLower(u.Hostname())
	for _, pattern := range c.hosts {
		if suffix, wild := strings.CutPrefix(pattern, "*"); pattern == host || wild && strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

type transportOption func(transportConfig) transportConfig

func (f transportOption) applyTransport(c transportConfig) transportConfig { return f(c) }

// WithTrustedHosts names the hosts that get baggage (the session's id, and what
// else the caller put there), tracestate, and a correlation ID that a caller chose.
// The default is none, because a speech or language vendor must not be handed who
// is on the line. A host is a name or an address, without a port; "*.example.com"
// stands for every name below example.com.
func WithTrustedHosts(hosts ...string) TransportOption {
	return transportOption(func(c transportConfig) transportConfig {
		c.hosts = slices.Clip(c.hosts)
		for _, host := range hosts {
			// A bare "*" or "*com" would trust more than anybody means.
			if strings.HasPrefix(host, "*") && (!strings.HasPrefix(host, "*.") || len(host) == len("*.")) {
				continue
			}
			c.hosts = append(c.hosts, strings.ToLower(host))
		}
		return c
	})
}

// WithUserID sends the user's id to the trusted hosts too.
func WithUserID() TransportOption {
	return transportOption(func(c transportConfig) transportConfig { c.user = true; return c })
}
