// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// flag finds what follows the flag of a command line at i: --password x, and the same in a list
// of arguments.
func (r *Finder) flag(s string, i int) (Finding, bool) {
	if i > 0 && (isName(s[i-1]) || s[i-1] == mask) {
		return Finding{}, false
	}
	begin := skip(s, i, func(c byte) bool { return c == '-' })
	end := skip(s, begin, isName)
	if begin-i > 2 || end == begin || end-begin > maxName || end == len(s) {
		return Finding{}, false
	}
	if value, stop, ok := r.refused(s, i, begin, end); ok {
		return Finding{Begin: value, End: stop, Rule: RuleKey, Key: s[begin:end], Mark: Redacted}, true
	}
	user := s[begin:end] == "u" || s[begin:end] == "user" || s[begin:end] == "proxy-user"
	k := r.keys.find(s[begin:end])
	if k == nil && !user {
		return Finding{}, false
	}
	// In a printed list of arguments there are quotes and a comma between them.
	at := skip(s, end, func(c byte) bool { return isQuote(c) || c == ',' || isSpace(c) })
	if at > 0 && at < len(s) && isQuote(s[at-1]) && endsQuote(s, at-1) { // The end of what the flag is in.
		return Finding{}, false
	}
	if at == end || at == len(s) || s[at] == '-' || s[at] == '=' || s[at] == ':' || at-end > 8 {
		return Finding{}, false
	}
	if !strings.ContainsAny(s[end:at], " \t,") || isQuote(s[end]) && (i == 0 || s[i-1] != s[end]) || flagWords.has(wordBefore(s, i)) {
		return Finding{}, false
	}
	stop := wordEnd(s, at)
	if isQuote(s[at-1]) {
		stop = closingWithin(s, at, s[at-1])
	}
	if next := skip(s, stop, isSpace); begin-i == 1 && k != nil && !isData(s[at:stop]) && (k.value == machine || next > stop && next < len(s) && isLetter(s[next])) {
		return Finding{}, false // A dash before a sentence.
	}
	if user {
		colon := strings.IndexByte(s[at:stop], ':')
		if colon <= 0 || strings.HasPrefix(s[at+colon:], "://") || !r.wellKnown {
			return Finding{}, false
		}
		return Finding{Begin: at, End: stop, Rule: RuleKey, Key: s[begin:end], Mark: Redacted}, true
	}
	if isQuote(s[at-1]) && stop+1 < len(s) && s[stop+1] == ':' {
		return Finding{}, false // It is the name of the next.
	}
	if isNothing(s[at:stop]) || k.speaksOf(s[at:stop], true) || r.keys.find(s[at:stop]) != nil || isPlaceholderAt(s, at) || valueKinds.has(s[at:stop]) || k.value == counted && isNumber(s[at:stop]) || markEnd(s, at) > at {
		return Finding{}, false
	}
	return Finding{Begin: at, End: stop, Rule: RuleKey, Key: s[begin:end], Mark: Redacted}, true
}

// refused finds the value that the flag packages do not take, before the flag whose name is from
// begin to end: invalid value "x" for flag -password.
func (r *Finder) refused(s string, i, begin, end int) (value, stop int, ok bool) {
	before := strings.TrimSuffix(s[:i], `"`)
	for _, way := range [...]string{`" for flag `, `" for `} {
		before, ok = strings.CutSuffix(before, way)
		if !ok {
			continue
		}
		before = strings.TrimRight(before, `\`)
		value = strings.LastIndexByte(before, '"') + 1
		return value, len(before), value > 0 && value < len(before) && before[value] != '[' && r.keys.find(s[begin:end]) != nil
	}
	return 0, 0, false
}

// valueKinds are words by which a usage message says what a flag takes.
var valueKinds = words("string str stringarray strings text value file path int duration key")

// flagWords are words behind which a flag is spoken of.
var flagWords = words("flag flags option options argument arguments parameter unknown missing invalid required deprecated use the specify with needs requires add using or and")
