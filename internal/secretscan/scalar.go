// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// scalar returns where a value begins and ends that is neither quoted nor in brackets. It is judged
// by the first of it, so that many long texts that are no values do not cost their square.
func scalar(s string, begin int, n *name, k *key, spaced bool) (_, end int) {
	judged := s[:min(len(s), begin+longestValue)]
	begin, end = judgedScalar(judged, begin, n, k, spaced)
	if end == len(judged) && end > begin {
		end = wordEnd(s, end)
	}
	return begin, end
}

func judgedScalar(s string, begin int, n *name, k *key, spaced bool) (_, end int) {
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
	if isRemark(s, word, end, n, k, spaced, sentence) {
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
	if n.separator != '=' || spaced || isPassphrase(n.text) || n.isSetting(s) {
		end = phraseEnd(s, end)
	}
	return begin, end
}

// isRemark reports whether the first word behind a name is not its value but what a program says of
// it, or of something else: password: too short, read secret: open /run/x, GET /reset-password: 404.
func isRemark(s, word string, end int, n *name, k *key, spaced, sentence bool) bool {
	if sentence && n.separator == ':' {
		isPath := n.begin > 0 && s[n.begin-1] == '/'
		if isPath && isShortNumber(word) || strings.HasPrefix(k.name, "secret") && !n.identifier() && !isData(word) {
			return true
		}
	}
	if isPassphrase(n.text) { // Any words may be one.
		return faults.has(word) && isLineEnd(s, end)
	}
	first, _, more := strings.Cut(word, ",")
	if more && (sentence || k.value != phrase) && (k.speaksOf(first, sentence) || first == "nil") {
		return true
	}
	isParticiple := isLower(word[0]) && strings.HasSuffix(first, "ed")
	return k.speaksOf(word, sentence) || spaced && k.name == "secret" && isParticiple
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
	case k.value == machine && !spaced && n.separator == ':' && n.isPlace(s) && letterWord(word):
		return begin
	case k.value == dialed:
		if digits := digitsOf(word); digits < fewestDigits-1 || strings.Trim(word, "0123456789()-./") != "" {
			return begin
		}
	case k.value == personal:
		return personalEnd(s, begin, end, k, prose)
	case prose && !isData(word):
		return begin
	}
	return end
}

// letterWord reports whether a word is short, of small letters, and perhaps a number behind a colon.
func letterWord(s string) bool {
	end := skip(s, 0, isLower)
	return end > 0 && end < shortestKey && (end == len(s) || s[end] == ':')
}

// personalEnd returns where a person's number or address ends. A number goes on while its words
// have digits. An address may be spoken: ada at example.
func personalEnd(s string, begin, end int, k *key, prose bool) int {
	word := s[begin:end]
	if strings.HasPrefix(k.name, "email") {
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
