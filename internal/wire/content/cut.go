// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// closed returns JSON that was cut, with its strings and containers closed. What cannot be closed
// is removed: a key without a value, a part of a number. The result is no JSON if the text is none.
func closed(text []byte) []byte {
	var (
		ends   []byte // Of the containers that are open.
		isKey  bool   // The next string is a key.
		intact int    // How many bytes can be kept.
	)
	end := func(kept []byte) []byte {
		kept = slices.Clone(kept)
		for _, c := range slices.Backward(ends) {
			kept = append(kept, c)
		}
		return kept
	}
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '{', '[':
			isKey = c == '{'
			ends = append(ends, c+2) // The end of each follows its start by two in ASCII.
			i++
			intact = i
		case '}', ']':
			if len(ends) == 0 {
				return nil
			}
			ends = ends[:len(ends)-1]
			isKey = false
			i++
			intact = i
		case '"':
			size, isWhole := stringSize(text[i:])
			if !isWhole && !isKey {
				return end(append(bytes.Clone(text[:i+size]), '"'))
			}
			i += size
			if !isKey {
				intact = i
			}
			isKey = false
		case ',':
			isKey = len(ends) > 0 && ends[len(ends)-1] == '}'
			i++
		case ':', ' ', '\t', '\r', '\n':
			i++
		default: // A number or a name, which a cut may have shortened.
			size := bytes.IndexAny(text[i:], ",]} \t\r\n")
			if size < 0 {
				return end(text[:intact])
			}
			i += max(size, 1)
			intact = i
		}
	}
	return end(text[:intact])
}

// stringSize returns the size of a string with its quotes. If the string is cut, it is the size up
// to the last character that is whole.
func stringSize(text []byte) (size int, isWhole bool) {
	for i := 1; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			return i + 1, true
		case c == '\\':
			n := 2
			if i+1 < len(text) && text[i+1] == 'u' {
				n = 6
			}
			if i+n > len(text) {
				return i, false
			}
			i += n
		case c < utf8.RuneSelf:
			i++
		default:
			if !utf8.FullRune(text[i:]) {
				return i, false
			}
			_, n := utf8.DecodeRune(text[i:])
			i += n
		}
	}
	return len(text), false
}
