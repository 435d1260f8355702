// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package endpoint parses OTLP endpoints: http and https URLs, and Unix sockets.
//
// The forms of a socket are those of gRPC:
//
//	unix:///run/otel.sock   an absolute path; unix:/run/otel.sock is the same
//	unix:run/otel.sock      a path relative to the working directory
//	unix:@name              an abstract socket (Linux); unix-abstract:name is the same
//
// Paths and names may be percent-encoded. A socket is used without TLS.
package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
)

// Endpoint is the address of a collector.
type Endpoint struct {
	// URL is the http or https URL. For a socket it is http://localhost without a path.
	URL *url.URL
	// Socket is the address of a Unix socket, "" for TCP. That of an abstract one begins with @.
	Socket string
}

const (
	unixScheme     = "unix:"
	abstractScheme = "unix-abstract:"
	// maxSocket is the longest path that all systems accept: Linux accepts 107 bytes, macOS 103.
	maxSocket = 103
)

// IsSocket reports whether an endpoint has the scheme of a Unix socket.
func IsSocket(raw string) bool { return hasScheme(raw, unixScheme) || hasScheme(raw, abstractScheme) }

func hasScheme(raw, scheme string) bool {
	return len(raw) >= len(scheme) && strings.EqualFold(raw[:len(scheme)], scheme)
}

// Parse parses an endpoint. Errors do not include it, because it may hold a secret.
func Parse(raw string) (Endpoint, error) {
	if IsSocket(raw) {
		socket, err := parseSocket(raw)
		if err != nil {
			return Endpoint{}, err
		}
		return Endpoint{URL: &url.URL{Scheme: "http", Host: "localhost"}, Socket: socket}, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return Endpoint{}, errors.New("the endpoint is not an http or https URL or a socket such as unix:///run/otel.sock")
	}
	return Endpoint{URL: u}, nil
}

func parseSocket(raw string) (string, error) {
	abstract := hasScheme(raw, abstractScheme)
	_, rest, _ := strings.Cut(raw, ":")
	if strings.ContainsAny(rest, "?#") {
		return "", errors.New("the endpoint is a socket with a query or a fragment: want only a path, as in unix:///run/otel.sock")
	}
	if after, ok := strings.CutPrefix(rest, "//"); ok && !abstract {
		if !strings.HasPrefix(after, "/") {
			return "", errors.New("the endpoint is a socket with a host: want three slashes, as in unix:///run/otel.sock, or unix:path for a relative path")
		}
		rest = after
	}
	socket, err := url.PathUnescape(rest)
	if err != nil {
		return "", errors.New("the endpoint is a socket with invalid percent-encoding")
	}
	if abstract {
		socket = "@" + socket
	}
	switch {
	case socket == "" || socket == "@" || socket == "/":
		return "", errors.New("the endpoint is a socket without a path: want a path, as in unix:///run/otel.sock")
	case strings.ContainsRune(socket, 0):
		return "", errors.New("the endpoint is a socket with a NUL byte in its path")
	case len(socket) > maxSocket:
		return "", fmt.Errorf("the endpoint is a socket with a path of %d bytes: want at most %d", len(socket), maxSocket)
	case socket[0] == '@' && runtime.GOOS != "linux":
		return "", errors.New("the endpoint is an abstract socket, which exists only on Linux")
	case socket[0] != '@' && strings.HasSuffix(socket, "/"):
		return "", errors.New("the endpoint is a socket with a path that ends with a slash")
	}
	for _, path := range []string{"/v1/traces", "/v1/metrics", "/v1/logs"} {
		if strings.HasSuffix(socket, path) {
			return "", fmt.Errorf("the endpoint is a socket followed by %s: want only the path of the socket", path)
		}
	}
	return socket, nil
}

// String returns the endpoint without secrets, for errors: the socket, or the scheme and host
// of the URL.
func (e Endpoint) String() string {
	switch {
	case e.Socket == "":
		return e.URL.Scheme + "://" + e.URL.Host
	case e.Socket[0] == '/':
		return "unix://" + e.Socket
	default:
		return unixScheme + e.Socket
	}
}

// Dial connects to the socket.
func (e Endpoint) Dial(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", e.Socket)
}

// Transport returns a copy of [http.DefaultTransport] that connects to the endpoint.
func (e Endpoint) Transport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // The standard library assigns this type.
	if e.Socket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return e.Dial(ctx) }
	}
	return transport
}
