// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

const (
	longestTag  = 256
	longestWait = 128 // Between a name that is a value and the value that is its.
)

// element finds the text of the element whose tag ends at i: <password>x</password>, <property
// name="password">x</property>.
func (r *Redactor) element(s string, i int) (Finding, bool) {
	begin := max(0, i-longestTag)
	open := strings.LastIndexByte(s[begin:i], '<')
	if open < 0 || s[i-1] == '/' {
		return Finding{}, false
	}
	tag := s[begin+open+1 : i]
	end := skip(tag, 0, func(c byte) bool { return isName(c) || c == ':' })
	name := tag[:end]
	if name == "" || end < len(tag) && !isSpace(tag[end]) && !isEnd(tag[end]) {
		return Finding{}, false
	}
	local := name[strings.LastIndexByte(name, ':')+1:]
	of := local
	k := r.keys.find(local)
	if k == nil {
		if of = r.secretAttribute(tag); of == "" {
			return Finding{}, false
		}
		k = r.keys.find(of)
	}
	begin = i + 1
	stop := strings.Index(s[begin:min(len(s), begin+longestValue)], "</"+name)
	if stop < 0 && (of != local || begin-len(tag) > 2 && s[0] != '<') {
		return Finding{}, false // Such an element has its value elsewhere, as <input> has.
	}
	if stop < 0 {
		if stop = strings.IndexAny(s[begin:], "<\r\n"); stop < 0 {
			stop = len(s) - begin
		}
	}
	text := strings.TrimSpace(s[begin : begin+stop])
	if k.saysNothing(text) || strings.Trim(text, "\x00") == "" {
		return Finding{}, false
	}
	begin += strings.Index(s[begin:], text)
	return Finding{Begin: begin, End: begin + len(text), Rule: ruleKey, Key: of, with: Redacted}, true
}

// neighbour finds the text of the element behind that which ends with the tag at i, if its text is
// the name: <td>password</td><td>x</td>, <key>password</key><string>x</string>.
func (r *Redactor) neighbour(s string, i int) (Finding, bool) {
	end := strings.LastIndex(s[max(0, i-longestTag):i], "</")
	if end < 0 {
		return Finding{}, false
	}
	end += max(0, i-longestTag)
	begin := skipBack(s, end, maxName, isName)
	if k := r.keys.find(s[begin:end]); k == nil || begin == 0 || s[begin-1] != '>' {
		return Finding{}, false
	}
	open := skip(s, i+1, func(c byte) bool { return isSpace(c) || isEnd(c) })
	if open == len(s) || s[open] != '<' {
		return Finding{}, false
	}
	value := open + strings.IndexByte(s[open:]+">", '>') + 1
	if value >= len(s) {
		return Finding{}, false
	}
	stop := value + strings.IndexByte(s[value:]+"<", '<')
	if s[open+1] == '/' || isNothing(s[value:stop]) {
		return Finding{}, false
	}
	return Finding{Begin: value, End: stop, Rule: ruleKey, Key: s[begin:end], with: Redacted}, true
}

// secretAttribute returns the secret key that an attribute of a tag names: name="password".
func (r *Redactor) secretAttribute(tag string) string {
	for i := range len(tag) {
		if tag[i] != '=' || i+1 == len(tag) || !isQuote(tag[i+1]) || !naming.has(nameBefore(tag, i).text) {
			continue
		}
		if value := tag[i+2 : closing(tag, i+2, tag[i+1])]; r.keys.find(value) != nil {
			return value
		}
	}
	return ""
}

// naming are names whose value is a name.
var naming = words(`
	name key field header param parameter id k label var variable attr attribute property option setting
`)

// valuing are names whose value is that of the name before.
var valuing = words(`
	value val v values content stringvalue string_value data text default string
`)

// named finds the value of a name that is a value itself, behind the separator at i.
func (r *Redactor) named(s string, i int) (Finding, bool) {
	begin := skip(s, i+1, isSpace)
	if begin == len(s) {
		return Finding{}, false
	}
	end := wordEnd(s, begin)
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
		return Finding{Begin: at, End: stop, Rule: ruleKey, Key: key, with: Redacted}, true
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
			return Finding{Begin: begin, End: end, Rule: ruleKey, Key: key, with: Redacted}, begin < end
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
		return Finding{Begin: begin, End: end, Rule: ruleKey, Key: of, with: Redacted}, begin < end && end < i
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
