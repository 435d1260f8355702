// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// valueAfter returns where the value behind the separator at i begins and ends. It is empty if
// there is none that may be secret.
func valueAfter(s string, i int, n *name, k *key) (begin, end int) {
	at := i + 1
	for at < len(s) && at < i+3 && (s[at] == '=' || s[at] == '>' || s[at] == '~') { // :=, ==, =>, =~
		at++
	}
	begin = skip(s, at, isSpace)
	if begin == len(s) || n.separator == '=' && begin > at && s[n.end] == '=' && startsParameter(s, begin) { // password= user=ada
		return 0, 0
	}
	if isEnd(s[begin]) && (n.separator != ':' || n.quote != 0) { // The value is on the next line.
		begin = skip(s, begin, func(c byte) bool { return isEnd(c) || isSpace(c) })
		if begin < len(s) && isEnd(s[begin-1]) && startsParameter(s, begin) {
			return 0, 0
		}
	} else if isEnd(s[begin]) || isBlockMark(s, begin) {
		return blockAfter(s, begin, n, k)
	}
	if strings.HasPrefix(s[begin:], "** ") { // **Password:** x
		begin = skip(s, begin+2, isSpace)
	}
	if begin == len(s) || isPlaceholderAt(s, begin) || isCode(s, begin, n) {
		return 0, 0
	}
	if begin = skipTypes(s, begin); begin == len(s) {
		return 0, 0
	}
	if end := skip(s, begin, isName); typeNames.has(s[begin:end]) && strings.HasPrefix(s[end:], " = ") { // let password: String = "x"
		begin = skip(s, end+len(" = "), isSpace)
	}
	if begin == len(s) {
		return 0, 0
	}
	if n.quote == 0 && begin < len(s) && isQuote(s[begin]) && endsQuote(s, begin) || n.isEmptyField(s, begin) {
		return 0, 0
	}
	if open := quoteAt(s, begin); open >= 0 {
		begin, end = quoted(s, open)
		if k.value == credentials && begin < len(s) { // Its own quotes may be without their escapes.
			end = max(end, credentialsEnd(s, begin))
		}
		if k.saysNothing(s[begin:end]) {
			return 0, 0
		}
		return begin, changeEnd(s, end)
	}
	if markEnd(s, begin) > begin {
		return 0, 0
	}
	if open := groupAt(s, begin); open >= 0 && (k.value != personal || s[open] != '(') {
		end = groupEnd(s, open)
		if isSchema(s[open:end]) {
			return 0, 0
		}
		if inside := strings.Trim(s[open:end], "[]{}() "); isNothing(inside) || k.speaksOf(inside, true) || k.value == counted && isNumber(inside) {
			return 0, 0
		}
		if strings.Trim(s[open:end], "[]{}() ") == "" { // Empty, or escaped.
			return 0, 0
		}
		return begin, end
	}
	if _, escape := backslash(s, begin); escape > 0 {
		return 0, 0 // It is read without its escapes.
	}
	return scalar(s, begin, n, k, begin > i+1)
}

// markEnd returns where the mark ends that stands at i, with nothing behind it that belongs to
// it; i if there is none.
func markEnd(s string, i int) int {
	if !strings.HasPrefix(s[i:], marker) {
		return i
	}
	n := strings.IndexByte(s[i:], ']')
	if n < 0 {
		return i
	}
	if end := i + n + 1; !goesOn(s, end) {
		return end
	}
	return i
}

// skipTypes skips what is printed before a value of its type: (string) (len=7) by spew,
// string(9) by PHP.
func skipTypes(s string, i int) int {
	for {
		open := skip(s, i, isLetter)
		if open == len(s) || s[open] != '(' {
			return i
		}
		n := strings.IndexByte(s[open:min(len(s), open+maxName)], ')')
		if n < 0 || open+n+1 == len(s) || !isSpace(s[open+n+1]) {
			return i
		}
		next := skip(s, open+n+1, isSpace)
		if next == len(s) || !isQuote(s[next]) && s[next] != '(' && s[next] != '{' {
			return i
		}
		i = next
	}
}

