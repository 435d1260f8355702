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

// statement finds a quoted value after a name with only a space between the two, as in SQL:
// ALTER USER ada PASSWORD 'x', IDENTIFIED BY 'x'.
func (r *Finder) statement(s string, i int) (finding.Finding, bool) {
	if i < 2 || !chars.IsSpace(s[i-1]) && s[i-1] != '(' && s[i-1] != ',' || !chars.IsWord(s[i-2]) {
		return finding.Finding{}, false
	}
	begin := chars.SkipBack(s, i-1, chars.MaxName, chars.IsName)
	text := s[begin : i-1]
	if s[i-1] == '(' && !strings.HasPrefix(strings.ToLower(text), "set") && !strings.HasPrefix(text, "With") && !strings.HasPrefix(text, ".set") {
		return finding.Finding{}, false // The argument of a call may be the name of a secret.
	}
	if s[i-1] == ',' && (begin == 0 || s[begin-1] != '{') {
		return finding.Finding{}, false
	}
	k := r.Keys.Find(text)
	if k == nil || k.Value != secretname.Chosen && k.Value != secretname.Generated {
		k = identifiedBy
		if !strings.EqualFold(text, "by") || !strings.EqualFold(chars.WordBefore(s, begin), "identified") || !r.WellKnown {
			return finding.Finding{}, false
		}
	}
	end := namedvalue.ClosingWithin(s, i+1, s[i])
	if end == len(s) || k.IsStatus(s[i+1:end]) {
		return finding.Finding{}, false
	}
	if chars.IsSpace(s[i-1]) && (k.Value == secretname.Generated || strings.HasPrefix(k.Name, "secret")) && !looksSecret(k, s[i+1:end]) {
		return finding.Finding{}, false // The name of a secret: secret "db-creds" not found.
	}
	return finding.Finding{Begin: i + 1, End: end, Rule: finding.RuleKey, Key: text, Mark: finding.Redacted}, true
}

// identifiedBy is the name in front of a password in MySQL.
var identifiedBy = &secretname.Key{Name: "by", Value: secretname.Chosen}

// tuple finds the second of two quoted texts if the first, which begins at i, is a secret's name:
// ["password","x"], ('password', 'x'), [ 'X-Api-Key', 'x', … ].
func (r *Finder) tuple(s string, i int) (finding.Finding, bool) {
	before := chars.SkipBack(s, i, 2, func(c byte) bool { return chars.IsSpace(c) || c == 'b' })
	if before == 0 || strings.IndexByte("[({,", s[before-1]) < 0 {
		return finding.Finding{}, false
	}
	end := chars.Skip(s, i+1, chars.IsName)
	if end == len(s) || s[end] != s[i] {
		return finding.Finding{}, false
	}
	k := r.Keys.Find(s[i+1 : end])
	if k == nil {
		return finding.Finding{}, false
	}
	begin := chars.Skip(s, end+1, func(c byte) bool { return c == ',' || chars.IsSpace(c) || c == 'b' })
	if begin == end+1 || begin == len(s) || !chars.IsQuote(s[begin]) || !strings.Contains(s[end:begin], ",") {
		return finding.Finding{}, false
	}
	stop := namedvalue.ClosingWithin(s, begin+1, s[begin])
	value := s[begin+1 : stop]
	next := chars.Skip(s, stop, chars.IsQuote)
	isPair := strings.IndexByte("[(", s[before-1]) >= 0 && (next >= len(s) || s[next] == ']' || s[next] == ')')
	if secretname.IsEmptyValue(value) || value[0] == '-' || r.Keys.Find(value) != nil || !isPair && !looksSecret(k, value) {
		return finding.Finding{}, false // It is in a list of names.
	}
	return finding.Finding{Begin: begin + 1, End: stop, Rule: finding.RuleKey, Key: s[i+1 : end], Mark: finding.Redacted}, true
}
