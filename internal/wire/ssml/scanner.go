// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package ssml counts the characters of a text in the Speech Synthesis Markup Language, and finds
// its voice and its language, as its bytes pass. It checks nothing: it reads what providers accept.
package ssml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxText is how many bytes of the text are kept.
const MaxText = 4 << 10

// maxName is how many bytes of a name or a value are kept.
const maxName = 128

// A Scanner reads one text. The zero value is ready for use. It is not safe for concurrent use.
type Scanner struct {
	state      state
	characters int
	isSpaced   bool // White space follows the last character.
	text       []byte

	element, attribute, value, entity []byte
	quote                             byte // Around the current value.
	matched                           int  // How many bytes of the end of a comment or section were read.

	voice, speakLanguage, voiceLanguage string
}

type state uint8

const (
	inText        state = iota
	inEntity            // After "&".
	afterLess           // After "<".
	afterBang           // After "<!".
	inElement           // In the name of an element.
	inTag               // Between the attributes of an element.
	inAttribute         // In the name of an attribute.
	beforeValue         // After "=".
	inValue             // In the value of an attribute.
	inComment           // Up to "-->".
	inSection           // In "<![CDATA[", up to "]]>".
	inInstruction       // In "<?" or a declaration, up to ">".
)

// Characters returns how many code points of text were read outside of the markup. White space
// counts as one, and not at the start and the end, because indented markup has much of it that is
// not spoken.
func (s *Scanner) Characters() int { return s.characters }

// Text returns the start of the text outside of the markup.
func (s *Scanner) Text() string { return strings.ToValidUTF8(string(s.text), "") }

// Voice returns the name of the first voice.
func (s *Scanner) Voice() string { return s.voice }

// Language returns the language of the first voice, or that of the document.
func (s *Scanner) Language() string {
	if s.voiceLanguage != "" {
		return s.voiceLanguage
	}
	return s.speakLanguage
}

// Scan reads a piece of the text. It does not keep p.
func (s *Scanner) Scan(p []byte) {
	for _, c := range p {
		s.step(c)
	}
}

func (s *Scanner) step(c byte) {
	switch s.state {
	case inText:
		s.textByte(c)
	case inEntity:
		s.entityByte(c)
	case afterLess:
		s.less(c)
	case afterBang:
		s.bang(c)
	case inElement, inTag, inAttribute, beforeValue, inValue:
		s.tagByte(c)
	case inComment:
		s.untilEnd(c, "-->")
	case inSection:
		s.section(c)
	case inInstruction:
		if c == '>' {
			s.state = inText
		}
	}
}

func (s *Scanner) textByte(c byte) {
	switch c {
	case '<':
		s.state = afterLess
	case '&':
		s.state, s.entity = inEntity, s.entity[:0]
	default:
		s.add(c)
	}
}

// add adds a byte of text.
func (s *Scanner) add(c byte) {
	if isSpace(c) {
		s.isSpaced = true
		return
	}
	if s.isSpaced && s.characters > 0 {
		s.characters++
		s.keep(' ')
	}
	s.isSpaced = false
	if utf8.RuneStart(c) {
		s.characters++
	}
	s.keep(c)
}

func (s *Scanner) keep(c byte) {
	if len(s.text) < MaxText {
		s.text = append(s.text, c)
	}
}

// maxEntity is how many bytes the name of an entity has at most: "#x10FFFF".
const maxEntity = 8

func (s *Scanner) entityByte(c byte) {
	if c != ';' && c != '<' && c != '&' && !isSpace(c) && len(s.entity) < maxEntity {
		s.entity = append(s.entity, c)
		return
	}
	s.state = inText
	r, ok := entityOf(string(s.entity))
	if c == ';' && ok {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			s.isSpaced = true
			return
		}
		var buf [utf8.UTFMax]byte
		for _, b := range buf[:utf8.EncodeRune(buf[:], r)] {
			s.add(b)
		}
		return
	}
	s.add('&') // It begins no entity.
	for _, b := range s.entity {
		s.add(b)
	}
	s.textByte(c)
}

// entityOf returns the character that an entity stands for.
func entityOf(name string) (r rune, ok bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// less reads the byte after "<".
func (s *Scanner) less(c byte) {
	s.element = s.element[:0]
	switch c {
	case '!':
		s.state, s.matched = afterBang, 0
	case '?':
		s.state = inInstruction
	case '>': // "<>" is no tag.
		s.state = inText
	default:
		s.state = inElement
		s.tagByte(c)
	}
}

// bang reads the byte after "<!".
func (s *Scanner) bang(c byte) {
	const section = "[CDATA["
	switch {
	case c == section[s.matched]:
		s.matched++
		if s.matched == len(section) {
			s.state, s.matched = inSection, 0
		}
	case c == '-' && s.matched == 0:
		s.state, s.matched = inComment, 0
	case c == '>':
		s.state = inText
	default:
		s.state = inInstruction
	}
}

// untilEnd reads a byte up to an end whose first two bytes are equal, and reports whether the end
// was read.
func (s *Scanner) untilEnd(c byte, end string) bool {
	switch {
	case c == end[s.matched]:
		s.matched++
		if s.matched == len(end) {
			s.state = inText
			return true
		}
	case c != end[0]: // One of those more leaves the same two before it.
		s.matched = 0
	}
	return false
}

// section reads a byte of a section, whose text is text without markup.
func (s *Scanner) section(c byte) {
	const end = "]]>"
	before := s.matched
	if s.untilEnd(c, end) || s.matched > before {
		return
	}
	if c == end[0] { // A third bracket: the first is text.
		s.add(end[0])
		return
	}
	for range before {
		s.add(end[0])
	}
	s.add(c)
}

// tagByte reads a byte of a tag.
func (s *Scanner) tagByte(c byte) {
	if s.state == inValue {
		if c == s.quote {
			s.endValue()
			s.state = inTag
			return
		}
		s.value = appendName(s.value, c)
		return
	}
	switch {
	case c == '>':
		s.state = inText
	case s.state == beforeValue:
		switch {
		case c == '"' || c == '\'':
			s.state, s.quote, s.value = inValue, c, s.value[:0]
		case !isSpace(c):
			s.state = inTag
		}
	case isSpace(c) || c == '/':
		if s.state != inElement || len(s.element) > 0 {
			s.state = inTag
		}
	case s.state == inElement:
		s.element = appendName(s.element, c)
	case c == '=':
		s.state = beforeValue
	case s.state == inTag:
		s.state, s.attribute = inAttribute, appendName(s.attribute[:0], c)
	default:
		s.attribute = appendName(s.attribute, c)
	}
}

func (s *Scanner) endValue() {
	set := func(to *string) {
		if *to == "" {
			*to = strings.ToValidUTF8(string(s.value), "")
		}
	}
	isVoice := string(s.element) == "voice"
	switch string(s.attribute) {
	case "name":
		if isVoice {
			set(&s.voice)
		}
	case "xml:lang":
		switch {
		case isVoice:
			set(&s.voiceLanguage)
		case string(s.element) == "speak":
			set(&s.speakLanguage)
		}
	}
}

func appendName(name []byte, c byte) []byte {
	if len(name) < maxName {
		name = append(name, c)
	}
	return name
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
