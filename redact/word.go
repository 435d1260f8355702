// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"strings"
	"time"
)

// shellQuote is how a quote is written in a text that a shell has in single quotes.
const shellQuote = `'\''`

// wordEnd returns where a value of one word ends. Passwords have any characters: a bracket, a
// comma or a quote ends one only if nothing of it follows.
func wordEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			return i
		case '"', '\'', '`':
			if strings.HasPrefix(s[i:], shellQuote) {
				i += len(shellQuote) - 1
			} else if closes(s, i) {
				return i
			}
		case '&', ';', ',', '|':
			if i+1 == len(s) || isSpace(s[i+1]) || isEnd(s[i+1]) || isQuote(s[i+1]) || startsPair(s, i+1) && (c == ',' || startsParameter(s, i+1)) {
				return i
			}
			if r, n := entity(s, i); n > 0 && (r == '<' || r == '>' || r == '"') {
				return i
			}
		case ')', '}', ']', '>':
			if closes(s, i) {
				return i
			}
		case '<':
			if i+1 < len(s) && s[i+1] == '/' {
				return i
			}
		case ':':
			if i+1 < len(s) && isSpace(s[i+1]) {
				return i
			}
		case '\\':
			if endsEscaped(s, i) {
				return i
			}
			if i+1 < len(s) && s[i+1] == ' ' { // It is part of the word, as in a shell.
				i++
			}
		}
	}
	return i
}

// endsEscaped reports whether backslashes at i are those of a quote or a line's end, which is
// escaped as often as they say.
func endsEscaped(s string, i int) bool {
	i = skip(s, i, isBackslash)
	if i == len(s) {
		return false
	}
	switch s[i] {
	case 'n', 'r', 't':
		return true
	case 'u':
		return strings.HasPrefix(s[i:], "u0026") || strings.HasPrefix(s[i:], "u003c")
	}
	return isQuote(s[i])
}

// closes reports whether the bracket or the quote at i ends something: nothing follows that is part of a
// word.
func closes(s string, i int) bool {
	if isQuote(s[i]) && i+1 < len(s) && strings.IndexByte(")}]>", s[i+1]) >= 0 {
		return true
	}
	for end := min(len(s), i+maxName); i+1 < end; {
		i++
		switch s[i] {
		case ')', '}', ']', '>', '"', '\'', '`':
			continue
		case ' ', '\t', '\r', '\n', ',', ';', '.', ':', '\\', '/', '<', '|', '&', '=':
			return true
		}
		return false
	}
	return true
}

// startsPair reports whether a name with a separator begins at i.
func startsPair(s string, i int) bool {
	begin := skip(s, i, isQuote)
	if begin-i > 1 || begin == len(s) || !isLetter(s[begin]) && s[begin] != '_' {
		return false
	}
	end := skip(s, begin, isName)
	if end-begin > maxName {
		return false
	}
	if begin > i {
		end = skip(s, end, isQuote)
	}
	if end == len(s) {
		return false
	}
	if s[end] == '=' && end-begin >= shortestKey && (end+1 == len(s) || isSpace(s[end+1]) || isEnd(s[end+1]) || s[end+1] == '=') {
		return false // Base64 ends so.
	}
	return s[end] == '=' || s[end] == ':' && !strings.HasPrefix(s[end:], "://")
}

// startsParameter reports whether a name with = begins at i.
func startsParameter(s string, i int) bool {
	end := skip(s, i, isName)
	return end < len(s) && s[end] == '='
}

// phraseEnd returns where a value of several words ends whose first word ends at i: with its
// line, or before the next name.
func phraseEnd(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', ',', ';', '&', '|', ':':
		default:
			return i
		}
		next := skip(s, i, func(c byte) bool { return isSpace(c) || c == ',' || c == ';' || c == '|' || c == ':' || c == '&' })
		if next == len(s) || startsPair(s, next) || s[next] == '-' && next > i && isSpace(s[next-1]) {
			return i
		}
		end := wordEnd(s, next)
		if end == next {
			return i
		}
		i = end
	}
	return i
}

