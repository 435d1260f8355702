// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

import "bytes"

// The limits of a template.
const (
	maxTemplate = 2 << 10 // Bytes of the document.
	maxHoles    = 16
	maxReports  = 32
)

// A template is a document that was read, and what was reported of it. The chunks of a stream differ
// in a few strings and numbers. A document that differs from the template only there has the same
// reports, so it is compared and not scanned: 0.25 µs instead of 1.4 µs for 300 bytes. A template is
// made only of a document that lay in one piece and had no escapes in the strings that are reported.
type template struct {
	document []byte
	holes    []hole
	reports  []templateReport
	texts    []byte // Of the reports.
	start    int    // Where the document begins in the piece.
	isOpen   bool   // The document is being read.
}

// A hole is a part of a template in which documents may differ.
type hole struct {
	kind     holeKind
	from, to int // In the document, without quotes.
}

type holeKind uint8

const (
	skippedNumber holeKind = iota // Digits and other bytes of numbers.
	skippedString                 // Bytes without quotes and backslashes.
	scalarString                  // At most MaxText bytes of this kind.
	piecesString
)

// A templateReport is a report of a fixed value, or of the string in a hole.
type templateReport struct {
	value    Value // Without its text.
	hole     int   // Of the string, or -1.
	from, to int   // The text in texts.
}

// begin begins to make a template of the document that begins at p[start].
func (t *template) begin(start int) {
	*t = template{
		document: t.document[:0], holes: t.holes[:0], reports: t.reports[:0], texts: t.texts[:0],
		start: start, isOpen: true,
	}
}

// addHole adds the bytes from p[from] to p[to].
func (t *template) addHole(kind holeKind, from, to int) {
	if t.isOpen {
		t.isOpen = len(t.holes) < maxHoles
		t.holes = append(t.holes, hole{kind, from - t.start, to - t.start})
	}
}

// addSkipped adds a skipped value. A container and a literal are fixed.
func (t *template) addSkipped(p []byte, from, to int) {
	switch c := p[from]; {
	case !t.isOpen:
	case c == '"':
		t.addHole(skippedString, from+1, to-1)
	case skippedNumber.end(p, from) == to:
		t.addHole(skippedNumber, from, to)
	}
}

// add adds a report of a fixed value.
func (t *template) add(v *Value) {
	if !t.isOpen {
		return
	}
	t.isOpen = len(t.reports) < maxReports && len(t.texts) <= maxTemplate
	r := templateReport{value: *v, hole: -1, from: len(t.texts)}
	t.texts = append(t.texts, v.Text...)
	r.value.Text, r.to = nil, len(t.texts)
	t.reports = append(t.reports, r)
}

// addString adds the report of the string in the last hole.
func (t *template) addString(field int, index [maxIndexes]int) {
	if t.isOpen {
		t.isOpen = len(t.reports) < maxReports
		t.reports = append(t.reports, templateReport{value: Value{Field: field, Index: index}, hole: len(t.holes) - 1})
	}
}

// match returns the size of the document at the start of p, or 0 if the template is not of it. It
// sets the holes to their places in p.
func (t *template) match(p []byte, holes *[maxHoles]hole) int {
	at, i := 0, 0
	for n := range t.holes {
		h := t.holes[n]
		if fixed := t.document[at:h.from]; !bytes.HasPrefix(p[i:], fixed) {
			return 0
		}
		i += h.from - at
		end := i + h.to - h.from
		if !bytes.HasPrefix(p[i:], t.document[h.from:h.to+1]) { // Most strings are those of the template.
			if end = h.kind.end(p, i); end < 0 {
				return 0
			}
		}
		holes[n] = hole{h.kind, i, end}
		at, i = h.to, end
	}
	if !bytes.HasPrefix(p[i:], t.document[at:]) {
		return 0
	}
	return i + len(t.document) - at
}

// end returns where a hole ends that begins at p[i], or -1. The byte at the end is not of the hole.
func (k holeKind) end(p []byte, i int) int {
	if k != skippedNumber {
		end := plainEnd(p, i)
		if k == scalarString && end-i > MaxText {
			return -1
		}
		return end
	}
	end := i
	for end < len(p) && isNumber(p[end]) {
		end++
	}
	if end == i {
		return -1
	}
	return end
}

// replay reads the document at the start of p and returns its size, or 0 if the template is not of
// it.
func (s *Scanner) replay(p []byte) int {
	t := &s.known
	if len(t.document) == 0 {
		return 0
	}
	size := t.match(p, &s.holes)
	if size == 0 {
		return 0
	}
	for i := range t.reports {
		r := &t.reports[i]
		if r.hole >= 0 {
			h := &s.holes[r.hole]
			s.reportString(r.value.Field, h.kind == piecesString, p[h.from:h.to], r.value.Index)
			continue
		}
		s.value = r.value
		if r.to > r.from {
			s.value.Text = t.texts[r.from:r.to:r.to]
		}
		s.report(&s.value)
	}
	s.docs++
	s.isEnd = true
	return size
}

// learn keeps the document that ends before p[end] as the template. A template that does not match is
// replaced, unless the document cannot be one.
func (s *Scanner) learn(p []byte, end int) {
	t := &s.draft
	if !t.isOpen || end-t.start > maxTemplate {
		return
	}
	t.document = append(t.document, p[t.start:end]...)
	t.isOpen = false
	s.known, s.draft = s.draft, s.known
}
