// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pairs

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/namedvalue"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/secretname"
)

const (
	maxTag      = 256
	maxDistance = 128 // Bytes between a name that is itself a value, and its value.
)

// element finds the text of the element whose tag ends at i: <password>x</password>,
// <property name="password">x</property>.
func (r *Finder) element(s string, i int) (finding.Finding, bool) {
	begin := max(0, i-maxTag)
	open := strings.LastIndexByte(s[begin:i], '<')
	if open < 0 || s[i-1] == '/' {
		return finding.Finding{}, false
	}
	tag := s[begin+open+1 : i]
	end := chars.Skip(tag, 0, func(c byte) bool { return chars.IsName(c) || c == ':' })
	name := tag[:end]
	if name == "" || end < len(tag) && !chars.IsSpace(tag[end]) && !chars.IsEnd(tag[end]) {
		return finding.Finding{}, false
	}
	local := name[strings.LastIndexByte(name, ':')+1:]
	of := local
	k := r.Keys.Find(local)
	if k == nil {
		if of = r.secretAttribute(tag); of == "" {
			return finding.Finding{}, false
		}
		k = r.Keys.Find(of)
	}
	begin = i + 1
	stop := strings.Index(s[begin:min(len(s), begin+chars.MaxValue)], "</"+name)
	if stop < 0 && (of != local || begin-len(tag) > 2 && s[0] != '<') {
		return finding.Finding{}, false // The value of such an element is elsewhere, as that of <input>.
	}
	if stop < 0 {
		if stop = strings.IndexAny(s[begin:], "<\r\n"); stop < 0 {
			stop = len(s) - begin
		}
	}
	text := strings.TrimSpace(s[begin : begin+stop])
	if k.IsStatus(text) || strings.Trim(text, "\x00") == "" {
		return finding.Finding{}, false
	}
	begin += strings.Index(s[begin:], text)
	return finding.Finding{Begin: begin, End: begin + len(text), Rule: finding.RuleKey, Key: of, Mark: finding.Redacted}, true
}

// nextElement finds the text of the element after the one whose end tag ends at i, if the text of that
// one is a secret's name: <td>password</td><td>x</td>, <key>password</key><string>x</string>.
func (r *Finder) nextElement(s string, i int) (finding.Finding, bool) {
	end := strings.LastIndex(s[max(0, i-maxTag):i], "</")
	if end < 0 {
		return finding.Finding{}, false
	}
	end += max(0, i-maxTag)
	begin := chars.SkipBack(s, end, chars.MaxName, chars.IsName)
	if k := r.Keys.Find(s[begin:end]); k == nil || begin == 0 || s[begin-1] != '>' {
		return finding.Finding{}, false
	}
	open := chars.Skip(s, i+1, func(c byte) bool { return chars.IsSpace(c) || chars.IsEnd(c) })
	if open == len(s) || s[open] != '<' {
		return finding.Finding{}, false
	}
	value := chars.IndexFrom(s, open, '>') + 1
	if value >= len(s) {
		return finding.Finding{}, false
	}
	stop := chars.IndexFrom(s, value, '<')
	if s[open+1] == '/' || secretname.IsEmptyValue(s[value:stop]) {
		return finding.Finding{}, false
	}
	return finding.Finding{Begin: value, End: stop, Rule: finding.RuleKey, Key: s[begin:end], Mark: finding.Redacted}, true
}

// secretAttribute returns the secret key in an attribute of a tag: name="password".
func (r *Finder) secretAttribute(tag string) string {
	for i := range len(tag) {
		if tag[i] != '=' || i+1 == len(tag) || !chars.IsQuote(tag[i+1]) || !nameAttributes.Has(namedvalue.NameBefore(tag, i).Text) {
			continue
		}
		if value := tag[i+2 : namedvalue.Closing(tag, i+2, tag[i+1])]; r.Keys.Find(value) != nil {
			return value
		}
	}
	return ""
}
