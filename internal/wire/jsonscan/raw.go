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
	isDone bool
}

func (r *rawValue) begin(n *node, depth int) {
	if r.of == nil && n != nil && n.field != none && n.mode == Raw {
		*r = rawValue{of: n, depth: depth, data: r.data[:0]}
	}
}

func (r *rawValue) keep(p []byte) {
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
