// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioformat

// A Base64 decodes base64 that arrives in pieces of any size. It reads both alphabets of RFC 4648,
// and ignores white space and padding. The zero value is ready for use. It allocates one buffer of
// 3 KiB, at the first piece.
type Base64 struct {
	bits   uint32
	count  int // How many characters are in bits.
	out    []byte
	broken bool
}

// base64Buffer is how many decoded bytes are reported at once at most.
const base64Buffer = 3 << 10

// Decode decodes a piece, and calls audio with the bytes. They are valid until audio returns.
func (b *Base64) Decode(p []byte, audio func([]byte)) {
	if b.out == nil {
		b.out = make([]byte, 0, base64Buffer)
	}
	for _, c := range p {
		digit := digitOf(c)
		if digit > 63 {
			b.broken = b.broken || digit == invalid
			continue
		}
		b.bits = b.bits<<6 | uint32(digit)
		b.count++
		if b.count < 4 {
			continue
		}
		b.count = 0
		b.out = append(b.out, byte(b.bits>>16), byte(b.bits>>8), byte(b.bits))
		if len(b.out) == base64Buffer {
			audio(b.out)
			b.out = b.out[:0]
		}
	}
	if len(b.out) > 0 {
		audio(b.out)
		b.out = b.out[:0]
	}
}

// End decodes the last bytes of a text, and begins a new text. It reports whether the text was
// base64. Other characters were ignored.
func (b *Base64) End(audio func([]byte)) (ok bool) {
	ok = !b.broken && b.count != 1
	switch b.count {
	case 2:
		b.out = append(b.out, byte(b.bits>>4))
	case 3:
		b.out = append(b.out, byte(b.bits>>10), byte(b.bits>>2))
	}
	if len(b.out) > 0 {
		audio(b.out)
	}
	b.out = b.out[:0]
	b.bits, b.count, b.broken = 0, 0, false
	return ok
}

// What a character is that is no digit.
const (
	ignored = 64 + iota // White space or padding.
	invalid
)

func digitOf(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A'
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26
	case '0' <= c && c <= '9':
		return c - '0' + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	case c == '=' || c == '\r' || c == '\n' || c == ' ' || c == '\t':
		return ignored
	}
	return invalid
}
