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

// A finder returns the first secret at or after from. It looks at each byte a bounded number
// of times, so that a text of nothing but @ costs no more than another.
type finder func(s string, from int) (Finding, bool)

// reading is a text as it is written, or with some layers of its escapes taken off.
type reading struct {
	text string  // What has been found is masked.
	at   []int32 // Where each byte begins in the text as it was written; nil if text is that.

	findings []Finding // Their places are those in the text as it was written.
}

// mask takes the place of what has been found: other searches see it as a byte of no word.
const mask = 0

// collect adds all that find finds.
func (rd *reading) collect(find finder) {
	f, ok := find(rd.text, 0)
	if !ok {
		return
	}
	masked := []byte(rd.text)
	for ok {
		end := f.End
		for i := f.Begin; i < end; i++ {
			masked[i] = mask
		}
		if rd.at != nil {
			f.Begin, f.End = int(rd.at[f.Begin]), int(rd.at[f.End])
		}
		rd.findings = append(rd.findings, f)
		f, ok = find(rd.text, end)
	}
	rd.text = string(masked)
}

// maxLayers bounds how often escaped text is taken for escaped text: JSON in JSON in JSON.
const maxLayers = 8

// search returns what the built-in searches find in a text, in order.
func (r *Redactor) search(s string) []Finding {
	if r.scan == 0 || len(s) < shortest || isWords(s, classesOf(s)) {
		return nil
	}
	rd := reading{text: s}
	for layer := range maxLayers {
		l := lookAt(rd.text)
		if may := r.finds(rd.text, l); may != 0 {
			r.read(&rd, l, may)
		}
		if layer == maxLayers-1 || l.seen&classEscape == 0 || !rd.unescape() {
			break
		}
	}
	return merged(rd.findings)
}

// read adds what the built-in searches find in one reading. What is found first is hidden from
// the others.
func (r *Redactor) read(rd *reading, l look, may kind) {
	if may&apiKeys != 0 {
		if l.seen&classDash != 0 && strings.Contains(rd.text, pemBegin) {
			rd.collect(pem)
		}
		if l.seen&classAt != 0 && l.seen&classPair != 0 {
			rd.collect(userInfo)
			rd.collect(dataSource)
		}
	}
	if may&pairs != 0 {
		rd.collect(r.pair)
	}
	if may&apiKeys != 0 && l.mayHaveKey(rd.text) {
		rd.collect(apiKey)
	}
	if may&bearer != 0 {
		rd.collect(bearerToken)
	}
	if may&emails != 0 {
		rd.collect(email)
	}
	if may&cards != 0 {
		rd.collect(card)
	}
	if may&phones != 0 {
		rd.collect(phone)
	}
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
