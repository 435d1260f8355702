// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentences cuts an answer that comes in pieces into what can be spoken at once: the
// sooner the first sentence is whole, the sooner the user hears it.
type sentences struct{ rest string }

// shortest is the fewest bytes of a sentence, so that "Dr." is none.
const shortest = 5

// longest is when a text without an end is cut at a space all the same.
const longest = 400

// add takes the next piece and returns the sentences that it ends.
func (s *sentences) add(piece string) (ended []string) {
	s.rest += piece
	for {
		end := boundary(s.rest)
		if end == 0 {
			return ended
		}
		if sentence := strings.TrimSpace(s.rest[:end]); sentence != "" {
			ended = append(ended, sentence)
		}
		s.rest = s.rest[end:]
	}
}

// last returns what is left at the end of the answer.
func (s *sentences) last() string {
	rest := strings.TrimSpace(s.rest)
	s.rest = ""
	return rest
}

// boundary returns where the first sentence ends, or 0 if that is not known yet: the
// point of 3.5 shows to be one only by what comes next.
func boundary(text string) int {
	space := 0
	for i, r := range text {
		next := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			next = i + 1
		}
		switch {
		case strings.ContainsRune("。！？", r):
			return next
		case strings.ContainsRune(".!?…\n", r) && len(strings.TrimSpace(text[:next])) >= shortest:
			if after, _ := utf8.DecodeRuneInString(text[next:]); next < len(text) && unicode.IsSpace(after) {
				return next
			}
		case unicode.IsSpace(r):
			space = next
		}
		if next >= longest && space > 0 {
			return space
		}
	}
	return 0
}
