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

// nameAttributes are names whose value is itself a name.
var nameAttributes = chars.Words(`
	name key field header param parameter id k label var variable attr attribute property option setting
`)

// valueAttributes are names whose value belongs to such a name.
var valueAttributes = chars.Words(`
	value val v values content stringvalue string_value data text default string
`)

// nameAsValue finds the value of a name that is itself the value after the separator at i:
// {"name":"password","value":"x"}.
func (r *Finder) nameAsValue(s string, i int) (finding.Finding, bool) {
	begin := chars.Skip(s, i+1, chars.IsSpace)
	if begin == len(s) {
		return finding.Finding{}, false
	}
	end := namedvalue.WordEnd(s[:min(len(s), begin+chars.MaxName+1)], begin)
	if chars.IsQuote(s[begin]) {
		begin++
		end = namedvalue.ClosingWithin(s, begin, s[begin-1])
	}
	if end-begin > chars.MaxName || begin == end {
		return finding.Finding{}, false
	}
	key := s[begin:end]
	k := r.Keys.Find(key)
	if k == nil || chars.Skip(key, 0, func(c byte) bool { return chars.IsName(c) || c == ' ' }) < len(key) {
		return finding.Finding{}, false
	}
	if at, ok := partAfter(s, end); ok {
		stop := at + len(s[at:])
		if n := strings.IndexAny(s[at:], "\r\n"); n >= 0 {
			stop = at + n
		}
		return finding.Finding{Begin: at, End: stop, Rule: finding.RuleKey, Key: key, Mark: finding.Redacted}, true
	}
	for at := end; at < len(s) && at-end < maxDistance; at++ {
		switch s[at] {
		case '}', '>', '{':
			return valueBefore(s, i, key, k)
		case '=', ':':
			n := namedvalue.NameBefore(s, at)
			if !valueAttributes.Has(n.Text) {
				continue
			}
			begin, end := namedvalue.ValueAfter(s, at, &n, k)
			return finding.Finding{Begin: begin, End: end, Rule: finding.RuleKey, Key: key, Mark: finding.Redacted}, begin < end
		}
	}
	return finding.Finding{}, false
}

// valueBefore finds the value in front of its name, whose separator is at i:
// {"value":"x","name":"password"}.
func valueBefore(s string, i int, of string, k *secretname.Key) (finding.Finding, bool) {
	for at := i - 1; at > 0 && i-at < 2*maxDistance && strings.IndexByte("{}<>", s[at]) < 0; at-- {
		if s[at] != ':' && s[at] != '=' {
			continue
		}
		n := namedvalue.NameBefore(s, at)
		if !valueAttributes.Has(n.Text) {
			continue
		}
		begin, end := namedvalue.ValueAfter(s, at, &n, k)
		return finding.Finding{Begin: begin, End: end, Rule: finding.RuleKey, Key: of, Mark: finding.Redacted}, begin < end && end < i
	}
	return finding.Finding{}, false
}

// partAfter returns the beginning of the text of a multipart form's part whose name ends at i:
// name="password", an empty line, and the text.
func partAfter(s string, i int) (begin int, ok bool) {
	head := s[i:min(len(s), i+maxTag)]
	for _, blank := range [...]string{"\r\n\r\n", "\n\n"} {
		if n := strings.Index(head, blank); n >= 0 && !strings.ContainsAny(head[:n], "{}<>") {
			begin = i + n + len(blank)
			return begin, begin < len(s) && !chars.IsEnd(s[begin])
		}
	}
	return 0, false
}
