// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// Findings returns what the engine removes from free text, in order and without overlaps. What a
// [Func] changes is not among it. It takes longer than [Engine.String].
func (e *Engine) Findings(s string) []finding.Finding {
	if e == nil {
		return nil
	}
	var all []finding.Finding
	rest := s
	add := func(found []finding.Finding) {
		rest = finding.Mask(rest, found)
		all = append(all, found...)
	}
	for _, secret := range e.values {
		add(occurrences(rest, secret))
	}
	for _, p := range e.patterns {
		add(p.matches(rest))
	}
	return finding.Merge(append(all, e.scanner.Find(rest)...))
}

// occurrences returns where a known secret is.
func occurrences(s, secret string) (found []finding.Finding) {
	for at := 0; ; at += len(secret) {
		n := strings.Index(s[at:], secret)
		if n < 0 {
			return found
		}
		at += n
		found = append(found, finding.New(at, at+len(secret), finding.RuleValue))
	}
}

func (p *Pattern) matches(s string) (found []finding.Finding) {
	for _, at := range p.Expr.FindAllStringIndex(s, -1) {
		if at[0] < at[1] {
			found = append(found, finding.Finding{Begin: at[0], End: at[1], Rule: p.Name, Mark: p.Mark})
		}
	}
	return found
}
