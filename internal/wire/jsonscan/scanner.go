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
