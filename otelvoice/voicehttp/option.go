// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/client"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/server"
)

// A MiddlewareOption configures [Middleware]. Nil options are ignored.
type MiddlewareOption interface {
	applyMiddleware(server.Config) server.Config
}

func newServerConfig(opts []MiddlewareOption) (c server.Config) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyMiddleware(c)
		}
	}
	return c
}

type middlewareOption func(server.Config) server.Config

func (f middlewareOption) applyMiddleware(c server.Config) server.Config { return f(c) }

// WithExcludedPaths serves the given paths without spans, log lines and headers, for example
// health checks and /metrics. A path that ends in a slash excludes all paths below it.
func WithExcludedPaths(paths ...string) MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config {
		exact := make(map[string]bool, len(c.ExactPaths)+len(paths))
		maps.Copy(exact, c.ExactPaths)
		for _, path := range paths {
			exact[path] = true
			if strings.HasSuffix(path, "/") {
				c.PathPrefixes = append(slices.Clip(c.PathPrefixes), path)
			}
		}
		c.ExactPaths = exact
		return c
	})
}

// WithPublicEndpoint is for servers with untrusted callers. Their IDs never become trace IDs:
// each request starts a new trace, with a link to the caller's. A valid correlation ID is
// recorded as voice.correlation.external_id, and baggage is ignored.
func WithPublicEndpoint() MiddlewareOption {
	return WithPublicEndpointFunc(func(*http.Request) bool { return true })
}

// WithPublicEndpointFunc is [WithPublicEndpoint] for the requests for which fn returns true.
// It is called once for each request and must be safe for concurrent use.
func WithPublicEndpointFunc(fn func(*http.Request) bool) MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config {
		if fn != nil {
			c.Public = fn
		}
		return c
	})
}

// WithLoggedHeaders adds the named request headers to the log line of the request. By
// default no headers are logged.
func WithLoggedHeaders(names ...string) MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config {
		c.Headers = slices.Clip(c.Headers)
		for _, name := range names {
			c.Headers = append(c.Headers, textproto.CanonicalMIMEHeaderKey(name))
		}
		return c
	})
}

// maxBodyBytes bounds how much of a body can be logged.
const maxBodyBytes = 32 << 10

// WithLoggedBodies adds the first maxBytes of the request's and the response's body to the
// log line of the response, at most 32 KiB of each. By default no bodies are logged, because
// they contain what people say. Only text formats are logged, by the content type; audio
// never is. Secrets are redacted as in all log lines. Parts of the request's body that the
// handler does not read are not logged.
func WithLoggedBodies(maxBytes int) MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config {
		c.Bodies = min(max(maxBytes, 0), maxBodyBytes)
		return c
	})
}

// WithoutRequestLogs leaves out the log lines for request and response. A panic in a handler
// is still logged.
func WithoutRequestLogs() MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config {
		c.WithoutRequest, c.WithoutResponse = true, true
		return c
	})
}

// WithoutRequestLine leaves out the log line for a received request. The line for the
// response stays.
func WithoutRequestLine() MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config { c.WithoutRequest = true; return c })
}

// WithoutResponseLine leaves out the log line for a response, and the logged bodies with it.
// The line for the request stays, and a panic in a handler is still logged.
func WithoutResponseLine() MiddlewareOption {
	return middlewareOption(func(c server.Config) server.Config { c.WithoutResponse = true; return c })
}

// A TransportOption configures [Transport]. Nil options are ignored.
type TransportOption interface {
	applyTransport(client.Config) client.Config
}

// newClientConfig returns a configuration with more options.
func newClientConfig(c client.Config, opts []TransportOption) client.Config {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyTransport(c)
		}
	}
	return c
}

type transportOption func(client.Config) client.Config

func (f transportOption) applyTransport(c client.Config) client.Config { return f(c) }

// WithTrustedHosts names the hosts that get baggage (the session ID, and other members that
// the caller sent), tracestate, and a correlation ID that a caller chose. By default no host
// is trusted, because speech and language vendors must not learn who is calling. A host is a
// name or an address without a port; "*.example.com" matches all names below example.com.
func WithTrustedHosts(hosts ...string) TransportOption {
	return transportOption(func(c client.Config) client.Config {
		c.TrustedHosts = slices.Clip(c.TrustedHosts)
		for _, host := range hosts {
			// Ignore "*" and "*com", which would trust more hosts than intended.
			if strings.HasPrefix(host, "*") && (!strings.HasPrefix(host, "*.") || len(host) == len("*.")) {
				continue
			}
			c.TrustedHosts = append(c.TrustedHosts, strings.ToLower(host))
		}
		return c
	})
}

// WithUserID also sends the user ID to trusted hosts.
func WithUserID() TransportOption {
	return transportOption(func(c client.Config) client.Config { c.UserID = true; return c })
}

// WithVendor names the provider whose protocol a host speaks, for a proxy or a server of one's own
// that the transport does not recognise: WithVendor("llm.internal:8000", "openai"). A host may have
// a port; an entry with the port goes before one without. The names are values of
// gen_ai.provider.name, such as "openai", "anthropic" and "deepgram", names of servers ("vllm",
// "ollama", "litellm", "lmstudio"), and "none" for a host whose requests are never stages. An
// unknown name is ignored, and reported to OpenTelemetry's error handler.
func WithVendor(host, provider string) TransportOption {
	return transportOption(func(c client.Config) client.Config {
		vendor, ok := vendors.Named(strings.ToLower(provider))
		if !ok {
			message.Handle(fmt.Errorf("voicehttp: WithVendor(%q, %q): the provider is unknown", host, provider))
			return c
		}
		hosts := maps.Clone(c.Vendors)
		if hosts == nil {
			hosts = make(vendors.Hosts)
		}
		hosts[strings.ToLower(host)] = vendor
		c.Vendors = hosts
		return c
	})
}

// WithoutStages makes no stages of requests to providers. Their client spans stay.
func WithoutStages() TransportOption {
	return transportOption(func(c client.Config) client.Config { c.WithoutStages = true; return c })
}
