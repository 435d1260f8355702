// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sentence splits an answer that arrives in pieces into sentences.
//
// Boundaries are those of Unicode's sentence rules (UAX 29, by
// github.com/clipperhouse/uax29), except after an abbreviation, an initial or an ordinal. No
// Go library does both on a stream: github.com/neurosnap/sentences v1.1.2 (February 2023, its
// newest) needs the whole text and fails 48 of the 85 cases of TestSentences, among them all
// scripts without ASCII terminators.
package sentence

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// A Splitter splits a text that arrives in pieces into sentences. It returns each sentence as
// soon as its end is known, because the first one determines when the user hears the agent.
// The zero Splitter is ready to use.
//
// The concatenated sentences are the text, byte for byte. They do not depend on how the text
// is divided into pieces, because a decision is made after each character and is final.
type Splitter struct {
	text []byte
	// masked is the text that the rules of UAX 29 read; see mask. It has the same offsets.
	masked  []byte
	partial []byte // The first bytes of a character that was split between pieces.
	from    int    // The start of the sentence whose end is searched.
	open    bool   // There is a terminator that may or may not end the sentence.
	space   int    // The end of the last space or comma, where a long text may be split.
	quoted  bool   // The text begins within a quotation.
}

const (
	// longest is the length from which a text without an end is split at a space, in bytes.
	longest = 400
	// longestWord is the length from which it is split anywhere. It is less than the 4096
	// characters that speech services accept.
	longestWord = 4000
)

// Add reads the next piece and returns the sentences that it completes.
func (s *Splitter) Add(piece string) (ended []string) {
	rest := piece
	if len(s.partial) > 0 {
		rest = string(s.partial) + piece
		s.partial = s.partial[:0]
	}
	for rest != "" {
		if !utf8.FullRuneInString(rest) {
			s.partial = append(s.partial, rest...)
			return ended
		}
		r, size := utf8.DecodeRuneInString(rest)
		s.push(r, rest[:size])
		rest = rest[size:]
		for end := s.boundary(r); end > 0; end = s.boundary(r) {
			ended = append(ended, string(s.text[:end]))
			s.drop(end)
		}
	}
	return ended
}

// Rest returns the rest of the text at its end, and resets the splitter.
func (s *Splitter) Rest() string {
	rest := string(s.text) + string(s.partial)
	*s = Splitter{}
	return rest
}

// push appends a character.
func (s *Splitter) push(r rune, raw string) {
	s.mask(r, raw)
	s.text = append(s.text, raw...)
	switch {
	case unicode.IsSpace(r):
		s.space = len(s.text)
		s.open = s.open || isParagraph(r)
	case strings.ContainsRune("，、；：", r):
		s.space = len(s.text)
	case unicode.IsPunct(r):
		s.open = true
	}
}

// drop removes a sentence.
func (s *Splitter) drop(end int) {
	s.quoted = s.quoted != opensQuotation(string(s.text[:end]))
	n := copy(s.text, s.text[end:])
	copy(s.masked, s.masked[end:])
	s.text, s.masked = s.text[:n], s.masked[:n]
	s.from, s.space = 0, max(s.space-end, 0)
	// The rest was read to find the end.
	s.open = strings.ContainsFunc(string(s.text), func(r rune) bool { return unicode.IsPunct(r) || isParagraph(r) })
}

// mask appends a character to the text that the rules of UAX 29 read. A character that ends
// or closes sentences, but is not in the rules, is replaced with one of the same size that is.
func (s *Splitter) mask(r rune, raw string) {
	before, _ := utf8.DecodeLastRune(s.masked)
	after := closes(before) || before == '.' || unicode.Is(unicode.STerm, before)
	switch {
	case r == '…' || r == '།' || r == '༎': // An ellipsis; Tibetan.
		raw = "。"
	case r == '\u037e': // Greek.
		raw = "։"
	case r == ';' && unicode.Is(unicode.Greek, before):
		raw = "!"
	case after && strings.ContainsRune("*_~`", r): // Markdown.
		raw = ")"
	case after && unicode.In(r, unicode.So, unicode.Sk): // An emoji.
		switch len(raw) {
		case 3:
			raw = "」"
		case 4:
			raw = string(closingOrnament)
		}
	}
	s.masked = append(s.masked, raw...)
}

