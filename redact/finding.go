// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/internal/secretscan"
)

// A Finding is a part of a text that a [Redactor] takes out.
type Finding struct {
	// Begin and End are where the part begins and ends, in bytes.
	Begin, End int
	// Rule says what it is, as the mark in its place does: email, phone, card, token, api_key,
	// private_key, or the name of a [Pattern]. It is key for the value of a secret key, url for
	// user and password of a URL, and value for one of [Values].
	Rule string
	// Key is the name before the value, if the rule is key.
	Key string

	mark string
}

// Mark returns what is written in place of the finding: [REDACTED:email], or [REDACTED] in
// quotes if the text is JSON and its value was a list.
func (f *Finding) Mark() string { return f.mark }

// Findings returns what the redactor takes out of free text, in order; none overlaps another. It
// is to show what the rules do, and costs more than [Redactor.String]. What a [Func] changes is
// not among them.
func (r *Redactor) Findings(s string) []Finding {
	if r == nil {
		return nil
	}
	var known []secretscan.Finding
	rest := s
	for _, secret := range r.values {
		var of []secretscan.Finding
		for at := 0; ; {
			n := strings.Index(rest[at:], secret)
			if n < 0 {
				break
			}
			of = append(of, secretscan.Found(at+n, at+n+len(secret), secretscan.RuleValue))
			at += n + len(secret)
		}
		rest = secretscan.Hide(rest, of)
		known = append(known, of...)
	}
	for _, p := range r.patterns {
		var of []secretscan.Finding
		for _, at := range p.expr.FindAllStringIndex(rest, -1) {
			if at[0] < at[1] {
				of = append(of, secretscan.Finding{Begin: at[0], End: at[1], Rule: p.name, Mark: p.with})
			}
		}
		rest = secretscan.Hide(rest, of)
		known = append(known, of...)
	}
	var all []Finding
	for _, f := range secretscan.Merge(slices.Concat(known, r.scanner.Find(rest))) {
		all = append(all, Finding{Begin: f.Begin, End: f.End, Rule: f.Rule, Key: f.Key, mark: f.Mark})
	}
	return all
}
