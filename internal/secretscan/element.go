// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

const (
	longestTag  = 256
	longestWait = 128 // Between a name that is a value and the value that is its.
)

// element finds the text of the element whose tag ends at i: <password>x</password>, <property
// name="password">x</property>.
func (r *Finder) element(s string, i int) (Finding, bool) {
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
	return Finding{Begin: begin, End: begin + len(text), Rule: RuleKey, Key: of, Mark: Redacted}, true
}

// neighbour finds the text of the element behind that which ends with the tag at i, if its text is
// the name: <td>password</td><td>x</td>, <key>password</key><string>x</string>.
func (r *Finder) neighbour(s string, i int) (Finding, bool) {
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
	value := indexFrom(s, open, '>') + 1
	if value >= len(s) {
		return Finding{}, false
	}
	stop := indexFrom(s, value, '<')
	if s[open+1] == '/' || isNothing(s[value:stop]) {
		return Finding{}, false
	}
	return Finding{Begin: value, End: stop, Rule: RuleKey, Key: s[begin:end], Mark: Redacted}, true
}

// secretAttribute returns the secret key that an attribute of a tag names: name="password".
func (r *Finder) secretAttribute(tag string) string {
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
