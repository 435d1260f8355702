// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"cmp"
	"slices"
	"strings"
)

// A Finding is a part of a text that a [Redactor] takes out.
type Finding struct {
	// Begin and End are where the part begins and ends, in bytes.
	Begin, End int
	// Rule says what it is, as the mark in its place does: email, phone, card, token, api_key,
	// private_key, the name of a [Pattern], or value for one of [Values]. It is key for the
	// value of a secret key, and url for user and password of a URL.
	Rule string
	// Key is the name before the value, if the rule is key.
	Key string

	with string // What is written in its place.
}

// Mark returns what is written in place of the finding: [REDACTED:email], or [REDACTED] in
// quotes if the text is JSON and its value was a list.
func (f *Finding) Mark() string {
	if f.with == "" { // Of a pattern.
		return marker + ":" + f.Rule + "]"
	}
	return f.with
}

// The rules that are not named in a mark.
const (
	ruleKey    = "key"
	ruleURL    = "url"
	ruleValue  = "value"
	ruleEmail  = "email"
	rulePhone  = "phone"
	ruleCard   = "card"
	ruleToken  = "token"
	ruleAPIKey = "api_key"
	rulePEM    = "private_key"
)

// found returns a finding whose mark names the rule.
func found(begin, end int, rule string) Finding {
	return Finding{Begin: begin, End: end, Rule: rule, with: marks[rule]}
}

var marks = map[string]string{
	ruleKey: Redacted, ruleURL: Redacted, ruleValue: Redacted,
	ruleEmail: marker + ":email]", rulePhone: marker + ":phone]", ruleCard: marker + ":card]",
	ruleToken: marker + ":token]", ruleAPIKey: marker + ":api_key]", rulePEM: marker + ":private_key]",
}

// Findings returns what the redactor takes out of free text, in order; none overlaps another. It
// is to show what the rules do, and costs more than [Redactor.String]. What a [Func] changes is
// not among them.
func (r *Redactor) Findings(s string) []Finding {
	if r == nil {
		return nil
	}
	rd := reading{whole: s, source: s, text: s}
	for _, secret := range r.values {
		rd.collect(func(s string, from int) (Finding, bool) {
			n := strings.Index(s[from:], secret)
			return found(from+n, from+n+len(secret), ruleValue), n >= 0
		})
	}
	known := rd.findings
	for _, p := range r.patterns {
		rd.collect(func(s string, from int) (Finding, bool) {
			at := p.expr.FindStringIndex(s[from:])
			if len(at) == 0 || at[0] == at[1] {
				return Finding{}, false
			}
			return Finding{Begin: from + at[0], End: from + at[1], Rule: p.name}, true
		})
	}
	rd.cover()
	return merged(slices.Concat(known, r.search(rd.text), rd.findings[len(known):]))
}

// merged returns findings in order, those that overlap as one: the outer one has the say.
func merged(findings []Finding) []Finding {
	if len(findings) < 2 {
		return findings
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(b.End, a.End))
	})
	kept := findings[:1]
	for _, f := range findings[1:] {
		if last := &kept[len(kept)-1]; f.Begin < last.End {
			last.End = max(last.End, f.End)
		} else {
			kept = append(kept, f)
		}
	}
	return kept
}

// replaced returns a text with marks in place of the findings.
func replaced(s string, findings []Finding) string {
	if len(findings) == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	at := 0
	for i := range findings {
		f := &findings[i]
		b.WriteString(s[at:f.Begin])
		b.WriteString(f.with)
		at = f.End
	}
	b.WriteString(s[at:])
	return b.String()
}
