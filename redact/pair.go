// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// pair finds the value of a secret key in text, in the ways in which values follow their names:
//
//	password=x  password: x  "password":"x"  password => x    assignments, JSON, YAML, struct printing
//	Authorization: Digest user="x", response="y"              headers, printed ones too
//	--password x                                              flags
//	<password>x</password>                                    elements
//	{"name":"password","value":"x"}                           names that are values themselves
//	PASSWORD 'x'                                              statements
func (r *Redactor) pair(s string, from int) (Finding, bool) {
	const separators = classPair | classTag | classDash | classQuote
	for i := from; i < len(s); i++ {
		if classes[s[i]]&separators == 0 {
			continue
		}
		var (
			f  Finding
			ok bool
		)
		switch s[i] {
		case '=', ':':
			f, ok = r.assigned(s, i)
		case '>':
			if f, ok = r.element(s, i); !ok {
				f, ok = r.neighbour(s, i)
			}
			if !ok && i > 0 && (s[i-1] == '-' || s[i-1] == '<') { // password -> x, password <> 'x'
				f, ok = r.assigned(s, i)
			}
		case '-':
			f, ok = r.flag(s, i)
		default:
			if f, ok = r.tuple(s, i); !ok {
				f, ok = r.statement(s, i)
			}
		}
		if ok && f.Begin >= from && f.Begin < f.End {
			return f, true
		}
	}
	return Finding{}, false
}

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

func isName(c byte) bool { return isWord(c) || c == '-' || c == '.' }

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

// keyOf returns the secret key that a name is; nil if it is none.
func (r *Redactor) keyOf(s string, n *name) *key {
	if strings.HasSuffix(s[:n.begin], marker+":") {
		return nil // It is the rule of a mark.
	}
	if k := r.keys.find(n.text); k != nil {
		if phrase := n.phrase(s); len(phrase) > len(n.text) && isHarmless(phrase, len(phrase)-len(n.text)) { // first token: 312 ms
			return nil
		}
		return k
	}
	if phrase := n.phrase(s); len(phrase) > len(n.text) {
		if k := r.keys.find(phrase); k != nil {
			return k
		}
	}
	switch {
	case !r.secretNames:
		return nil
	case n.parameter && querySecrets.has(n.text):
		return queryKey
	case isSecretName(n.text):
		return secretNameKey
	case digests.has(n.text):
		return digestKey
	}
	return nil
}

// assigned finds what follows the separator at i.
func (r *Redactor) assigned(s string, i int) (Finding, bool) {
	if s[i] == '=' && i > 0 && (s[i-1] == '=' || s[i-1] == ':') {
		return Finding{}, false // Read with the first.
	}
	n := nameBefore(s, i)
	if n.text == "" {
		return Finding{}, false
	}
	k := r.keyOf(s, &n)
	if k != nil && n.begin > 0 && s[n.begin-1] == ':' && n.quote == 0 && isARN(s, n.begin) {
		return Finding{}, false
	}
	if n.quote != 0 && n.begin > 1 && strings.EqualFold(wordBefore(s, skipBack(s, n.begin-1, longestWord, isBackslash)), "case") {
		return Finding{}, false // case "password":
	}
	if k == nil {
		if naming.has(n.text) {
			return r.named(s, i)
		}
		return Finding{}, false
	}
	begin, end := valueAfter(s, i, &n, k)
	if begin >= end || k == digestKey && skip(s, begin, isHex)-begin < 32 {
		return Finding{}, false
	}
	return Finding{Begin: begin, End: end, Rule: ruleKey, Key: n.text, with: Redacted}, true
}

// isARN reports whether what ends at i is the beginning of a name of AWS's, which has colons.
func isARN(s string, i int) bool {
	begin := skipBack(s, i, 4*maxName, func(c byte) bool { return isName(c) || c == ':' || c == '/' })
	return strings.HasPrefix(s[begin:], "arn:")
}

// isSecretName reports whether a name is an id whose value is its secret: a key of LiveKit's
// configuration, APIxxxxxxxxxxxx.
func isSecretName(name string) bool {
	return len(name) >= 9 && len(name) <= 18 && strings.HasPrefix(name, "API") && skip(name, 0, isToken) == len(name) && strings.ContainsAny(name, "0123456789")
}

// flag finds what follows the flag of a command line at i: --password x, and the same in a list
// of arguments.
func (r *Redactor) flag(s string, i int) (Finding, bool) {
	if i > 0 && (isName(s[i-1]) || s[i-1] == mask) {
		return Finding{}, false
	}
	begin := skip(s, i, func(c byte) bool { return c == '-' })
	end := skip(s, begin, isName)
	if begin-i > 2 || end == begin || end-begin > maxName || end == len(s) {
		return Finding{}, false
	}
	if value, stop, ok := r.refused(s, i, begin, end); ok {
		return Finding{Begin: value, End: stop, Rule: ruleKey, Key: s[begin:end], with: Redacted}, true
	}
	user := s[begin:end] == "u" || s[begin:end] == "user" || s[begin:end] == "proxy-user"
	k := r.keys.find(s[begin:end])
	if k == nil && !user {
		return Finding{}, false
	}
	// In a printed list of arguments there are quotes and a comma between them.
	at := skip(s, end, func(c byte) bool { return isQuote(c) || c == ',' || isSpace(c) })
	if at > 0 && at < len(s) && isQuote(s[at-1]) && endsQuote(s, at-1) { // The end of what the flag is in.
		return Finding{}, false
	}
	if at == end || at == len(s) || s[at] == '-' || s[at] == '=' || s[at] == ':' || at-end > 8 {
		return Finding{}, false
	}
	if !strings.ContainsAny(s[end:at], " \t,") || isQuote(s[end]) && (i == 0 || s[i-1] != s[end]) || flagWords.has(wordBefore(s, i)) {
		return Finding{}, false
	}
	stop := wordEnd(s, at)
	if isQuote(s[at-1]) {
		stop = closingWithin(s, at, s[at-1])
	}
	if next := skip(s, stop, isSpace); begin-i == 1 && k != nil && !isData(s[at:stop]) && (k.value == machine || next > stop && next < len(s) && isLetter(s[next])) {
		return Finding{}, false // A dash before a sentence.
	}
	if user {
		colon := strings.IndexByte(s[at:stop], ':')
		if colon <= 0 || strings.HasPrefix(s[at+colon:], "://") || !r.secretNames {
			return Finding{}, false
		}
		return Finding{Begin: at, End: stop, Rule: ruleKey, Key: s[begin:end], with: Redacted}, true
	}
	if isQuote(s[at-1]) && stop+1 < len(s) && s[stop+1] == ':' {
		return Finding{}, false // It is the name of the next.
	}
	if isNothing(s[at:stop]) || k.speaksOf(s[at:stop], true) || r.keys.find(s[at:stop]) != nil || isPlaceholderAt(s, at) || valueKinds.has(s[at:stop]) || k.value == counted && isNumber(s[at:stop]) || markEnd(s, at) > at {
		return Finding{}, false
	}
	return Finding{Begin: at, End: stop, Rule: ruleKey, Key: s[begin:end], with: Redacted}, true
}

