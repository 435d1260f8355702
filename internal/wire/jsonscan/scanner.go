// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

// The limits of what a scanner keeps.
const (
	// MaxText is how many bytes of a scalar are reported.
	MaxText = 512
	// MaxRaw is how many bytes of a raw value are reported.
	MaxRaw = 64 << 10
	// MaxRawText is how many bytes of each string in a raw value are reported, so that an image in
	// a message does not hide the messages after it.
	MaxRawText = 16 << 10
	// MaxDepth is how deep containers may be nested. A deeper document is not read further.
	MaxDepth = 256
	// maxIndexes is how many array indexes of a path are reported.
	maxIndexes = 4
)

// A Kind is the type of a value.
type Kind uint8

// The kinds of values.
const (
	String Kind = iota + 1
	Number
	True
	False
	Null
	Object
	Array
)

// DocumentEnd is the Field of the value that reports the end of a document.
const DocumentEnd = -1

// A Value is a value of a field, or a piece of one.
type Value struct {
	// Field is the ID of the field, or [DocumentEnd].
	Field int
	// Kind is the type of the value.
	Kind Kind
	// Text is the text of a scalar without quotes and escapes, the bytes of a piece, or the JSON
	// of a raw value. It is valid until the report returns. UTF-8 that is invalid in the
	// document is invalid here.
	Text []byte
	// Runes is how many code points a string has in all, not only in Text.
	Runes int
	// More is true for a piece after which the string continues.
	More bool
	// Cut is true if Text is only the start of the value.
	Cut bool
	// Index holds the array indexes on the path, from the outermost.
	Index [maxIndexes]int
}

// A Scanner reads documents as a [Plan] says. Use [NewScanner] to make one. It is not safe for
// concurrent use.
type Scanner struct {
	plan   *Plan
	report func(*Value)

	state  state
	stack  []frame // The containers around the current value.
	at     *node   // The place of the current value, or nil if no field is there or below.
	docs   int
	inList bool // The array around the documents has begun. See NewListPlan.
	isEnd  bool // A document has ended, and that has not been reported.
	value  Value
	text   []byte // Of the current scalar or key.
	isKey  bool
	str    stringState
	lit    literal
	raw    rawValue
	over   skipped
	// known is the template of documents, and draft that of the current document.
	known, draft template
	holes        [maxHoles]hole
	// decoded is the text of an escape. It is here so that escapes are not allocated.
	decoded [decodedSize]byte
}

// A frame is a container that has begun.
type frame struct {
	at      *node
	index   int // Of the current element; -1 before the first.
	isArray bool
}

type state uint8

const (
	atValue    state = iota // Before a value.
	atFirst                 // Before the first element of an array, or its end.
	atFirstKey              // Before the first key of an object, or its end.
	atKey                   // Before a key.
	atColon                 // After a key.
	afterValue              // After a value inside a container.
	inString                // In a string or key.
	inEscape                // After a backslash.
	inUnicode               // In the digits of an escape.
	inNumber                // In a number.
	inLiteral               // In true, false or null.
	skipping                // In a value that no field is in.
	broken                  // The text is not JSON.
)

// NewScanner returns a scanner that calls report for each value of the plan's fields. The report
// must not keep the value.
func NewScanner(plan *Plan, report func(*Value)) *Scanner {
	return &Scanner{plan: plan, report: report, at: plan.root}
}

// Reset makes the scanner read a new document, whatever came before.
func (s *Scanner) Reset() {
	s.state, s.stack, s.at, s.text = atValue, s.stack[:0], s.plan.root, s.text[:0]
	s.isKey, s.isEnd, s.inList, s.str, s.lit = false, false, false, stringState{}, literal{}
	s.raw, s.over = rawValue{data: s.raw.data[:0]}, skipped{}
}

// Broken reports whether the text was found not to be JSON, or to be nested too deeply. Nothing
// that follows is read until Reset.
func (s *Scanner) Broken() bool { return s.state == broken }

// Documents returns how many documents have ended.
func (s *Scanner) Documents() int { return s.docs }

// Complete reports whether all documents that began have ended.
func (s *Scanner) Complete() bool { return s.state == atValue && len(s.stack) == 0 && !s.inList }

// End ends a document that is a number, whose end cannot be seen otherwise.
func (s *Scanner) End() {
	if s.state == inNumber && len(s.stack) == 0 {
		s.endScalar(Number)
		s.endRaw()
		s.endDocument()
	}
}

func (s *Scanner) endDocument() {
	if s.isEnd {
		s.isEnd = false
		s.value = Value{Field: DocumentEnd}
		s.report(&s.value)
	}
}

// Scan reads a piece of the text. It does not keep p.
func (s *Scanner) Scan(p []byte) {
	for i := 0; i < len(p) && s.state != broken; {
		if p[i] == '{' && s.state == atValue && len(s.stack) == 0 {
			if size := s.replay(p[i:]); size > 0 {
				s.endDocument()
				i += size
				continue
			}
			if s.docs > 0 { // The second document shows that it is a stream.
				s.draft.begin(i)
			}
		}
		inText := s.state == inString && !s.isKey
		next := s.step(p, i)
		if s.raw.of != nil {
			if inText {
				s.raw.keepText(p[i:next], s.state)
			} else {
				s.raw.keep(p[i:next])
			}
			s.endRaw()
		}
		if s.isEnd {
			s.learn(p, next)
		}
		s.endDocument()
		i = next
	}
	s.draft.isOpen = false
}

// step reads from p[i] and returns the index of the next byte to read. It returns at the start and the
// end of a document and of a raw value, at the latest.
func (s *Scanner) step(p []byte, i int) int {
	switch s.state {
	case inString:
		return s.stringRun(p, i)
	case inEscape:
		s.endEscape(p[i])
		return i + 1
	case inUnicode:
		s.unicodeDigit(p[i])
		return i + 1
	case inNumber:
		return s.numberRun(p, i)
	case inLiteral:
		s.literalByte(p[i])
		return i + 1
	case skipping:
		return s.skip(p, i)
	default:
		return s.structure(p, i)
	}
}

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

// endScalar reports a scalar.
func (s *Scanner) endScalar(kind Kind) {
	if n := s.at; n != nil && n.field != none && n.mode != Raw && (n.mode != Pieces || kind == String) {
		text := s.text
		if n.mode == Pieces {
			text = nil
		}
		s.send(kind, text)
	}
	s.value.Kind = kind
	s.ended()
}

// send reports a value of the current place.
func (s *Scanner) send(kind Kind, text []byte) {
	s.sendOf(s.at, kind, text)
}

func (s *Scanner) sendOf(n *node, kind Kind, text []byte) {
	s.value = Value{Field: n.field, Kind: kind, Text: text, Index: s.indexes()}
	switch {
	case n.mode == Raw:
		s.value.Cut = s.raw.cut
	case kind == String:
		s.value.Runes, s.value.Cut = s.str.runes, s.str.cut
	}
	s.draft.add(&s.value)
	s.report(&s.value)
}

func (s *Scanner) indexes() (index [maxIndexes]int) {
	n := 0
	for i := range s.stack {
		if s.stack[i].isArray && n < maxIndexes {
			index[n] = s.stack[i].index
			n++
		}
	}
	return index
}
