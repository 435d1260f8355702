// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// A Name is the name of a value in text.
type Name struct {
	Text       string
	Begin, End int
	separator  byte
	Quote      byte // The quote after it; 0 if it is not quoted.
	open       byte // The quote in front of it, if its value is in the same quotes: "password=x".
	Parameter  bool // It is a parameter of a URL or a form.
	indent     int  // Of its line, if it is the first word; otherwise negative.
}

// identifier reports whether the name is written like an identifier of a program.
func (n *Name) identifier() bool {
	for i := range len(n.Text) {
		switch c := n.Text[i]; {
		case c == '_' || c == '-' || c == '.' || chars.IsDigit(c), i > 0 && 'A' <= c && c <= 'Z' && chars.IsLower(n.Text[i-1]):
			return true
		}
	}
	return false
}

// NameBefore returns the name in front of the separator at i.
func NameBefore(s string, i int) (n Name) {
	end := i
	if s[i] == '>' { // ->
		end--
	}
	for least := max(0, end-8); end > least; end-- {
		switch c := s[end-1]; {
		case chars.IsQuote(c):
			n.Quote = c
		case chars.IsSpace(c), c == ']', c == '[', c == '\\', c == '?' && n.Quote == 0, c == '*', c == ')', c == '!' && s[i] == '=', chars.IsEnd(c):
		default:
			goto read
		}
	}
read:
	begin := chars.SkipBack(s, end, chars.MaxName, chars.IsName)
	n.Text, n.Begin, n.End, n.separator = s[begin:end], begin, end, s[i]
	if begin > 0 {
		switch c := s[begin-1]; {
		case c == '?' || c == '&' || c == ';':
			n.Parameter = true
		case n.Quote != 0 && (c == '=' || c == ':' || chars.IsSpace(c) && !n.isWholeQuote(s)):
			n.Text = "" // It is the end of another quoted text.
		case chars.IsQuote(c) && n.Quote == 0 && (begin == 1 || !chars.IsWord(s[begin-2])):
			n.open = c
		}
	}
	if n.indent = indentOf(s, begin); n.open != 0 && n.indent < 0 {
		n.indent = 0
	}
	return n
}

// indentOf returns the indentation of a word at i that is the first of its line, or -1. The dash of a
// list, a quote, and export may be in front of it.
func indentOf(s string, i int) int {
	for i > 0 && chars.IsQuote(s[i-1]) {
		i--
	}
	line := max(0, i-chars.MaxName-1)
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

// WithWordsBefore returns the name with up to two words in front of it. In a sentence a name may have
// several words: "the api key: x".
func (n *Name) WithWordsBefore(s string) string {
	begin := n.Begin
	for words := 0; words < 2 && begin < n.End && begin > 1 && s[begin-1] == ' ' && chars.IsWord(s[begin-2]); words++ {
		begin = chars.SkipBack(s, begin-1, chars.MaxName, chars.IsName)
	}
	return s[begin:n.End]
}

// isWholeQuote reports whether the quotes contain only the name and the words in front of it.
func (n *Name) isWholeQuote(s string) bool {
	begin := n.End - len(n.WithWordsBefore(s))
	return begin > 0 && chars.IsQuote(s[begin-1])
}

// isSetting reports whether the name is in a file or a list of settings, where a value may have several
// words without quotes. In a sentence the words after a value are not part of it: login with password=x
// failed.
func (n *Name) isSetting(s string) bool {
	switch {
	case n.indent >= 0, strings.Contains(n.Text, "."): // A line of its own, a property.
		return true
	case n.Begin > 0 && (s[n.Begin-1] == '=' || s[n.Begin-1] == '/'): // In a form or a path.
		return true
	case strings.EqualFold(chars.WordBefore(s, n.Begin), "set"): // Windows
		return true
	}
	return n.isInBrackets(s)
}

// isInBrackets reports whether the name is in brackets, where a value ends at the next name or at the
// bracket: {user=ada, password=x y}, [PATH=/bin PASSWORD=x y].
func (n *Name) isInBrackets(s string) bool {
	open := 0
	for i := n.Begin - 1; i >= 0 && n.Begin-i < chars.MaxLookBack && !chars.IsEnd(s[i]); i-- {
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

// isPlace reports whether the name is a place in a program or a path, after which a colon is not a
// separator: app.auth:login:42, /token:refresh.
func (n *Name) isPlace(s string) bool {
	return n.Quote == 0 && (strings.Contains(n.Text, ".") || n.Begin > 0 && s[n.Begin-1] == '/')
}

// isEmptyField reports whether the next field of a struct begins at i, so that this one is empty:
// {Password: Port:80}.
func (n *Name) isEmptyField(s string, i int) bool {
	isUpper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	if n.separator != ':' || n.Quote != 0 || !isUpper(n.Text[0]) || !isUpper(s[i]) || !StartsPair(s, i) {
		return false
	}
	end := chars.Skip(s, i, chars.IsName)
	return s[end] == ':' && end+1 < len(s) && !chars.IsSpace(s[end+1]) && !IsData(s[i:end])
}
