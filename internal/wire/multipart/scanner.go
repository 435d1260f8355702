// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package multipart reads a body of multipart/form-data as its bytes pass. Package mime/multipart
// reads from an [io.Reader], which a body that passes is not.
//
// No file is kept: a body of 100 MB costs what a small one costs.
package multipart

import (
	"bytes"
	"mime"
	"strings"
)

// The limits of what a scanner keeps.
const (
	// MaxValue is how many bytes of the value of a part are kept that is no file.
	MaxValue = 512
	// maxLine is how many bytes of the line of a header are kept.
	maxLine = 1024
	// maxBoundary is how long a boundary may be. RFC 2046 allows 70 bytes.
	maxBoundary = 256
	// newline is the length of the line end that is part of a delimiter.
	newline = len("\r\n")
)

// A Part is one part of a body.
type Part struct {
	// Name is the name of the field.
	Name string
	// FileName is the name of the file.
	FileName string
	// IsFile is true if the part has a name of a file, be it empty.
	IsFile bool
	// ContentType is the media type of the part, with its parameters.
	ContentType string
	// Size is how many bytes of the part were read.
	Size int64
	// Value is the start of a part that is no file. It is valid until the part has ended.
	Value []byte
}

// A Handler receives the parts of a body. It must not keep the part or the bytes.
type Handler interface {
	// File is called with each piece of a part that is a file.
	File(part *Part, p []byte)
	// End is called at the end of each part.
	End(part *Part)
}

// A Scanner reads a body. Use [NewScanner] to make one. It is not safe for concurrent use.
type Scanner struct {
	handler   Handler
	delimiter string // "\r\n--" and the boundary.
	matched   int    // How many bytes of the delimiter were read.
	assumed   int    // How many of them were not read, but stand for the line before.
	state     state
	line      []byte
	part      Part
	value     []byte
}

type state uint8

const (
	inPreamble     state = iota // Before the first delimiter.
	afterDelimiter              // In the rest of the delimiter's line.
	inHeader                    // In the lines of a part's header.
	inPart
	atEnd
)

// NewScanner returns a scanner of a body with the given Content-Type. It returns nil if the type is
// not multipart/form-data with a boundary.
func NewScanner(contentType string, h Handler) *Scanner {
	mediaType, params, err := mime.ParseMediaType(contentType)
	boundary := params["boundary"]
	if err != nil || mediaType != "multipart/form-data" || boundary == "" || len(boundary) > maxBoundary || strings.ContainsAny(boundary, "\r\n") {
		return nil
	}
	// The first delimiter needs no line before it.
	return &Scanner{handler: h, delimiter: "\r\n--" + boundary, matched: newline, assumed: newline}
}

// Complete reports whether the delimiter was read that ends the body.
func (s *Scanner) Complete() bool { return s.state == atEnd }

// Scan reads a piece of the body. It does not keep p.
func (s *Scanner) Scan(p []byte) {
	for len(p) > 0 {
		switch s.state {
		case inPreamble, inPart:
			p = s.data(p)
		case afterDelimiter, inHeader:
			p = s.lineOf(p)
		case atEnd: // What follows is to be ignored (RFC 2046).
			return
		}
	}
}

// data reads bytes up to the end of a delimiter. The delimiter's only carriage return is its
// first byte, so that after a wrong byte it can begin again only at that byte.
func (s *Scanner) data(p []byte) (rest []byte) {
	if s.matched == 0 {
		i := bytes.IndexByte(p, '\r')
		if i < 0 {
			i = len(p)
		}
		s.send(p[:i])
		if p = p[i:]; len(p) == 0 {
			return nil
		}
	}
	for i, c := range p {
		if c != s.delimiter[s.matched] {
			if s.state == inPart {
				s.sendText(s.delimiter[s.assumed:s.matched])
			}
			s.matched, s.assumed = 0, 0
			return p[i:]
		}
		s.matched++
		if s.matched == len(s.delimiter) {
			s.endPart()
			s.matched, s.assumed, s.state, s.line = 0, 0, afterDelimiter, s.line[:0]
			return p[i+1:]
		}
	}
	return nil
}

// sendText sends bytes that were taken for the start of a delimiter.
func (s *Scanner) sendText(text string) {
	if text != "" {
		s.line = append(s.line[:0], text...)
		s.send(s.line)
		s.line = s.line[:0]
	}
}

// send reads bytes of a part.
func (s *Scanner) send(p []byte) {
	if s.state != inPart || len(p) == 0 {
		return
	}
	s.part.Size += int64(len(p))
	if s.part.IsFile {
		s.handler.File(&s.part, p)
		return
	}
	s.value = append(s.value, p[:min(len(p), MaxValue-len(s.value))]...)
}

func (s *Scanner) endPart() {
	if s.state == inPart {
		s.part.Value = s.value
		s.handler.End(&s.part)
	}
}

// lineOf reads a line of a header, or the rest of a delimiter's line.
func (s *Scanner) lineOf(p []byte) (rest []byte) {
	piece, rest, isWhole := bytes.Cut(p, []byte("\n"))
	s.line = append(s.line, piece[:min(len(piece), maxLine-len(s.line))]...)
	if s.state == afterDelimiter && bytes.HasPrefix(s.line, []byte("--")) {
		s.state = atEnd
		return nil
	}
	if !isWhole {
		return nil
	}
	line := bytes.TrimSuffix(s.line, []byte("\r"))
	switch {
	case s.state == afterDelimiter:
		s.state, s.part, s.value = inHeader, Part{}, s.value[:0]
	case len(line) == 0:
		s.state = inPart
		s.matched, s.assumed = newline, newline // Some clients send the delimiter at once if the part is empty.
	default:
		s.header(string(line))
	}
	s.line = s.line[:0]
	return rest
}

// header reads a line of a header.
func (s *Scanner) header(line string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "content-disposition":
		_, params, err := mime.ParseMediaType(value)
		if err != nil {
			return
		}
		s.part.Name = params["name"]
		s.part.FileName, s.part.IsFile = params["filename"]
	case "content-type":
		s.part.ContentType = value
	}
}
