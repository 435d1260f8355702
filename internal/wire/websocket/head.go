// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import (
	"bytes"
	"strings"
)

// A head collects the head of an HTTP/1 message.
type head struct {
	bytes []byte
	whole bool
}

// take reads a piece, and returns how many bytes of it belong to the head.
func (h *head) take(p []byte) int {
	size := len(h.bytes)
	from := max(size-3, 0) // The end may be split.
	h.bytes = append(h.bytes, p[:min(len(p), MaxHead+1-size)]...)
	end := -1
	for _, mark := range []string{"\n\r\n", "\n\n"} {
		if at := bytes.Index(h.bytes[from:], []byte(mark)); at >= 0 && (end < 0 || from+at+len(mark) < end) {
			end = from + at + len(mark)
		}
	}
	if end < 0 {
		return len(h.bytes) - size
	}
	h.bytes = h.bytes[:end]
	h.whole = true
	return end - size
}

// foreignRequest returns why the bytes cannot be the head of a request for an upgrade or a tunnel,
// or "" if they can. A connection that is not a WebSocket is found by its first bytes, so that no
// head is collected.
func (h *head) foreignRequest() string {
	const maxMethod = 16
	b := h.bytes
	if b[0] == 0x16 && (len(b) == 1 || b[1] == 3) { // A handshake record of SSL 3 to TLS 1.3.
		if len(b) == 1 {
			return ""
		}
		return ReasonEncrypted
	}
	end := bytes.IndexByte(b[:min(len(b), maxMethod)], ' ')
	method := b[:min(len(b), maxMethod)]
	if end >= 0 {
		method = b[:end]
	}
	for _, c := range method {
		if c < 'A' || c > 'Z' {
			return ReasonGarbage
		}
	}
	switch string(method) {
	case "PRI":
		if end > 0 {
			return ReasonHTTP2
		}
	case "GET", "CONNECT":
	default:
		switch {
		case end > 0:
			return ReasonHTTP
		case end == 0 || len(b) >= maxMethod:
			return ReasonGarbage
		}
	}
	return h.over()
}

// foreignResponse returns why the bytes cannot be the head of a response, or "" if they can.
func (h *head) foreignResponse() string {
	const version = "HTTP/1."
	n := min(len(h.bytes), len(version))
	if !strings.HasPrefix(version, string(h.bytes[:n])) {
		return ReasonGarbage
	}
	return h.over()
}

// over returns the reason of a head over the limit.
func (h *head) over() string {
	if !h.whole && len(h.bytes) > MaxHead {
		return ReasonHeadSize
	}
	return ""
}
