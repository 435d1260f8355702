// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// name is the name of a value in text.
type name struct {
	text       string
	begin, end int
	separator  byte
	quote      byte // The quote behind it; 0 if it is not quoted.
	open       byte // The quote before it, if its value is in the same quotes: "password=x".
	parameter  bool // It is that of a parameter in a URL or a form.
	indent     int  // Of its line, if it is the first word there; else negative.
}

// identifier reports whether the name is written as programs write names, and people do not.
func (n *name) identifier() bool {
	for i := range len(n.text) {
		switch c := n.text[i]; {
		case c == '_' || c == '-' || c == '.' || isDigit(c), i > 0 && 'A' <= c && c <= 'Z' && isLower(n.text[i-1]):
			return true
		}
	}
	return false
}

// nameBefore returns the name that ends before the separator at i.
func nameBefore(s string, i int) (n name) {
	end := i
	if s[i] == '>' { // ->
		end--
	}
	for least := max(0, end-8); end > least; end-- {
		switch c := s[end-1]; {
		case isQuote(c):
			n.quote = c
		case isSpace(c), c == ']', c == '[', c == '\\', c == '?' && n.quote == 0, c == '*', c == ')', c == '!' && s[i] == '=', isEnd(c):
		default:
			goto read
		}
	}
read:
	begin := skipBack(s, end, maxName, isName)
	n.text, n.begin, n.end, n.separator = s[begin:end], begin, end, s[i]
	if begin > 0 {
		switch c := s[begin-1]; {
		case c == '?' || c == '&' || c == ';':
			n.parameter = true
		case n.quote != 0 && (c == '=' || c == ':' || isSpace(c) && !n.isWholeQuote(s)):
			n.text = "" // It is the end of something else that is quoted.
		case isQuote(c) && n.quote == 0 && (begin == 1 || !isWord(s[begin-2])):
			n.open = c
		}
	}
	if n.indent = indentOf(s, begin); n.open != 0 && n.indent < 0 {
		n.indent = 0
	}
	return n
}

// indentOf returns how far a word at i is indented that is the first of its line, but for the
// dash of a list, a quote, and export; else -1.
func indentOf(s string, i int) int {
	for i > 0 && isQuote(s[i-1]) {
		i--
	}
	line := max(0, i-maxName-1)
	if end := strings.LastIndexByte(s[line:i], '\n'); end >= 0 {
		line += end + 1
	} else if line > 0 {
		return -1
	}
	before := s[line:i]
	for _, word := range [...]string{"export ", "set ", "ENV ", "env ", "- "} {
		before = strings.TrimSuffix(before, word)
	}
	if strings.Trim(before, " \t") != "" {
		return -1
	}
	return len(before)
}

// phrase returns the name with up to two words before it: in a sentence, names are of several
// words, as in "the api key: x".
func (n *name) phrase(s string) string {
	begin := n.begin
	for words := 0; words < 2 && begin < n.end && begin > 1 && s[begin-1] == ' ' && isWord(s[begin-2]); words++ {
		begin = skipBack(s, begin-1, maxName, isName)
	}
	return s[begin:n.end]
}

// isWholeQuote reports whether the name with the words before it is all that is in its quotes.
func (n *name) isWholeQuote(s string) bool {
	begin := n.end - len(n.phrase(s))
	return begin > 0 && isQuote(s[begin-1])
}

// isSetting reports whether the name is one of a file or a list of settings, where a value may have
// several words without quotes. In a sentence the words behind a value are not part of it: login with
// password=x failed.
func (n *name) isSetting(s string) bool {
	switch {
	case n.indent >= 0, strings.Contains(n.text, "."): // A line of its own, a property.
		return true
	case n.begin > 0 && (s[n.begin-1] == '=' || s[n.begin-1] == '/'): // In a form or a path.
		return true
	case strings.EqualFold(wordBefore(s, n.begin), "set"): // Windows
		return true
	}
	return n.isInBrackets(s)
}

// isInBrackets reports whether the name is one of several in brackets, whose values end with the
// next name or with the bracket: {user=ada, password=x y}, [PATH=/bin PASSWORD=x y].
func (n *name) isInBrackets(s string) bool {
	open := 0
	for i := n.begin - 1; i >= 0 && n.begin-i < longestForm && !isEnd(s[i]); i-- {
		switch s[i] {
		case ']', '}':
			open--
		case '[', '{':
			open++
			if open > 0 {
				return true
			}
		}
	}
	return false
}

// isPlace reports whether the name is one of a place in a program or of a path, behind which a colon
// has another: app.auth:login:42, /token:refresh.
func (n *name) isPlace(s string) bool {
	return n.quote == 0 && (strings.Contains(n.text, ".") || n.begin > 0 && s[n.begin-1] == '/')
}

// isEmptyField reports whether the next field of a struct begins at i, in place of the value of this:
// {Password: Port:80}.
func (n *name) isEmptyField(s string, i int) bool {
	isUpper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	if n.separator != ':' || n.quote != 0 || !isUpper(n.text[0]) || !isUpper(s[i]) || !startsPair(s, i) {
		return false
	}
	end := skip(s, i, isName)
	return s[end] == ':' && end+1 < len(s) && !isSpace(s[end+1]) && !isData(s[i:end])
}
