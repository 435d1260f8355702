// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// segmenter cuts an answer that arrives in pieces into sentences, each as soon as its
// end is known: the first one decides when the user hears the voice. Boundaries are
// those of Unicode's sentence rules (UAX 29), which cover the punctuation of all
// scripts, less those that follow an abbreviation, an initial or an ordinal.
//
// The segments joined are the text, byte for byte. They are the same however the text
// is cut into pieces, because a decision is made after each character and is final.
type segmenter struct {
	text []byte
	// masked is text as the rules of UAX 29 read it; see mask. Offsets are the same.
	masked  []byte
	partial []byte // The beginning of a character that was cut in two.
	from    int    // Where the sentence begins whose end is searched.
	open    bool   // A terminator has come, and whether it ends the sentence is not known.
	space   int    // The end of the last space or comma, where a long text may be cut.
	quoted  bool   // The text begins within a quotation.
}

const (
	// longest is when a text without an end is cut at a space all the same, in bytes.
	longest = 400
	// longestWord is when it is cut anywhere. It is less than the 4096 characters that
	// speech services take.
	longestWord = 4000
)

// add takes the next piece and returns the segments that it completes.
func (s *segmenter) add(piece string) (ended []string) {
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

// last returns what is left at the end of the answer.
func (s *segmenter) last() string {
	rest := string(s.text) + string(s.partial)
	*s = segmenter{}
	return rest
}

func (s *segmenter) push(r rune, raw string) {
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

// drop removes a segment.
func (s *segmenter) drop(end int) {
	s.quoted = s.quoted != opensQuotation(string(s.text[:end]))
	n := copy(s.text, s.text[end:])
	copy(s.masked, s.masked[end:])
	s.text, s.masked = s.text[:n], s.masked[:n]
	s.from, s.space = 0, max(s.space-end, 0)
	// What is left is what had to be read to know the end.
	s.open = strings.ContainsFunc(string(s.text), func(r rune) bool { return unicode.IsPunct(r) || isParagraph(r) })
}

// mask appends a character to what the rules of UAX 29 read: one that ends sentences,
// or closes them, without being in the rules becomes one of the same size that is.
func (s *segmenter) mask(r rune, raw string) {
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
	case after && unicode.In(r, unicode.So, unicode.Sk): // Emoji.
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

// closes reports whether a character may stand between the end of a sentence and the
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

// speakable reports whether a text has something to say.
func speakable(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// boundary returns where the first segment ends, or 0 if that is not known yet. The
// last character is r.
func (s *segmenter) boundary(r rune) int {
	for s.open {
		end := s.candidate(r)
		if end == 0 {
			s.open = !unicode.IsLetter(r) // A letter decides all that came before it.
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

// beforeOpening returns an end less the brackets and quotation marks that open what comes
// next: where there are no spaces, the rules of UAX 29 do not tell them from closing ones.
func (s *segmenter) beforeOpening(end int) int {
	sentence := strings.TrimRightFunc(string(s.text[:end]), func(r rune) bool { return unicode.In(r, unicode.Ps, unicode.Pi) })
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(sentence, closes))
	if strings.ContainsRune("。！？｡", r) {
		return len(sentence)
	}
	return end
}

// candidate returns the next boundary of UAX 29, or 0. After a space it is one that
// there will be unless a lower-case letter follows.
func (s *segmenter) candidate(r rune) int {
	rest := s.masked[s.from:]
	_, size := utf8.DecodeLastRune(s.text)
	if before, _ := utf8.DecodeLastRune(s.text[:len(s.text)-size]); unicode.IsPunct(r) || unicode.IsDigit(r) && unicode.IsDigit(before) {
		return 0 // Decided by what follows: long numbers and lines of points are not read again and again.
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

// phrase returns where a phrase of Thai or Lao ends, which have no terminator: at a
// space between two of their letters, after a phrase of some length.
func (s *segmenter) phrase(r rune) int {
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

// tooLong returns where a text that does not end is cut.
func (s *segmenter) tooLong() int {
	switch {
	case len(s.text) >= longest && s.space > 0 && speakable(string(s.text[:s.space])):
		return s.space
	case len(s.text) >= longestWord:
		return len(s.text)
	}
	return 0
}
