// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package message

import (
	"net"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// MaxText bounds the recorded length of a path or header of a request, in bytes.
const MaxText = 1 << 10

// Truncate returns the first [MaxText] bytes of a text that a caller sent.
func Truncate(s string) string {
	if len(s) <= MaxText {
		return s
	}
	return strings.Clone(cleantext.Head(s, MaxText))
}

// SplitHostPort returns the host and the port of an address. A missing or invalid part is
// "" or 0.
func SplitHostPort(address string) (host string, port int) {
	if !strings.Contains(address, ":") {
		return address, 0
	}
	host, text, err := net.SplitHostPort(address)
	if err != nil { // There is no port, or the address is invalid.
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

// Protocol returns the name and the version of a protocol such as HTTP/1.1. The version of
// an unknown protocol may be "".
func Protocol(proto string) (name, version string) {
	switch proto {
	case "HTTP/1.1":
		return "http", "1.1"
	case "HTTP/2.0":
		return "http", "2"
	case "HTTP/1.0":
		return "http", "1.0"
	case "HTTP/3.0":
		return "http", "3"
	}
	name, version, _ = strings.Cut(proto, "/")
	return strings.ToLower(name), version
}
