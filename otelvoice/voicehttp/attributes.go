// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// maxText bounds, in bytes, what is recorded of a path or header of a request.
const maxText = 1 << 10

// bounded returns the beginning of a text that a caller sent.
func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.Clone(cleantext.Head(s, maxText))
}

// attributes returns the attributes of a request's span at its start.
func (r *request) attributes(h *http.Request) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 12)
	add := func(kv attribute.KeyValue, known bool) {
		if known {
			attrs = append(attrs, kv)
		}
	}
	host, port := splitHostPort(h.Host)
	peer, peerPort := splitHostPort(h.RemoteAddr)
	client, _, _ := strings.Cut(h.Header.Get("X-Forwarded-For"), ",")
	if client == "" {
		client = peer
	}
	name, version := protocolOf(h.Proto)
	agent := h.UserAgent()
	attrs = append(attrs, semconv.HTTPRequestMethod(r.method.name), semconv.URLScheme(schemeOf(h)))
	add(semconv.HTTPRequestMethodOriginal(r.method.original), r.method.original != "")
	add(semconv.ServerAddress(bounded(host)), host != "")
	add(semconv.ServerPort(port), port > 0 && port != defaultPort(h))
	add(semconv.URLPath(bounded(h.URL.Path)), h.URL.Path != "")
	add(semconv.NetworkPeerAddress(peer), peer != "")
	add(semconv.NetworkPeerPort(peerPort), peerPort > 0)
	add(semconv.ClientAddress(bounded(client)), client != "")
	add(semconv.UserAgentOriginal(bounded(agent)), agent != "")
	add(semconv.NetworkProtocolName(name), name != "" && name != "http")
	add(semconv.NetworkProtocolVersion(version), version != "")
	return attrs
}

func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func defaultPort(r *http.Request) int {
	if r.TLS != nil {
		return 443
	}
	return 80
}

// splitHostPort returns the host and the port of an address, "" and 0 for what it lacks.
func splitHostPort(address string) (host string, port int) {
	if !strings.Contains(address, ":") {
		return address, 0
	}
	host, text, err := net.SplitHostPort(address)
	if err != nil { // No port, or nothing that makes sense.
		if strings.HasPrefix(address, "[") && strings.HasSuffix(address, "]") {
			return address[1 : len(address)-1], 0
		}
		return "", 0
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return host, 0
	}
	return host, int(n)
}