// valueKinds are words by which a usage message says what a flag takes.
var valueKinds = words("string str stringarray strings text value file path int duration key")

// flagWords are words behind which a flag is spoken of.
var flagWords = words("flag flags option options argument arguments parameter unknown missing invalid required deprecated use the specify with needs requires add using or and")

// identifiedBy is how MySQL has a password.
var identifiedBy = &key{name: "by", value: phrase}

// statement finds what is quoted behind a name with nothing but a space between them, as in SQL:
// ALTER USER ada PASSWORD 'x', IDENTIFIED BY 'x'.
func (r *Redactor) statement(s string, i int) (Finding, bool) {
	if i < 2 || !isSpace(s[i-1]) && s[i-1] != '(' && s[i-1] != ',' || !isWord(s[i-2]) {
		return Finding{}, false
	}
	begin := skipBack(s, i-1, maxName, isName)
	text := s[begin : i-1]
	if s[i-1] == '(' && !strings.HasPrefix(strings.ToLower(text), "set") && !strings.HasPrefix(text, "With") && !strings.HasPrefix(text, ".set") {
		return Finding{}, false // What is called may as well want the name of a secret.
	}
	if s[i-1] == ',' && (begin == 0 || s[begin-1] != '{') {
		return Finding{}, false
	}
	k := r.keys.find(text)
	if k == nil || k.value != phrase && k.value != machine {
		k = identifiedBy
		if !strings.EqualFold(text, "by") || !strings.EqualFold(wordBefore(s, begin), "identified") || !r.secretNames {
			return Finding{}, false
		}
	}
	end := closingWithin(s, i+1, s[i])
	if end == len(s) || k.saysNothing(s[i+1:end]) {
		return Finding{}, false
	}
	if isSpace(s[i-1]) && (k.value == machine || k.name[0] == 's') && !k.looksSecret(s[i+1:end]) {
		return Finding{}, false // Secrets have names, too: secret "db-creds" not found.
	}
	return Finding{Begin: i + 1, End: end, Rule: ruleKey, Key: text, with: Redacted}, true
}

// refused finds the value that the flag packages do not take, before the flag whose name is from
// begin to end: invalid value "x" for flag -password.
func (r *Redactor) refused(s string, i, begin, end int) (value, stop int, ok bool) {
	before := strings.TrimSuffix(s[:i], `"`)
	for _, way := range [...]string{`" for flag `, `" for `} {
		before, ok = strings.CutSuffix(before, way)
		if !ok {
			continue
		}
		before = strings.TrimRight(before, `\`)
		value = strings.LastIndexByte(before, '"') + 1
		return value, len(before), value > 0 && value < len(before) && before[value] != '[' && r.keys.find(s[begin:end]) != nil
	}
	return 0, 0, false
}

// tuple finds the second of two quoted texts whose first, which begins at i, is the name:
// ["password","x"], ('password', 'x'), [ 'X-Api-Key', 'x', … ].
func (r *Redactor) tuple(s string, i int) (Finding, bool) {
	before := skipBack(s, i, 2, func(c byte) bool { return isSpace(c) || c == 'b' })
	if before == 0 || strings.IndexByte("[({,", s[before-1]) < 0 {
		return Finding{}, false
	}
	end := skip(s, i+1, isName)
	if end == len(s) || s[end] != s[i] {
		return Finding{}, false
	}
	k := r.keys.find(s[i+1 : end])
	if k == nil {
		return Finding{}, false
	}
	begin := skip(s, end+1, func(c byte) bool { return c == ',' || isSpace(c) || c == 'b' })
	if begin == end+1 || begin == len(s) || !isQuote(s[begin]) || !strings.Contains(s[end:begin], ",") {
		return Finding{}, false
	}
	stop := closingWithin(s, begin+1, s[begin])
	value := s[begin+1 : stop]
	next := skip(s, stop, isQuote)
	isPair := strings.IndexByte("[(", s[before-1]) >= 0 && (next >= len(s) || s[next] == ']' || s[next] == ')')
	if isNothing(value) || value[0] == '-' || r.keys.find(value) != nil || !isPair && !k.looksSecret(value) {
		return Finding{}, false // It is one of a list of names.
	}
	return Finding{Begin: begin + 1, End: stop, Rule: ruleKey, Key: s[i+1 : end], with: Redacted}, true
}
