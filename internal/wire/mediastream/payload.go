// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package mediastream

import (
	"encoding/base64"

	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// maxPayload is how many characters of base64 are decoded of one message: 12 s of the audio of a
// telephone line. The size of a longer payload is counted, and only its start is decoded.
const maxPayload = 128 << 10

// A payload is the audio of a message, in base64. It arrives in pieces where the JSON has escapes:
// PHP writes "\/" for "/".
type payload struct {
	isDecoded bool // The bytes are wanted, and not only their size.

	text    []byte // What is decoded.
	digits  int
	isWrong bool // A character is none of base64.

	data []byte
	slow audioformat.Base64
	add  func([]byte)
}

func (p *payload) reset() {
	p.text, p.digits, p.isWrong = p.text[:0], 0, false
}

// value reads a value of a message, if it is a piece of the audio.
func (p *payload) value(v *jsonscan.Value) {
	if v.Field == Payload && v.Kind == jsonscan.String {
		p.piece(v.Text)
	}
}

// piece reads a piece of the text.
func (p *payload) piece(text []byte) {
	kept := 0
	if p.isDecoded {
		kept = min(len(text), maxPayload-len(p.text))
		p.text = append(p.text, text[:kept]...)
	}
	if kept < len(text) {
		digits, isWrong := count(text[kept:])
		p.digits += digits
		p.isWrong = p.isWrong || isWrong
	}
}

// end returns how many bytes the audio has, the bytes if they are wanted, and whether the text is
// base64. The bytes are valid until the next message.
func (p *payload) end() (size int, data []byte, ok bool) {
	if !p.isDecoded {
		return p.digits * 3 / 4, nil, !p.isWrong && p.digits%4 != 1
	}
	if need := base64.StdEncoding.DecodedLen(len(p.text)); cap(p.data) < need {
		p.data = make([]byte, need)
	}
	// The decoder of the standard library is three times as fast, and reads the common form only.
	n, err := base64.StdEncoding.Decode(p.data[:cap(p.data)], p.text)
	data, ok = p.data[:n], !p.isWrong
	if err != nil {
		if p.add == nil {
			p.add = func(b []byte) { p.data = append(p.data, b...) }
		}
		p.data = p.data[:0]
		p.slow.Decode(p.text, p.add)
		ok = p.slow.End(p.add) && ok
		data = p.data
	}
	return len(data) + p.digits*3/4, data, ok
}

// digit has 1 for each character of base64, 0 for padding and white space, and 0x80 for all others.
var digit = func() (table [256]uint8) {
	for i := range table {
		table[i] = 0x80
	}
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_" {
		table[c] = 1
	}
	for _, c := range "= \t\r\n" {
		table[c] = 0
	}
	return table
}()

// count returns how many digits of base64 a text has, and whether it has other characters.
func count(text []byte) (digits int, isWrong bool) {
	var all uint8
	for _, c := range text {
		d := digit[c]
		digits += int(d & 1)
		all |= d
	}
	return digits, all&0x80 != 0
}