// endsQuote reports whether the quote at i ends what began before: "m":"password=","n":3.
func endsQuote(s string, i int) bool {
	if i+1 == len(s) {
		return true
	}
	switch s[i+1] {
	case ',', '}', ']', ':', ' ', '\n', '\r', '\\':
		return true
	}
	return false
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

// quoteAt returns where the quote is that a value begins with, which may have a letter before
// it, as in b"x"; or -1.
func quoteAt(s string, i int) int {
	if i+1 < len(s) && !isQuote(s[i]) && (isLetter(s[i]) || s[i] == '@' || s[i] == '$' || s[i] == '&') {
		i++
	}
	if isQuote(s[i]) {
		return i
	}
	return -1
}

// quoted returns what is between the quotes at i and their end.
func quoted(s string, i int) (begin, end int) {
	begin = skip(s, i, func(c byte) bool { return c == s[i] })
	// Python has three quotes, and CSV has those doubled that are in a field.
	if quotes := s[i:begin]; len(quotes) > 2 || len(quotes) == 2 && begin < len(s) && isWord(s[begin]) {
		if n := strings.Index(s[begin:], quotes); n >= 0 {
			return begin, begin + n
		}
		if len(quotes) > 2 {
			return i, i // An empty one, and the end of what it is in.
		}
		return begin, len(s)
	}
	return i + 1, closing(s, i+1, s[i])
}

// closing returns where the quote is that ends a quoted value: the first with nothing of a word
// behind it, as there are texts whose escapes were taken off together. A value that never ends
// goes to the end.
func closing(s string, i int, quote byte) int {
	first := -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c != quote:
		case quote == '\'' && strings.HasPrefix(s[i:], shellQuote):
			i += len(shellQuote) - 1
		case quote == '\'' && i+1 < len(s) && s[i+1] == quote: // SQL and YAML double it.
			i++
		case closes(s, i):
			return i
		case first < 0:
			first = i
		}
	}
	if first >= 0 {
		return first
	}
	return len(s)
}

// longestValue bounds how far the end of a value is looked for that may be none.
const longestValue = 4 << 10

// closingWithin does what closing does in the first of the text that may be a value.
func closingWithin(s string, i int, quote byte) int {
	end := min(len(s), i+longestValue)
	if at := closing(s[:end], i, quote); at < end {
		return at
	}
	return len(s)
}

// groupAt returns where the bracket is that a value begins with, behind the name of a type if it
// has one: [x y], {"value":"x"}, []string{"x"}, main.T{x}; or -1.
func groupAt(s string, i int) int {
	switch s[i] {
	case '{', '(':
		return i
	case '[':
		if end := strings.IndexByte(s[i:], ']'); end < 0 || i+end+1 == len(s) || !isTypeByte(s[i+end+1]) && s[i+end+1] != '{' {
			return i
		}
	}
	open := skip(s, i, isTypeByte)
	if open < len(s) && open > i && open-i < 2*maxName && (s[open] == '{' || s[open] == '(' && quoteFollows(s, open+1)) {
		return open
	}
	if s[i] == '[' {
		return i
	}
	return -1
}

func isTypeByte(c byte) bool {
	return isName(c) || c == '[' || c == ']' || c == '*' || c == '&' || c == '/'
}

func quoteFollows(s string, i int) bool {
	i = skip(s, i, func(c byte) bool { return isSpace(c) || isEnd(c) || c == '[' || c == '{' })
	return i < len(s) && isQuote(s[i])
}

// changeEnd returns where the second of two quoted values ends, if the first, which ends at i, has
// become it: "x" -> "y", "x", want "y". Else it returns i.
func changeEnd(s string, i int) int {
	rest := s[min(len(s), i+1):]
	begin := skip(rest, 0, func(c byte) bool { return isSpace(c) || c == ',' })
	end := skip(rest, begin, func(c byte) bool { return !isSpace(c) && !isQuote(c) })
	if begin == 0 || !changes.has(rest[begin:end]) {
		return i
	}
	if begin = skip(rest, end, isSpace); begin == len(rest) || !isQuote(rest[begin]) {
		return i
	}
	return i + 1 + closing(rest, begin+1, rest[begin])
}

// changes are what stands between two values of which one is, or was, and the other is to be.
var changes = words("-> => = == != <> to want wanted got expected not")

// groupEnd returns where the group of brackets ends that begins at i. One that never ends goes
// to the end. It is empty if its quotes are escaped: then it is read without its escapes.
func groupEnd(s string, i int) int {
	depth, begin := 0, i
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth--
			if depth == 0 {
				return i + 1
			}
		case '"':
			switch {
			case !isWord(s[i-1]):
				i = closing(s, i+1, c)
			case endsQuote(s, i): // The end of what the group is in. Others are in a word.
				return i
			}
		case '\\':
			if n := skip(s, i, isBackslash); n < len(s) && isQuote(s[n]) {
				return begin
			}
		}
	}
	return len(s)
}

