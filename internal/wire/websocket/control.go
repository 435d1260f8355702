// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import (
	"encoding/binary"
	"unicode/utf8"
)

// endControl reports a control frame.
func (d *Decoder) endControl() {
	data := d.control[:d.controlSize]
	switch d.opcode {
	case opPing:
		d.send(Event{Kind: Ping, Data: data})
	case opPong:
		d.send(Event{Kind: Pong, Data: data})
	case opClose:
		code := NoStatus
		if len(data) > 0 {
			if len(data) == 1 || !utf8.Valid(data[2:]) {
				d.fail(ErrClosePayload)
				return
			}
			code = int(binary.BigEndian.Uint16(data))
			data = data[2:]
			if !isCloseCode(code) {
				d.fail(ErrCloseCode)
				return
			}
		}
		d.send(Event{Kind: Close, Code: code, Data: data})
		d.Stop()
	}
}

// isCloseCode reports whether an endpoint may send a code. 1012 to 1014 are not in the RFC, but in
// IANA's registry.
func isCloseCode(code int) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}
