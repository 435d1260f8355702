// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

import "bytes"

// A rawValue is the JSON of a value that is kept as it was sent.
type rawValue struct {
	of     *node // Nil if no value is being kept.
	depth  int   // How many containers are around it.
	kind   Kind
	data   []byte
	cut    bool
	text   int  // How many bytes of the current string were kept.
	isFull bool // The rest of the current string is not kept.
	isDone bool
}

func (r *rawValue) begin(n *node, depth int) {
	if r.of == nil && n.isRaw() {
		*r = rawValue{of: n, depth: depth, data: r.data[:0]}
	}
}

// keepText keeps bytes of a string. They end with a quote, with a backslash, or within the string,
// which the state after them says.
func (r *rawValue) keepText(p []byte, after state) {
	isEnd := after != inString && after != inEscape
	if isEnd {
		p = p[:len(p)-1]
	}
	if room := MaxRawText - r.text; len(p) > room { // No backslash is before the last byte.
		r.keep(p[:room])
		r.text, r.isFull, r.cut = MaxRawText, true, true
	} else {
		r.keep(p)
		r.text += len(p)
	}
	if isEnd {
		r.text, r.isFull = 0, false
		r.keep([]byte{'"'})
	}
}

// keep keeps bytes of the value, unless they are of a string of which no more is kept.
func (r *rawValue) keep(p []byte) {
	if r.isFull {
		return
	}
	if room := MaxRaw - len(r.data); len(p) > room {
		p, r.cut = p[:room], true
	}
	r.data = append(r.data, p...)
}

// endRaw reports a raw value that has ended.
func (s *Scanner) endRaw() {
	if s.raw.of == nil || !s.raw.isDone {
		return
	}
	n := s.raw.of
	s.raw.of = nil
	s.str.cut = s.raw.cut
	s.sendOf(n, s.raw.kind, bytes.TrimSpace(s.raw.data))
	s.str.cut = false
}
