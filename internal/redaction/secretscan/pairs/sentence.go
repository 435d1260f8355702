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

// InSentence finds the value of a secret key with only words between the two: password hunter2, the
// password is hunter2, your code is 839201, | password | hunter2 |. Without a separator the value must
// look like one: words do not.
func (r *Finder) InSentence(s string, from int) (finding.Finding, bool) {
	for i := from; i < len(s); i++ {
		if !chars.IsSpace(s[i]) && s[i] != '|' && s[i] != '/' || i == 0 || !chars.SuffixOf(s[:i]).IsName() {
			continue
		}
		begin := chars.SkipBack(s, i, chars.MaxName, chars.IsName)
		n := namedvalue.Name{Text: s[begin:i], Begin: begin, End: i}
		k := r.keyOf(s, &n)
		if k == nil || k == secretname.QueryParameter || k == secretname.DigestParameter || k.Value == secretname.TokenCount {
			continue
		}
		at := afterVerb(s, i)
		end := namedvalue.WordEnd(s[:min(len(s), at+chars.MaxLookBack)], at)
		if s[i] == '/' { // In a path, a token or the ID of one follows.
			end = chars.Skip(s, at, chars.IsToken)
			if end-at < chars.MinKey {
				continue
			}
		}
		if at > from && end > at && looksSecret(k, strings.TrimRight(s[at:end], ".,;:!?")) && !namedvalue.StartsParameter(s, at) {
			return finding.Finding{Begin: at, End: end, Rule: finding.RuleKey, Key: n.Text, Mark: finding.Redacted}, true
		}
	}
	return finding.Finding{}, false
}

// verbs are words that may be between a name and its value.
var verbs = chars.Words("is was be lautet ist est es to = - | of")

// afterVerb returns the beginning of the word after the name that ends at i and after its verb.
func afterVerb(s string, i int) int {
	isGap := func(c byte) bool { return chars.IsSpace(c) || c == '|' || c == '/' }
	at := chars.Skip(s, i, isGap)
	if end := chars.Skip(s[:min(len(s), at+chars.MaxWord)], at, func(c byte) bool { return !chars.IsSpace(c) && !chars.IsEnd(c) }); verbs.Has(s[at:end]) {
		at = chars.Skip(s, end, isGap)
	}
	if at < len(s) && chars.IsQuote(s[at]) {
		at++
	}
	return at
}

// looksSecret reports whether a word looks like a value of the key without a separator: letters and digits
// mixed, without the dashes and dots of names and versions; for a code, digits.
func looksSecret(k *secretname.Key, word string) bool {
	if k.Value == secretname.Personal {
		return chars.IsDigits(word) && len(word) >= 3
	}
	if k.Name == "passcode" && chars.IsDigits(word) {
		return len(word) >= 4
	}
	letters, digits := 0, 0
	for _, c := range []byte(word) {
		switch {
		case chars.IsDigit(c):
			digits++
		case chars.IsLetter(c):
			letters++
		case strings.IndexByte("-./:", c) >= 0:
			return false
		}
	}
	return len(word) >= 6 && digits > 0 && letters > 1 && !namedvalue.IsMeasurement(word) && !strings.ContainsAny(word, "()[]{}<>%$@=\\")
}
