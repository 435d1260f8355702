// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package finding

import (
	"cmp"
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// A Finding is a part of a text that is secret.
type Finding struct {
	// Begin and End are where the part begins and ends, in bytes.
	Begin, End int
	// Rule is the kind of secret.
	Rule string
	// Key is the name in front of the value, if the rule is [RuleKey].
	Key string
	// Mark replaces the part.
	Mark string
}

// The kinds of secrets.
const (
	RuleKey    = "key"   // A value after the name of a secret.
	RuleURL    = "url"   // User and password of a URL.
	RuleValue  = "value" // A known secret.
	RuleEmail  = "email"
	RulePhone  = "phone"
	RuleCard   = "card"
	RuleToken  = "token"
	RuleAPIKey = "api_key"
	RulePEM    = "private_key"
)

const (
	// Redacted is the mark of a value whose name says that it is secret.
	Redacted = "[REDACTED]"
	// Marker begins each mark.
	Marker = "[REDACTED"
)

// Mark returns the mark that names a rule: [REDACTED:email].
func Mark(rule string) string { return Marker + ":" + rule + "]" }

// New returns a finding with its mark.
func New(begin, end int, rule string) Finding {
	mark, ok := marks[rule]
	if !ok {
		mark = Mark(rule)
	}
	return Finding{Begin: begin, End: end, Rule: rule, Mark: mark}
}

// marks has the mark of each kind, so that a finding does not allocate one.
var marks = map[string]string{
	RuleKey: Redacted, RuleURL: Redacted, RuleValue: Redacted,
	RuleEmail: Mark(RuleEmail), RulePhone: Mark(RulePhone), RuleCard: Mark(RuleCard),
	RuleToken: Mark(RuleToken), RuleAPIKey: Mark(RuleAPIKey), RulePEM: Mark(RulePEM),
}

// Merge returns findings in order. Findings that overlap become one, with the mark of the first.
func Merge(findings []Finding) []Finding {
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

// Replace replaces the findings in a text by their marks. The findings must be merged.
func Replace(text string, findings []Finding) string {
	if len(findings) == 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for i := range findings {
		f := &findings[i]
		b.WriteString(text[at:f.Begin])
		b.WriteString(f.Mark)
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// Mask replaces the findings in a text by [chars.MaskByte], so that later searches skip them.
func Mask(text string, findings []Finding) string {
	if len(findings) == 0 {
		return text
	}
	masked := []byte(text)
	for _, f := range findings {
		clear(masked[f.Begin:f.End])
	}
	return string(masked)
}

// MarkEnd returns the end of the mark that begins at i. It returns i if there is no mark, or one that a
// word continues.
func MarkEnd(s string, i int) int {
	if !strings.HasPrefix(s[i:], Marker) {
		return i
	}
	n := strings.IndexByte(s[i:], ']')
	if n < 0 {
		return i
	}
	if end := i + n + 1; !chars.Continues(s, end) {
		return end
	}
	return i
}
