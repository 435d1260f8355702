// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// attributes returns the attributes of a request's span at its start.
func (r *request) attributes(h *http.Request) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 12)
	add := func(kv attribute.KeyValue, known bool) {
		if known {
			attrs = append(attrs, kv)
		}
	}
	host, port := message.SplitHostPort(h.Host)
	peer, peerPort := message.SplitHostPort(h.RemoteAddr)
	client, _, _ := strings.Cut(h.Header.Get("X-Forwarded-For"), ",")
	if client == "" {
		client = peer
	}
	name, version := message.Protocol(h.Proto)
	agent := h.UserAgent()
	scheme, defaultPort := "http", 80
	if h.TLS != nil {
		scheme, defaultPort = "https", 443
	}
	attrs = append(attrs, semconv.HTTPRequestMethod(r.method.Name), semconv.URLScheme(scheme))
	add(semconv.HTTPRequestMethodOriginal(r.method.Original), r.method.Original != "")
	add(semconv.ServerAddress(message.Truncate(host)), host != "")
	add(semconv.ServerPort(port), port > 0 && port != defaultPort)
	add(semconv.URLPath(message.Truncate(h.URL.Path)), h.URL.Path != "")
	add(semconv.NetworkPeerAddress(peer), peer != "")
	add(semconv.NetworkPeerPort(peerPort), peerPort > 0)
	add(semconv.ClientAddress(message.Truncate(client)), client != "")
	add(semconv.UserAgentOriginal(message.Truncate(agent)), agent != "")
	add(semconv.NetworkProtocolName(name), name != "" && name != "http")
	add(semconv.NetworkProtocolVersion(version), version != "")
	return attrs
}
