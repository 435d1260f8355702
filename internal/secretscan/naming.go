// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// naming are names whose value is a name.
var naming = words(`
	name key field header param parameter id k label var variable attr attribute property option setting
`)

// valuing are names whose value is that of the name before.
var valuing = words(`
	value val v values content stringvalue string_value data text default string
`)

// named finds the value of a name that is a value itself, behind the separator at i.
func (r *Finder) named(s string, i int) (Finding, bool) {
	begin := skip(s, i+1, isSpace)
	if begin == len(s) {
		return Finding{}, false
	}
	end := wordEnd(s[:min(len(s), begin+maxName+1)], begin)
	if isQuote(s[begin]) {
		begin++
		end = closingWithin(s, begin, s[begin-1])
	}
	if end-begin > maxName || begin == end {
		return Finding{}, false
	}
	key := s[begin:end]
	k := r.keys.find(key)
	if k == nil || skip(key, 0, func(c byte) bool { return isName(c) || c == ' ' }) < len(key) {
		return Finding{}, false
	}
	if at, ok := partAfter(s, end); ok {
		stop := at + len(s[at:])
		if n := strings.IndexAny(s[at:], "\r\n"); n >= 0 {
			stop = at + n
		}
		return Finding{Begin: at, End: stop, Rule: RuleKey, Key: key, Mark: Redacted}, true
	}
	for at := end; at < len(s) && at-end < longestWait; at++ {
		switch s[at] {
		case '}', '>', '{':
			return valueBefore(s, i, key, k)
		case '=', ':':
			n := nameBefore(s, at)
			if !valuing.has(n.text) {
				continue
			}
			begin, end := valueAfter(s, at, &n, k)
			return Finding{Begin: begin, End: end, Rule: RuleKey, Key: key, Mark: Redacted}, begin < end
		}
	}
	return Finding{}, false
}

// valueBefore finds the value that is before its name, whose separator is at i: {"value":"x","name":
// "password"}, as objects are written whose keys are sorted otherwise.
func valueBefore(s string, i int, of string, k *key) (Finding, bool) {
	for at := i - 1; at > 0 && i-at < 2*longestWait && strings.IndexByte("{}<>", s[at]) < 0; at-- {
		if s[at] != ':' && s[at] != '=' {
			continue
		}
		n := nameBefore(s, at)
		if !valuing.has(n.text) {
			continue
		}
		begin, end := valueAfter(s, at, &n, k)
		return Finding{Begin: begin, End: end, Rule: RuleKey, Key: of, Mark: Redacted}, begin < end && end < i
	}
	return Finding{}, false
}

// partAfter returns where the text of a part of a form begins whose name ends at i:
// name="password", an empty line, and the text.
func partAfter(s string, i int) (begin int, ok bool) {
	head := s[i:min(len(s), i+longestTag)]
	for _, blank := range [...]string{"\r\n\r\n", "\n\n"} {
		if n := strings.Index(head, blank); n >= 0 && !strings.ContainsAny(head[:n], "{}<>") {
			begin = i + n + len(blank)
			return begin, begin < len(s) && !isEnd(s[begin])
		}
	}
	return 0, false
}
