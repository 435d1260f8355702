// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

import "bytes"

// skipped is how far a value was skipped. Only strings and brackets are looked at.
type skipped struct {
	depth     int  // How many containers are open.
	isString  bool // In a string.
	isEscaped bool // After a backslash.
	isScalar  bool // In a number or a literal outside of containers.
}

// skip skips a value that no field is in, from its first byte or from where it was left. It sets the
// state to skipping if the value does not end in p.
func (s *Scanner) skip(p []byte, i int) int {
	o := &s.over
	s.state = skipping
	for i < len(p) {
		if o.isString {
			end := stringEnd(p, i, &o.isEscaped)
			if end < 0 {
				return len(p)
			}
			i, o.isString = end+1, false
			if o.depth == 0 {
				return s.skippedAll(i)
			}
			continue
		}
		switch c := p[i]; c {
		case '"':
			if o.isScalar {
				s.state = broken
				return i
			}
			o.isString = true
		case '{', '[':
			if o.isScalar || len(s.stack)+o.depth == MaxDepth {
				s.state = broken
				return i
			}
			if len(s.stack)+o.depth == MaxDepth {
				s.state = broken
				return i
			}
			o.depth++
		case '}', ']':
			o.depth--
			if o.depth < 0 { // Of the container around a scalar.
				return s.endSkippedScalar(i)
			}
			if o.depth == 0 {
				return s.skippedAll(i + 1)
			}
		case ',', ' ', '\n', '\r', '\t':
			if o.depth == 0 {
				return s.endSkippedScalar(i)
			}
		default:
			if o.depth == 0 {
				o.isScalar = true
			}
		}
		i++
	}
	return i
}

// endSkippedScalar ends a number or a literal before p[i].
func (s *Scanner) endSkippedScalar(i int) int {
	if !s.over.isScalar {
		s.state = broken
		return i
	}
	return s.skippedAll(i)
}

func (s *Scanner) skippedAll(i int) int {
	s.over = skipped{}
	s.state = afterValue
	return i
}

// short is how far a quote is looked for byte by byte, before the search of package bytes pays.
const short = 32

// plainEnd returns the index of the quote that ends a string whose bytes begin at p[i]. It is -1 if
// the string has escapes or does not end in p.
func plainEnd(p []byte, i int) int {
	for near := min(i+short, len(p)); i < near; i++ {
		switch p[i] {
		case '"':
			return i
		case '\\':
			return -1
		}
	}
	n := bytes.IndexByte(p[i:], '"')
	if n < 0 || bytes.IndexByte(p[i:i+n], '\\') >= 0 {
		return -1
	}
	return i + n
}

// stringEnd returns the index of the quote that ends a string from p[i], or -1 if it does not end in
// p. isEscaped is whether p[i] is after a backslash, and afterwards whether the byte after p is.
func stringEnd(p []byte, i int, isEscaped *bool) int {
	for near := min(i+short, len(p)); i < near; i++ {
		switch {
		case *isEscaped:
			*isEscaped = false
		case p[i] == '\\':
			*isEscaped = true
		case p[i] == '"':
			return i
		}
	}
	for i < len(p) {
		if *isEscaped {
			*isEscaped = false
			i++
			continue
		}
		rest := p[i:]
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			end = len(rest)
		}
		if escape := bytes.IndexByte(rest[:end], '\\'); escape >= 0 {
			*isEscaped = true
			i += escape + 1
			continue
		}
		if end == len(rest) {
			return -1
		}
		return i + end
	}
	return -1
}