// nothings are values that say nothing.
var nothings = words(`
	~ empty (empty) (unset) (hidden) hidden
	null nil <nil> none undefined true false yes no on off n/a nan (nil) (none) <none> … %s %v %q %d %+v %w {} [] ()
	redacted <redacted> (redacted) [filtered] *****
`)

// isNothing reports whether a value is none, or says nothing: null, true, ****, %s.
func isNothing(s string) bool {
	if s == "" || strings.HasPrefix(s, marker) && markEnd(s, 0) == len(s) {
		return true
	}
	if strings.Trim(s, s[:1]) == "" && (strings.IndexByte("*.?#-_\x00", s[0]) >= 0 || len(s) > 2 && lower(s[0]) == 'x') { // ****
		return true
	}
	if s[0] == '<' && (s[len(s)-1] == '>' || strings.IndexByte(s, '>') < 0) && skip(s, 1, func(c byte) bool { return isLetter(c) || c == '-' || c == '_' || c == ' ' }) >= len(s)-1 {
		return true // <nil>, <password>
	}
	return nothings.has(s) || isPlaceholder(s) || strings.HasPrefix(s, "0xc0") && len(s) <= len("0xc000123456") // A pointer of Go's.
}

// isNothingBefore reports whether what stands before a comma says nothing, in a list of values.
func isNothingBefore(s string) bool {
	first, _, ok := strings.Cut(s, ",")
	return ok && (isPlaceholder(first) || first == "true" || first == "false" || first == "null")
}

// isPlaceholder reports whether a value stands for one that comes from elsewhere: $1, ${DB_PASS},
// :password, {{ password }}.
func isPlaceholder(s string) bool {
	switch {
	case len(s) < 2:
		return s == "?"
	case isPlaceholderAt(s, 0):
		return true
	case s[0] == '$' && isDigits(s[1:]):
		return true
	case s[0] == ':' || s[0] == '@':
		return placeholders.has(s[1:])
	}
	return false
}

// isCode reports whether what begins at i is not a value but code: the type of a field, a call, the
// variable of the same name.
func isCode(s string, i int, n *name) bool {
	end := skip(s, i, isName)
	if end == i {
		return false
	}
	word := s[i:end]
	switch {
	case n.quote == 0 && typeNames.has(word) && (end == len(s) || s[end] != '=' && s[end] != '(') && !strings.HasPrefix(s[end:], " ="):
		return true
	case end+1 < len(s) && s[end] == '(' && (s[end+1] == ')' || getters.has(word[strings.LastIndexByte(word, '.')+1:])): // newToken(), os.Getenv("x")
		return true
	case n.separator == '=' && isSpace(s[i-1]) && (word == n.text || strings.HasSuffix(n.text, "."+word)): // the field of the same name
		return true
	}
	// string password = 2; of protocol buffers
	return n.begin > 0 && isSpace(s[n.begin-1]) && typeNames.has(wordBefore(s, n.begin)) && isDigits(word)
}

// getters are functions that are given the name of a value.
var getters = words("new getenv lookupenv get query getstring getsecret lookup env field formvalue header postformvalue getparameter value fetch load read")

// typeNames are those of fields in code and in schemas.
var typeNames = words("string str bool boolean bytes int integer int32 int64 uint32 uint64 optional any object text varchar char")

// isSchema reports whether an object says of what type a value is: {"type":"string"}.
func isSchema(s string) bool {
	i := skip(s, 1, func(c byte) bool { return isSpace(c) || isQuote(c) || isEnd(c) })
	return strings.HasPrefix(s[min(i, len(s)):], "type") && !strings.Contains(s, "value") && !strings.Contains(s, "default") && !strings.Contains(s, "example")
}

// letterWord reports whether a word is short, of small letters, and perhaps a number behind a colon.
func letterWord(s string) bool {
	end := skip(s, 0, isLower)
	return end > 0 && end < shortestKey && (end == len(s) || s[end] == ':')
}