// scalar returns where a value ends that is neither quoted nor in brackets.
func scalar(s string, begin int, n *name, k *key, spaced bool) (_, end int) {
	if k.value == cookies || k.value == credentials {
		return header(s, begin, n, k, spaced)
	}
	end = wordEnd(s, begin)
	if end < len(s) && s[end] == '\\' && isQuote(s[min(len(s)-1, skip(s, end, isBackslash))]) {
		return 0, 0 // What is quoted is read without its escapes.
	}
	word := strings.TrimRight(s[begin:end], ".,;:!?")
	if isNothing(word) || isNothingBefore(word) || strings.EqualFold(n.text, "pwd") && isPath(word) {
		return 0, 0
	}
	if n.parameter && !spaced {
		return begin, end
	}
	if isDigits(word) && len(word) < 5 && isUnit(s, begin+len(word)) {
		return 0, 0
	}
	sentence := spaced && n.quote == 0 && (n.indent < 0 || !isLineEnd(s, end))
	if sentence && n.separator == ':' && (strings.HasPrefix(k.name, "secret") && !n.identifier() && !isData(word) || n.begin > 0 && s[n.begin-1] == '/' && isShortNumber(word)) {
		return 0, 0 // read secret: open /run/x, GET /reset-password: 404
	}
	if first, _, ok := strings.Cut(word, ","); ok && (sentence || k.value != phrase) && (k.speaksOf(first, sentence) || first == "nil") {
		return 0, 0
	}
	if k.speaksOf(word, sentence) || spaced && k.name == "secret" && isLower(word[0]) && strings.HasSuffix(strings.Split(word, ",")[0], "ed") {
		return 0, 0
	}
	if n.quote != 0 && isShortNumber(word) && isSpace(s[max(0, n.begin-1)]) {
		return 0, 0 // The count of something that is said in words.
	}
	if k.value != phrase {
		if end = machineEnd(s, begin, end, n, k, spaced); end == begin {
			return 0, 0
		}
		return begin, end
	}
	if n.separator != '=' || spaced || n.indent >= 0 || isPassphrase(n.text) {
		end = phraseEnd(s, end)
	}
	return begin, end
}

func isPassphrase(name string) bool {
	name = normal(name)
	return strings.HasSuffix(name, "phrase") || strings.HasSuffix(name, "mnemonic")
}

func isPath(word string) bool {
	return word[0] == '/' || word[0] == '~' || word[0] == '.' || len(word) > 2 && word[1] == ':' && word[2] == '\\'
}

// machineEnd returns where a value ends that a program has made, or a number that people have.
// In a sentence its words must look like one.
func machineEnd(s string, begin, end int, n *name, k *key, spaced bool) int {
	word := strings.TrimRight(s[begin:end], ".,;:!?")
	if k.value == counted {
		word, _, _ = strings.Cut(word, ",")
	}
	prose := spaced && n.quote == 0 && !n.identifier() && (n.indent < 0 || !isLineEnd(s, end))
	switch {
	case k.value == counted && (prose || isNumber(word)), k.value == machine && isShortNumber(word):
		return begin
	case k.value == machine && !spaced && n.separator == ':' && n.quote == 0 && (strings.Contains(n.text, ".") || n.begin > 0 && s[n.begin-1] == '/') && letterWord(word): // app.auth:login:42
		return begin
	case k.value == dialed:
		if digits := strings.Trim(word, "()-./"); !isDigits(strings.NewReplacer("-", "", ".", "", "/", "").Replace(digits)) || len(digits) < fewestDigits-1 {
			return begin
		}
	case k.value == personal:
		return personalEnd(s, begin, end, k, prose)
	case prose && !isData(word):
		return begin
	}
	return end
}

// personalEnd returns where a number or an address of somebody's ends: as long as its words
// have digits, or as an address is spoken.
func personalEnd(s string, begin, end int, k *key, prose bool) int {
	word := s[begin:end]
	if k.name[0] == 'e' { // email
		if next, ok := strings.CutPrefix(s[end:], " at "); ok && next != "" {
			return phraseEnd(s, end)
		}
	}
	if !strings.Contains(word, "@") && (digitsOf(word) == 0 || prose && digitsOf(word) < 2) {
		return begin
	}
	if s[begin] == '(' && end < len(s) && s[end] == ')' { // (415) 555-0123
		end++
	}
	for {
		next := skip(s, end, isSpace)
		if next == end || next == len(s) || isUnit(s, end) {
			return end
		}
		stop := wordEnd(s, next)
		if !strings.ContainsAny(s[next:stop], "0123456789") || startsPair(s, next) {
			return end
		}
		end = stop
	}
}

func digitsOf(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// isLineEnd reports whether a line ends at i, or what is quoted.
func isLineEnd(s string, i int) bool {
	i = skip(s, i, isSpace)
	return i == len(s) || isEnd(s[i]) || isQuote(s[i]) || s[i] == '\\'
}

// header returns where the value of a header ends.
func header(s string, begin int, n *name, k *key, spaced bool) (_, end int) {
	word := strings.TrimRight(s[begin:wordEnd(s, begin)], ".,;:!?")
	if isNothing(word) || k.speaksOf(word, true) || k.value == cookies && isShortNumber(word) {
		return 0, 0
	}
	if spaced && n.separator == ':' && n.indent < 0 && !isData(word) && !authSchemes.has(word) && !strings.Contains(word, "=") && !n.identifier() {
		return 0, 0
	}
	if k.value == cookies {
		return begin, cookiesEnd(s, begin)
	}
	if authSchemes.has(word) && isPlaceholderAt(s, min(len(s)-1, skip(s, begin+len(word), isSpace))) {
		return 0, 0
	}
	return begin, credentialsEnd(s, begin)
}
