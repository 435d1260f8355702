// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package redactstream redacts a text while it is read, in bounded memory.
package redactstream

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/voice-agents/telemetry/redact"
)

const (
	// chunkSize is the size of one read.
	chunkSize = 16 << 10
	// contextSize is the size of the written text that is kept, because a key may be on a line in
	// front of its value. It is also the size of the following text that is scanned, if it is read.
	contextSize = 4 << 10
	// maxLine bounds a line. A longer one is written in parts.
	maxLine = 1 << 20
	// maxHeld bounds the text that is held back because a secret may continue: a private key, a YAML block.
	maxHeld = 64 << 10
	// keptOfLong is the size of the part of a longer secret that is kept to find its end.
	keptOfLong = 64
	// maxIdle bounds the consecutive reads without data.
	maxIdle = 100
)

// Stream redacts a text while reading it, in bounded memory. It writes whole lines as soon as they are read. It
// holds back a line whose secret may continue on the next one.
type Stream struct {
	redactor *redact.Redactor
	out      *bufio.Writer
	found    func(line, column int, f *redact.Finding)

	text []byte // The text that was read, with some written lines at its beginning.
	done int    // The size of the written part of text.
	// The position of the text after done. Both count from 1; columns are bytes.
	line, column int
}

// New returns a stream that writes to out and tells each finding with its position. Lines and columns, which are
// bytes, count from 1.
func New(redactor *redact.Redactor, out *bufio.Writer, found func(line, column int, f *redact.Finding)) *Stream {
	return &Stream{redactor: redactor, out: out, found: found, line: 1, column: 1}
}

// Copy redacts a reader to its end.
func (s *Stream) Copy(in io.Reader) error {
	chunk := make([]byte, chunkSize)
	for idle := 0; ; {
		n, err := in.Read(chunk)
		s.text = append(s.text, chunk[:n]...)
		end := errors.Is(err, io.EOF)
		switch {
		case n > 0 || err != nil:
			idle = 0
			s.advance(err != nil, n == len(chunk))
		case idle < maxIdle:
			idle++
		default:
			return io.ErrNoProgress
		}
		if n < len(chunk) {
			if err := s.out.Flush(); err != nil {
				return err
			}
		}
		switch {
		case end:
			return s.out.Flush()
		case err != nil:
			return errors.Join(err, s.out.Flush())
		}
	}
}

// advance writes the text that was read, as far as its findings are certain. If more text is at hand, the
// last contextSize bytes wait for it.
func (s *Stream) advance(end, more bool) {
	for s.done < len(s.text) {
		to := len(s.text)
		if !end {
			to = s.lines(more)
		}
		if to <= s.done {
			return
		}
		text := string(s.text)
		findings := s.redactor.Findings(text)
		open := -1
		if !end {
			to, open = heldBack(text, findings, to)
		}
		if open < 0 || len(text)-max(findings[open].Begin, s.done) <= maxHeld {
			s.write(text, findings, to)
			s.trim()
			return
		}
		s.write(text, findings, findings[open].End)
		s.forget(&findings[open])
		s.trim()
	}
}

// lines returns the end of the lines that may be written.
func (s *Stream) lines(more bool) int {
	ahead := 0
	if more {
		ahead = contextSize
	}
	for _, stop := range [...]int{len(s.text) - ahead, len(s.text)} {
		if stop > s.done {
			if n := bytes.LastIndexByte(s.text[s.done:stop], '\n'); n >= 0 {
				return s.done + n + 1
			}
		}
	}
	if len(s.text)-s.done < maxLine {
		return s.done
	}
	stop := len(s.text) - contextSize
	if n := bytes.LastIndexAny(s.text[stop-contextSize:stop], " \t,;"); n >= 0 { // Not within a word.
		return stop - contextSize + n + 1
	}
	return stop
}

// heldBack returns the end of the text that may be written, at most to, and the index of the finding that
// limits it, or -1.
func heldBack(text string, findings []redact.Finding, to int) (stop, open int) {
	for i := range findings {
		f := &findings[i]
		if f.Begin < to && (f.End > to || mayContinue(text, f)) {
			return f.Begin, i
		}
	}
	return to, -1
}

// mayContinue reports whether a secret that ends with the last line of the text may continue on the next
// line: it has several lines already, or begins with a line. An incomplete line does not end a secret.
func mayContinue(text string, f *redact.Finding) bool {
	after := text[f.End:]
	if n := strings.LastIndexByte(after, '\n'); n >= 0 {
		after = after[:n]
	}
	if strings.TrimSpace(after) != "" {
		return false
	}
	secret := text[f.Begin:f.End]
	if f.Rule == "private_key" {
		return !strings.Contains(secret, "-----END")
	}
	line := text[strings.LastIndexByte(text[:f.Begin], '\n')+1 : f.Begin]
	return strings.Contains(secret, "\n") || f.Rule == "key" && strings.Trim(line, " \t-=") == ""
}

// write writes the text up to to without secrets. It omits the rest of a secret that began in text that was
// written before.
func (s *Stream) write(text string, findings []redact.Finding, to int) {
	if to <= s.done {
		return
	}
	begin, at := s.done, s.done
	var out strings.Builder
	for i := range findings {
		f := &findings[i]
		if f.End <= begin || f.Begin >= to {
			continue
		}
		end := min(f.End, to)
		for end < len(text) && end > f.Begin && text[end-1] == '\r' && text[end] == '\n' { // The end of the line stays.
			end--
		}
		if f.Begin < begin {
			at = max(at, end)
			continue
		}
		out.WriteString(text[at:f.Begin])
		out.WriteString(f.Mark)
		s.pass(text[s.done:f.Begin])
		s.found(s.line, s.column, f)
		at = max(end, f.Begin)
	}
	out.WriteString(text[at:to])
	s.pass(text[s.done:to])
	// The text after one replacement may contain another secret. Flush returns the error.
	_, _ = s.out.WriteString(s.redactor.String(out.String()))
}

// pass advances the position over a part of the text.
func (s *Stream) pass(text string) {
	s.done += len(text)
	if n := strings.Count(text, "\n"); n > 0 {
		s.line += n
		s.column = len(text) - strings.LastIndexByte(text, '\n')
	} else {
		s.column += len(text)
	}
}

// trim drops the written text except for some lines.
func (s *Stream) trim() {
	begin := s.done - contextSize
	if begin <= 0 {
		return
	}
	if n := bytes.IndexByte(s.text[begin:s.done], '\n'); n >= 0 && begin+n+1 < s.done {
		begin += n + 1
	}
	s.text = append(s.text[:0], s.text[begin:]...)
	s.done -= begin
	if cap(s.text) > maxLine && len(s.text) < chunkSize { // Release the memory of one long line.
		s.text = bytes.Clone(s.text)
	}
}

// forget shortens a long secret that may continue. The part that is kept is enough to find its end. A private
// key is never so long, so the text after it is searched anew.
func (s *Stream) forget(f *redact.Finding) {
	if f.Rule == "private_key" {
		s.text, s.done = s.text[s.done:], 0
		return
	}
	keep := min(f.Begin+keptOfLong, f.End)
	s.text = append(s.text[:keep], s.text[f.End:]...)
	s.done = keep
}
