// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

// structure reads what is between scalars. Most bytes of a stream of small documents are read here,
// so keys and values that lie in p as a whole are read without a change of state.
func (s *Scanner) structure(p []byte, i int) int {
	start := i
	for i < len(p) {
		c := p[i]
		if c == ' ' || c == '\n' || c == '\r' || c == '\t' {
			i++
			continue
		}
		switch s.state {
		case atColon:
			if c != ':' {
				s.state = broken
				return i
			}
			s.state = atValue
			i++
		case atKey, atFirstKey:
			switch {
			case c == '"':
				i = s.key(p, i+1)
				if s.state != atColon {
					return i
				}
			case c == '}' && s.state == atFirstKey:
				i++
				s.endContainer(false)
				if s.pauses() {
					return i
				}
			default:
				s.state = broken
				return i
			}
		case afterValue:
			s.between(c)
			if s.state == broken || s.pauses() {
				return i + 1
			}
			i++
		case atFirst:
			if c == ']' {
				i++
				s.endContainer(true)
				if s.pauses() {
					return i
				}
				continue
			}
			s.state = atValue
		default: // atValue
			if s.plan.isList && len(s.stack) == 0 && s.list(c) {
				i++
				continue
			}
			if s.at == nil && s.raw.of == nil {
				begin := i
				i = s.skip(p, i)
				if s.state != afterValue {
					return i
				}
				s.draft.addSkipped(p, begin, i)
				continue
			}
			if i > start && (len(s.stack) == 0 || s.raw.of == nil && s.at.isRaw()) {
				return i // A document and what a raw value keeps begin with a step.
			}
			if c == '"' && s.raw.of == nil && !s.at.isRaw() {
				if end := plainEnd(p, i+1); end >= 0 && (end-i-1 <= MaxText || s.at.mode == Pieces) {
					s.plainString(p, i+1, end)
					i = end + 1
					if s.pauses() {
						return i
					}
					continue
				}
			}
			isContainer := c == '{' || c == '['
			s.beginValue(c)
			i++
			if !isContainer || s.raw.of != nil || s.state == broken {
				return i
			}
		}
	}
	return i
}

// pauses reports whether the end of a document or of a raw value is to be reported.
func (s *Scanner) pauses() bool { return s.isEnd || s.raw.isDone }

// key reads a key from its first byte.
func (s *Scanner) key(p []byte, i int) int {
	if end := plainEnd(p, i); end >= 0 && end-i <= MaxText {
		s.at = s.stack[len(s.stack)-1].at.find(p[i:end])
		s.state = atColon
		return end + 1
	}
	s.isKey, s.state, s.text, s.str = true, inString, s.text[:0], stringState{}
	return i
}

// between reads a byte after a value in a container.
func (s *Scanner) between(c byte) {
	top := &s.stack[len(s.stack)-1]
	switch {
	case c == ',' && top.isArray:
		s.state = atValue
		top.index++
		s.at = top.at.find(nil)
	case c == ',':
		s.state = atKey
	case c == ']' && top.isArray, c == '}' && !top.isArray:
		s.endContainer(top.isArray)
	default:
		s.state = broken
	}
}

// beginValue reads the first byte of a value.
func (s *Scanner) beginValue(c byte) {
	s.raw.begin(s.at, len(s.stack))
	s.text = s.text[:0]
	switch {
	case c == '{', c == '[':
		s.beginContainer(c == '[')
	case c == '"':
		s.state, s.isKey, s.str = inString, false, stringState{}
		s.draft.isOpen = s.draft.isOpen && s.raw.of != nil
		s.begun(String)
	case c == '-', '0' <= c && c <= '9':
		s.state = inNumber
		s.text = append(s.text, c)
		s.begun(Number)
	default:
		if !s.beginLiteral(c) {
			s.state = broken
		}
	}
}

func (s *Scanner) beginContainer(isArray bool) {
	if len(s.stack) == MaxDepth {
		s.state = broken
		return
	}
	kind := Object
	s.state = atFirstKey
	if isArray {
		kind, s.state = Array, atFirst
	}
	s.begun(kind)
	at := s.at
	s.stack = append(s.stack, frame{at: at, isArray: isArray})
	if isArray {
		s.at = at.find(nil)
	}
}

func (s *Scanner) endContainer(isArray bool) {
	s.stack = s.stack[:len(s.stack)-1]
	s.value.Kind = Object
	if isArray {
		s.value.Kind = Array
	}
	s.ended()
}

// begun reports that a value begins, if that was asked for.
func (s *Scanner) begun(kind Kind) {
	if s.at != nil && s.at.field != none && s.at.mode == Begin && (kind == Object || kind == Array) {
		s.send(kind, nil)
	}
}

// ended goes on after a value.
func (s *Scanner) ended() {
	if s.raw.of != nil && len(s.stack) == s.raw.depth {
		s.raw.kind, s.raw.isDone = s.value.Kind, true
	}
	if len(s.stack) > 0 {
		s.state = afterValue
		return
	}
	s.docs++
	s.state, s.at = atValue, s.plan.root
	s.isEnd = true
}
