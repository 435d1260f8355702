// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import "strings"

// An extension is what client and server agreed on (RFC 7692, section 7.1).
type extension struct {
	deflate         bool
	clientNoContext bool
	serverNoContext bool
}

// agree reads the extensions of a response. It reports whether all are known.
func (e *extension) agree(values []string) bool {
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			if strings.TrimSpace(item) != "" && !e.add(item) {
				return false
			}
		}
	}
	return true
}

// add reads one extension with its parameters.
func (e *extension) add(item string) bool {
	name, parameters, _ := strings.Cut(item, ";")
	if e.deflate || !strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
		return false
	}
	e.deflate = true
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, _, _ := strings.Cut(parameter, "=")
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "client_no_context_takeover":
			e.clientNoContext = true
		case "server_no_context_takeover":
			e.serverNoContext = true
		case "", "client_max_window_bits", "server_max_window_bits":
			// The decoder's window is the largest that can be agreed.
		default:
			return false
		}
	}
	return true
}
