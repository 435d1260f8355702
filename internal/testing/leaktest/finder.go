// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
)

// A Finder finds many words in one pass over a text. It does not change after [NewFinder], and is safe for
// concurrent use.
type Finder struct {
	words map[[prefix]byte][]word
	begin [1 << 16]bool // By a hash of the first four bytes of the words.
}

// prefix is the length of the shortest word.
const prefix = 6

type word struct {
	of   int
	text []byte
}

// NewFinder returns a finder of the skeletons of words, by index. It ignores skeletons of fewer than six bytes.
func NewFinder(words [][]string) *Finder {
	f := &Finder{words: make(map[[prefix]byte][]word)}
	for i, list := range words {
		for _, w := range list {
			skeleton := Skeleton([]byte(w))
			if len(skeleton) < prefix {
				continue
			}
			start := [prefix]byte(skeleton)
			f.words[start] = append(f.words[start], word{i, skeleton})
			f.begin[sum(skeleton)] = true
		}
	}
	return f
}

func sum(b []byte) uint16 { return uint16(binary.LittleEndian.Uint32(b) * 2654435761 >> 16) }

// Find calls found for each word in a skeleton, with the text around it.
func (f *Finder) Find(skeleton []byte, found func(of int, around string)) {
	const before, after = 60, 90
	for i := 0; i+prefix <= len(skeleton); i++ {
		if !f.begin[sum(skeleton[i:])] {
			continue
		}
		for _, w := range f.words[[prefix]byte(skeleton[i:])] {
			if bytes.HasPrefix(skeleton[i:], w.text) {
				found(w.of, string(skeleton[max(0, i-before):min(len(skeleton), i+after)]))
			}
		}
	}
}

// Unmistakable returns the secret with only those words that do not occur by accident, unlike six digits in a
// timestamp. A secret without such words gets a longer value.
func (s Secret) Unmistakable() Secret {
	var long []string
	for _, w := range s.Words {
		if len(w) >= 9 || len(w) >= prefix && strings.ContainsFunc(w, isUnusual) {
			long = append(long, w)
		}
	}
	if len(long) == 0 {
		s.Value += gen(s.Name, digits, 12)
		long = parts(s.Value)
	}
	s.Words = long
	return s
}

// isUnusual reports whether a letter is not a hexadecimal digit.
func isUnusual(c rune) bool { return unicode.IsLetter(c) && !strings.ContainsRune("abcdefABCDEF", c) }
