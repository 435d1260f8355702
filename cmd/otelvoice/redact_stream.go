// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/voice-agents/telemetry/redact"
)

const (
	// chunkSize is how much is read at once.
	chunkSize = 16 << 10
	// contextSize is how much is kept of what was written: a key may stand on a line before
	// its value. It is also how much of what comes next is looked at where that is there.
	contextSize = 4 << 10
	// maxLine bounds a line that is waited for. Of a longer one a part is written.
	maxLine = 1 << 20
	// maxHeld bounds what is held back because a secret goes on: a private key, a block of YAML.
	maxHeld = 64 << 10
	// keptOfLong is what is kept of a longer one, so that its end is still found.
	keptOfLong = 64
	// maxIdle bounds the reads in a row that read nothing.
	maxIdle = 100
)

// stream redacts a text while it is read, with bounded memory: whole lines, as soon as they are
// there. A line whose secret may go on in the next one is held back until the secret has ended.
type stream struct {
	redactor *redact.Redactor
	out      *bufio.Writer
	found    func(line, column int, f *redact.Finding)

	text []byte // What was read, from some lines before what was not written yet.
	done int    // How much of text was written.
	// Where text goes on that was not written; both begin at 1, and a column is a byte.
	line, column int
}

// copy redacts all that there is to read.
func (s *stream) copy(in io.Reader) error {
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

// advance writes what can be written of what was read. With more of the text at hand the last of
// it waits, for what comes behind may say what it is.
func (s *stream) advance(end, more bool) {
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

// lines returns where the lines end that may be written.
func (s *stream) lines(more bool) int {
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

// heldBack returns where the text ends that may be written, up to to, and the finding because of
// which it is not more, or -1.
func heldBack(text string, findings []redact.Finding, to int) (stop, open int) {
	for i := range findings {
		f := &findings[i]
		if f.Begin < to && (f.End > to || mayGoOn(text, f)) {
			return f.Begin, i
		}
	}
	return to, -1
}

// mayGoOn reports whether a secret that ends with the last line of the text may go on in a line
// that is still to come: it is in several lines already, or begins with a line. A line that is
// not whole yet says nothing.
func mayGoOn(text string, f *redact.Finding) bool {
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

// write writes the text up to to, without secrets. Of one that began in what was written before,
// the rest is left out.
func (s *stream) write(text string, findings []redact.Finding, to int) {
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
		for end < len(text) && end > f.Begin && text[end-1] == '\r' && text[end] == '\n' { // The line's end stays.
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
	// What is left of one secret may show another. An error is that of Flush, too.
	_, _ = s.out.WriteString(s.redactor.String(out.String()))
}

// pass goes on to the end of a part of the text.
func (s *stream) pass(text string) {
	s.done += len(text)
	if n := strings.Count(text, "\n"); n > 0 {
		s.line += n
		s.column = len(text) - strings.LastIndexByte(text, '\n')
	} else {
		s.column += len(text)
	}
}

// trim lets go of all that was written but for some lines.
func (s *stream) trim() {
	begin := s.done - contextSize
	if begin <= 0 {
		return
	}
	if n := bytes.IndexByte(s.text[begin:s.done], '\n'); n >= 0 && begin+n+1 < s.done {
		begin += n + 1
	}
	s.text = append(s.text[:0], s.text[begin:]...)
	s.done -= begin
	if cap(s.text) > maxLine && len(s.text) < chunkSize { // One long line must not pin its memory.
		s.text = bytes.Clone(s.text)
	}
}

// forget shortens a secret that goes on and was written up to its end so far: what is kept of it
// shows where it ends. A private key is not that long: what follows is none.
func (s *stream) forget(f *redact.Finding) {
	if f.Rule == "private_key" {
		s.text, s.done = s.text[s.done:], 0
		return
	}
	keep := min(f.Begin+keptOfLong, f.End)
	s.text = append(s.text[:keep], s.text[f.End:]...)
	s.done = keep
}
