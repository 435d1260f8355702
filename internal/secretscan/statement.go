// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// statement finds what is quoted behind a name with nothing but a space between them, as in SQL:
// ALTER USER ada PASSWORD 'x', IDENTIFIED BY 'x'.
func (r *Finder) statement(s string, i int) (Finding, bool) {
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
		if !strings.EqualFold(text, "by") || !strings.EqualFold(wordBefore(s, begin), "identified") || !r.wellKnown {
			return Finding{}, false
		}
	}
	end := closingWithin(s, i+1, s[i])
	if end == len(s) || k.saysNothing(s[i+1:end]) {
		return Finding{}, false
	}
	if isSpace(s[i-1]) && (k.value == machine || strings.HasPrefix(k.name, "secret")) && !looksSecret(k, s[i+1:end]) {
		return Finding{}, false // Secrets have names, too: secret "db-creds" not found.
	}
	return Finding{Begin: i + 1, End: end, Rule: RuleKey, Key: text, Mark: Redacted}, true
}

// identifiedBy is how MySQL has a password.
var identifiedBy = &key{name: "by", value: phrase}

// tuple finds the second of two quoted texts whose first, which begins at i, is the name:
// ["password","x"], ('password', 'x'), [ 'X-Api-Key', 'x', … ].
func (r *Finder) tuple(s string, i int) (Finding, bool) {
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
	if isNothing(value) || value[0] == '-' || r.keys.find(value) != nil || !isPair && !looksSecret(k, value) {
		return Finding{}, false // It is one of a list of names.
	}
	return Finding{Begin: begin + 1, End: stop, Rule: RuleKey, Key: s[i+1 : end], Mark: Redacted}, true
}
