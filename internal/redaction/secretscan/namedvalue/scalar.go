// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/secretname"
)

// scalar returns the beginning and end of a value that is neither quoted nor in brackets. It is judged by
// its first bytes, so that many long texts that are not values do not take quadratic time.
func scalar(s string, begin int, n *Name, k *secretname.Key, spaced bool) (_, end int) {
	judged := s[:min(len(s), begin+chars.MaxValue)]
	begin, end = scalarWithin(judged, begin, n, k, spaced)
	if end == len(judged) && end > begin {
		end = WordEnd(s, end)
	}
	return begin, end
}

func scalarWithin(s string, begin int, n *Name, k *secretname.Key, spaced bool) (_, end int) {
	if k.Value == secretname.Cookies || k.Value == secretname.Credentials {
		return header(s, begin, n, k, spaced)
	}
	end = WordEnd(s, begin)
	if end < len(s) && s[end] == '\\' && chars.IsQuote(s[min(len(s)-1, chars.Skip(s, end, chars.IsBackslash))]) {
		return 0, 0 // A quoted value is found once its escapes are decoded.
	}
	word := strings.TrimRight(s[begin:end], ".,;:!?")
	if secretname.IsEmptyValue(word) || secretname.StartsWithEmptyValue(word) || strings.EqualFold(n.Text, "pwd") && isPath(word) {
		return 0, 0
	}
	if n.Parameter && !spaced {
		return begin, end
	}
	if chars.IsDigits(word) && len(word) < 5 && chars.IsUnit(s, begin+len(word)) {
		return 0, 0
	}
	sentence := spaced && n.Quote == 0 && (n.indent < 0 || !isLineEnd(s, end))
	if isStatusText(s, word, end, n, k, spaced, sentence) {
		return 0, 0
	}
	if n.Quote != 0 && isShortNumber(word) && chars.IsSpace(s[max(0, n.Begin-1)]) {
		return 0, 0 // A count in a sentence.
	}
	if k.Value != secretname.Chosen {
		if end = generatedEnd(s, begin, end, n, k, spaced); end == begin {
			return 0, 0
		}
		return begin, end
	}
	if n.separator != '=' || spaced || isPassphrase(n.Text) || n.isSetting(s) {
		end = phraseEnd(s, end)
	}
	return begin, end
}

// isStatusText reports whether the first word after a name is a message about it, or about something
// else, rather than its value: password: too short, read secret: open /run/x, GET /reset-password: 404.
func isStatusText(s, word string, end int, n *Name, k *secretname.Key, spaced, sentence bool) bool {
	if sentence && n.separator == ':' {
		isPath := n.Begin > 0 && s[n.Begin-1] == '/'
		if isPath && isShortNumber(word) || strings.HasPrefix(k.Name, "secret") && !n.identifier() && !IsData(word) {
			return true
		}
	}
	if isPassphrase(n.Text) { // A passphrase may be any words.
		return secretname.PasswordStatusWords.Has(word) && isLineEnd(s, end)
	}
	first, _, more := strings.Cut(word, ",")
	if more && (sentence || k.Value != secretname.Chosen) && (k.IsStatusWord(first, sentence) || first == "nil") {
		return true
	}
	isParticiple := chars.IsLower(word[0]) && strings.HasSuffix(first, "ed")
	return k.IsStatusWord(word, sentence) || spaced && k.Name == "secret" && isParticiple
}

func isPassphrase(name string) bool {
	name = secretname.Normal(name)
	return strings.HasSuffix(name, "phrase") || strings.HasSuffix(name, "mnemonic")
}

func isPath(word string) bool {
	return word[0] == '/' || word[0] == '~' || word[0] == '.' || len(word) > 2 && word[1] == ':' && word[2] == '\\'
}

// generatedEnd returns the end of a value that a program made, or of a personal number. In a sentence it
// must look like one.
func generatedEnd(s string, begin, end int, n *Name, k *secretname.Key, spaced bool) int {
	word := strings.TrimRight(s[begin:end], ".,;:!?")
	if k.Value == secretname.TokenCount {
		word, _, _ = strings.Cut(word, ",")
	}
	prose := spaced && n.Quote == 0 && !n.identifier() && (n.indent < 0 || !isLineEnd(s, end))
	switch {
	case k.Value == secretname.TokenCount && (prose || IsNumber(word)), k.Value == secretname.Generated && isShortNumber(word):
		return begin
	case k.Value == secretname.Generated && !spaced && n.separator == ':' && n.isPlace(s) && letterWord(word):
		return begin
	case k.Value == secretname.PhoneNumber:
		if digits := digitsOf(word); digits < chars.MinPhoneDigits-1 || strings.Trim(word, "0123456789()-./") != "" {
			return begin
		}
	case k.Value == secretname.Personal:
		return personalEnd(s, begin, end, k, prose)
	case prose && !IsData(word):
		return begin
	}
	return end
}

// letterWord reports whether a word is short and of small letters, with or without a colon and a number.
func letterWord(s string) bool {
	end := chars.Skip(s, 0, chars.IsLower)
	return end > 0 && end < chars.MinKey && (end == len(s) || s[end] == ':')
}

// personalEnd returns the end of a person's number or address. A number continues while its words have
// digits. An address may be spoken: ada at example.
func personalEnd(s string, begin, end int, k *secretname.Key, prose bool) int {
	word := s[begin:end]
	if strings.HasPrefix(k.Name, "email") {
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
		next := chars.Skip(s, end, chars.IsSpace)
		if next == end || next == len(s) || chars.IsUnit(s, end) {
			return end
		}
		stop := WordEnd(s, next)
		if !strings.ContainsAny(s[next:stop], "0123456789") || StartsPair(s, next) {
			return end
		}
		end = stop
	}
}

func digitsOf(s string) (n int) {
	for i := range len(s) {
		if chars.IsDigit(s[i]) {
			n++
		}
	}
	return n
}

// isLineEnd reports whether a line or a quoted text ends at i.
func isLineEnd(s string, i int) bool {
	i = chars.Skip(s, i, chars.IsSpace)
	return i == len(s) || chars.IsEnd(s[i]) || chars.IsQuote(s[i]) || s[i] == '\\'
}

// header returns the beginning and end of the value of a header.
func header(s string, begin int, n *Name, k *secretname.Key, spaced bool) (_, end int) {
	word := strings.TrimRight(s[begin:WordEnd(s, begin)], ".,;:!?")
	if secretname.IsEmptyValue(word) || k.IsStatusWord(word, true) || k.Value == secretname.Cookies && isShortNumber(word) {
		return 0, 0
	}
	if spaced && n.separator == ':' && n.indent < 0 && !IsData(word) && !authSchemes.Has(word) && !strings.Contains(word, "=") && !n.identifier() {
		return 0, 0
	}
	if k.Value == secretname.Cookies {
		return begin, cookiesEnd(s, begin)
	}
	if authSchemes.Has(word) && secretname.IsPlaceholderAt(s, min(len(s)-1, chars.Skip(s, begin+len(word), chars.IsSpace))) {
		return 0, 0
	}
	return begin, credentialsEnd(s, begin)
}