// closingOrnament is a closing quotation mark of four bytes.
const closingOrnament = '\U0001F676'

// closes reports whether a character may appear between the terminator of a sentence and the
// space after it.
func closes(r rune) bool {
	return unicode.In(r, unicode.Pe, unicode.Pf, unicode.Pi, unicode.Ps) || r == '"' || r == '\'' || r == closingOrnament
}

// isParagraph reports whether a character ends a line or a paragraph.
func isParagraph(r rune) bool {
	switch r {
	case '\n', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// Speakable reports whether a text has a letter or a number.
func Speakable(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// boundary returns where the first sentence ends, or 0 if that is not known yet. The last
// character is r.
func (s *Splitter) boundary(r rune) int {
	for s.open {
		end := s.candidate(r)
		if end == 0 {
			s.open = !unicode.IsLetter(r) // A letter decides all terminators before it.
			break
		}
		switch s.judge(end) {
		case ends:
			return s.beforeOpening(end)
		case undecided:
			return s.tooLong()
		case goesOn:
			s.from = end
			s.open = end < len(s.text)
		}
	}
	if end := s.phrase(r); end > 0 {
		return end
	}
	return s.tooLong()
}

// beforeOpening returns an end without the brackets and quotation marks that open the next
// sentence: without spaces, the rules of UAX 29 cannot tell them from closing ones.
func (s *Splitter) beforeOpening(end int) int {
	sentence := strings.TrimRightFunc(string(s.text[:end]), func(r rune) bool { return unicode.In(r, unicode.Ps, unicode.Pi) })
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(sentence, closes))
	if strings.ContainsRune("。！？｡", r) {
		return len(sentence)
	}
	return end
}

// candidate returns the next boundary of UAX 29, or 0. After a space, it assumes that no
// lower-case letter follows.
func (s *Splitter) candidate(r rune) int {
	rest := s.masked[s.from:]
	_, size := utf8.DecodeLastRune(s.text)
	if before, _ := utf8.DecodeLastRune(s.text[:len(s.text)-size]); unicode.IsPunct(r) || unicode.IsDigit(r) && unicode.IsDigit(before) {
		return 0 // The next character decides. This avoids rereading long numbers and rows of points.
	}
	n, _, _ := sentences.SplitFunc(rest, false)
	if n == 0 && unicode.IsSpace(r) && r != '\r' {
		if n, _, _ = sentences.SplitFunc(append(rest, 'A'), false); n != len(rest) {
			return 0
		}
	}
	if n == 0 {
		return 0
	}
	return s.from + n
}

// phrase returns where a phrase of Thai or Lao ends, which have no terminators: at a space
// between two letters of these scripts, after a phrase of a minimum length.
func (s *Splitter) phrase(r rune) int {
	const shortest = 20 // Characters.
	if !unicode.In(r, unicode.Thai, unicode.Lao) || s.space == 0 || s.space != len(s.text)-utf8.RuneLen(r) {
		return 0
	}
	phrase := strings.TrimRightFunc(string(s.text[:s.space]), unicode.IsSpace)
	before, _ := utf8.DecodeLastRuneInString(phrase)
	if !unicode.In(before, unicode.Thai, unicode.Lao) || utf8.RuneCountInString(phrase) < shortest {
		return 0
	}
	return s.space
}

// tooLong returns where a text without an end is split, or 0.
func (s *Splitter) tooLong() int {
	switch {
	case len(s.text) >= longest && s.space > 0 && Speakable(string(s.text[:s.space])):
		return s.space
	case len(s.text) >= longestWord:
		return len(s.text)
	}
	return 0
}
