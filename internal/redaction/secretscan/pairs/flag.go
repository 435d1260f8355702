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

// flag finds the value after the command-line flag at i: --password x, also in a list of arguments.
func (r *Finder) flag(s string, i int) (finding.Finding, bool) {
	if i > 0 && (chars.IsName(s[i-1]) || s[i-1] == chars.MaskByte) {
		return finding.Finding{}, false
	}
	begin := chars.Skip(s, i, func(c byte) bool { return c == '-' })
	end := chars.Skip(s, begin, chars.IsName)
	if begin-i > 2 || end == begin || end-begin > chars.MaxName || end == len(s) {
		return finding.Finding{}, false
	}
	if value, stop, ok := r.rejectedFlag(s, i, begin, end); ok {
		return finding.Finding{Begin: value, End: stop, Rule: finding.RuleKey, Key: s[begin:end], Mark: finding.Redacted}, true
	}
	user := s[begin:end] == "u" || s[begin:end] == "user" || s[begin:end] == "proxy-user"
	k := r.Keys.Find(s[begin:end])
	if k == nil && !user {
		return finding.Finding{}, false
	}
	// In a printed list of arguments, quotes and a comma are between the two.
	at := chars.Skip(s, end, func(c byte) bool { return chars.IsQuote(c) || c == ',' || chars.IsSpace(c) })
	if at > 0 && at < len(s) && chars.IsQuote(s[at-1]) && namedvalue.EndsQuote(s, at-1) { // The end of the quotes around the flag.
		return finding.Finding{}, false
	}
	if at == end || at == len(s) || s[at] == '-' || s[at] == '=' || s[at] == ':' || at-end > 8 {
		return finding.Finding{}, false
	}
	if !strings.ContainsAny(s[end:at], " \t,") || chars.IsQuote(s[end]) && (i == 0 || s[i-1] != s[end]) || flagWords.Has(chars.WordBefore(s, i)) {
		return finding.Finding{}, false
	}
	stop := namedvalue.WordEnd(s, at)
	if chars.IsQuote(s[at-1]) {
		stop = namedvalue.ClosingWithin(s, at, s[at-1])
	}
	if next := chars.Skip(s, stop, chars.IsSpace); begin-i == 1 && k != nil && !namedvalue.IsData(s[at:stop]) && (k.Value == secretname.Generated || next > stop && next < len(s) && chars.IsLetter(s[next])) {
		return finding.Finding{}, false // A dash in front of a sentence.
	}
	if user {
		colon := strings.IndexByte(s[at:stop], ':')
		if colon <= 0 || strings.HasPrefix(s[at+colon:], "://") || !r.WellKnown {
			return finding.Finding{}, false
		}
		return finding.Finding{Begin: at, End: stop, Rule: finding.RuleKey, Key: s[begin:end], Mark: finding.Redacted}, true
	}
	if chars.IsQuote(s[at-1]) && stop+1 < len(s) && s[stop+1] == ':' {
		return finding.Finding{}, false // It is the name of the next value.
	}
	if secretname.IsEmptyValue(s[at:stop]) || k.IsStatusWord(s[at:stop], true) || r.Keys.Find(s[at:stop]) != nil || secretname.IsPlaceholderAt(s, at) || valueKinds.Has(s[at:stop]) || k.Value == secretname.TokenCount && namedvalue.IsNumber(s[at:stop]) || finding.MarkEnd(s, at) > at {
		return finding.Finding{}, false
	}
	return finding.Finding{Begin: at, End: stop, Rule: finding.RuleKey, Key: s[begin:end], Mark: finding.Redacted}, true
}

// rejectedFlag finds the value in the error of a flag package, in front of the flag whose name is from
// begin to end: invalid value "x" for flag -password.
func (r *Finder) rejectedFlag(s string, i, begin, end int) (value, stop int, ok bool) {
	before := strings.TrimSuffix(s[:i], `"`)
	for _, text := range [...]string{`" for flag `, `" for `} {
		before, ok = strings.CutSuffix(before, text)
		if !ok {
			continue
		}
		before = strings.TrimRight(before, `\`)
		value = strings.LastIndexByte(before, '"') + 1
		return value, len(before), value > 0 && value < len(before) && before[value] != '[' && r.Keys.Find(s[begin:end]) != nil
	}
	return 0, 0, false
}

// valueKinds are the words for values in usage messages.
var valueKinds = chars.Words("string str stringarray strings text value file path int duration key")

// flagWords are words in front of a flag that is mentioned rather than used.
var flagWords = chars.Words("flag flags option options argument arguments parameter unknown missing invalid required deprecated use the specify with needs requires add using or and")
