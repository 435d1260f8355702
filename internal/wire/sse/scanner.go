// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sse reads a stream of server-sent events whose bytes arrive in pieces of any size, as
// the HTML standard defines it: https://html.spec.whatwg.org/multipage/server-sent-events.html.
//
// Data is handed on as it arrives and never kept, so that an event of 100 MB costs nothing.
package sse

import "bytes"

// maxName is how many bytes of an event's name are kept.
const maxName = 64

// A Handler receives the parts of a stream's events.
type Handler interface {
	// Name is called with the event's name, if it has one. Servers usually send the name before
	// the data. The bytes are valid until Name returns.
	Name(name []byte)
	// Data is called with pieces of the event's data. Lines of data are separated by "\n".
	Data(p []byte)
	// Dispatch is called when the event ends, if it had data.
	Dispatch()
}

// A Scanner reads a stream. It is not safe for concurrent use.
type Scanner struct {
	handler Handler

	field   field
	key     [8]byte // The name of the current field, as far as known.
	keySize int
	name    []byte
	hasData bool // The current event has a line of data.
	afterCR bool // The last byte was a carriage return, so a line feed belongs to it.
	begun   bool // The stream has begun: a byte order mark is not skipped any more.
	mark    int  // How many bytes of the byte order mark were read.
	newline [1]byte
}

// A field is what the scanner reads of a line.
type field uint8

const (
	inKey   field = iota // The name of the field, up to the colon.
	inSpace              // The byte after the colon.
	inData
	inName
	inOther // A comment, or a field that is not used.
)

// NewScanner returns a scanner that calls handler.
func NewScanner(handler Handler) *Scanner { return &Scanner{handler: handler, newline: [1]byte{'\n'}} }

// byteOrderMark may stand at the start of a stream.
const byteOrderMark = "\ufeff"

// Scan reads a piece of the stream. It does not keep p.
func (s *Scanner) Scan(p []byte) {
	for !s.begun && len(p) > 0 {
		if p[0] != byteOrderMark[s.mark] {
			s.begun = true
			break
		}
		p = p[1:]
		s.mark++
		if s.mark == len(byteOrderMark) {
			s.begun = true
		}
	}
	for len(p) > 0 {
		if s.afterCR {
			s.afterCR = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		end := lineEnd(p)
		if end < 0 {
			s.line(p)
			return
		}
		s.line(p[:end])
		s.endLine()
		s.afterCR = p[end] == '\r'
		p = p[end+1:]
	}
}

// End reads the end of the stream. An event that no empty line ended is dispatched. The standard
// discards it, but some servers end the stream after the line "data: [DONE]".
func (s *Scanner) End() {
	if s.field != inKey || s.keySize > 0 {
		s.endLine()
	}
	if s.hasData {
		s.handler.Dispatch()
	}
	s.hasData, s.afterCR = false, false
}

// line reads a piece of a line.
func (s *Scanner) line(p []byte) {
	for s.field == inKey && len(p) > 0 {
		c := p[0]
		switch {
		case c == ':' && s.keySize == 0: // A comment.
			s.field = inOther
		case c == ':':
			s.field = inSpace
			p = p[1:]
		case s.keySize == len(s.key):
			s.field = inOther
		default:
			s.key[s.keySize] = c
			s.keySize++
			p = p[1:]
		}
	}
	if s.field == inSpace && len(p) > 0 {
		if p[0] == ' ' {
			p = p[1:]
		}
		s.beginValue()
	}
	if len(p) == 0 {
		return
	}
	switch s.field {
	case inData:
		s.handler.Data(p)
	case inName:
		s.name = append(s.name, p[:min(len(p), maxName-len(s.name))]...)
	case inKey, inSpace, inOther:
	}
}

// beginValue begins the value of the field that was named.
func (s *Scanner) beginValue() {
	switch string(s.key[:s.keySize]) {
	case "data":
		s.field = inData
		if s.hasData {
			s.handler.Data(s.newline[:])
		}
		s.hasData = true
	case "event":
		s.field = inName
		s.name = s.name[:0]
	default:
		s.field = inOther
	}
}

// endLine ends a line. An empty line ends an event.
func (s *Scanner) endLine() {
	isEmpty := s.field == inKey && s.keySize == 0
	if s.field == inSpace || s.field == inKey && !isEmpty {
		s.beginValue() // A field without a value, or without a colon.
	}
	if s.field == inName {
		s.handler.Name(s.name)
	}
	s.field, s.keySize = inKey, 0
	if isEmpty {
		if s.hasData {
			s.handler.Dispatch()
		}
		s.hasData = false
	}
}

// lineEnd returns the index of the first byte that ends a line, or -1. It is faster than
// bytes.IndexAny.
func lineEnd(p []byte) int {
	end := bytes.IndexByte(p, '\n')
	line := p
	if end >= 0 {
		line = p[:end]
	}
	if cr := bytes.IndexByte(line, '\r'); cr >= 0 {
		return cr
	}
	return end
}