// isPlaceholderAt reports whether what begins at i is where a value comes from, or stands for it.
func isPlaceholderAt(s string, i int) bool {
	for _, begin := range [...]string{"${", "$(", "{{", "%(", "#{", "os.", "process.env", "System.getenv", "ENV[", "env(", "env.", "getenv(", "var.", "secrets.", "vault."} {
		if strings.HasPrefix(s[i:], begin) {
			return true
		}
	}
	switch s[i] {
	case '<', '{':
		end := skip(s, i+1, func(c byte) bool { return isLetter(c) || c == '_' || c == '-' || c == ' ' })
		return end > i+1 && end < len(s) && (s[end] == '>' || s[end] == '}') && !goesOn(s, end+1)
	case '$':
		end := skip(s, i+1, isName)
		return strings.ToUpper(s[i:end]) == s[i:end] && (strings.Contains(s[i:end], "_") || placeholders.has(s[i+1:end]))
	}
	return false
}

// placeholders are the names by which statements have values that are secret.
var placeholders = words("password passwd pass pwd secret token api_key apikey key phone email hash password_hash new_password value otp pin")

// spoken are the words by which programs speak of a value, or of what has become of it.
var spoken = words(`
	eof context illegal timeout connection dial try length post get
	falsch ungültig fehlt abgelaufen leer match matched matches
	ok okay required missing invalid incorrect wrong bad mismatch mismatched expired expires expiring revoked rejected
	refused denied granted accepted verified unverified validated valid confirmed failed fails failure error success
	successful succeeded not no too must should cannot can't could is are was were has have does doesn't isn't will unset
	set empty unknown unexpected unauthorized unauthenticated forbidden found absent present provided given hidden disabled
	enabled changed updated rotated loaded reloaded created deleted removed stored saved cached sent received refreshed
	issued used unused ringing connected connecting disconnected dialing busy idle offline online answered unanswered hangup
	hung unavailable available pending active inactive optional blank supplied after before the a an and or to for of in
	from with see use using reading checking loading refreshing attempt check only already never none via at by if when per
	skipped ignored default
`)

// faults are those of them that are hardly a password. Others are: default, enabled.
var faults = words(`
	required missing invalid incorrect wrong mismatch mismatched expired rejected denied verified unset empty unknown
	falsch ungültig fehlt abgelaufen leer
	absent provided changed updated rotated reset too must not cannot is was failed hidden
`)

// speaksOf reports whether a word behind the key, in a sentence or as its value, is said of it.
func (k *key) speaksOf(word string, sentence bool) bool {
	word = strings.TrimRight(word, ".,:;!?")
	if k.value == phrase && !sentence {
		return faults.has(word)
	}
	return spoken.has(word)
}

// saysNothing reports whether a quoted text behind the key is no secret.
func (k *key) saysNothing(s string) bool {
	return isNothing(s) || !strings.ContainsAny(s, " \t\n") && k.speaksOf(s, false)
}

// isData reports whether a word looks like what a program has made, and not like one of a
// sentence or a measurement.
func isData(word string) bool {
	if isMeasurement(word) {
		return false
	}
	letters := true
	for _, c := range []byte(word) {
		letters = letters && (isLetter(c) || c >= 0x80 || c == '-' || c == '\'' || c == '.' || c == ',' || c == ':' || c == '/')
	}
	if !letters {
		return len(word) >= 4
	}
	return len(word) >= shortestKey && !strings.ContainsAny(word, "/.") || isCamel(word)
}

// isCamel reports whether capitals and small letters are mixed as in no word.
func isCamel(word string) bool {
	changes := 0
	for i := 1; i < len(word); i++ {
		if isLower(word[i-1]) && 'A' <= word[i] && word[i] <= 'Z' {
			changes++
		}
	}
	return changes > 1
}

// isMeasurement reports whether a word is a number with a unit or a fraction: 312ms, 0.3.
func isMeasurement(word string) bool {
	end := skip(word, 0, isDigit)
	if end == 0 || end > 6 {
		return false
	}
	if end < len(word) && word[end] == '.' {
		end = skip(word, end+1, isDigit)
	}
	if end == len(word) {
		return strings.Contains(word, ".")
	}
	_, err := time.ParseDuration(word) // 6m0s
	return err == nil || isUnit(word, end)
}

func isNumber(word string) bool {
	return isMeasurement(word) || isDigits(strings.ReplaceAll(strings.TrimLeft(word, "+-"), ".", ""))
}

// isShortNumber reports whether a word is a count, and no key.
func isShortNumber(word string) bool { return len(word) < 4 && isDigits(word) || isMeasurement(word) }
