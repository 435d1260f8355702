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

// A Finder finds the values of secret keys. The zero Finder finds none.
type Finder struct {
	Keys secretname.Set
	// WellKnown says that the keys include the names of secrets in most programs. It also turns on
	// other signs of a secret: parameters of URLs, users of curl.
	WellKnown bool
}

// Pair finds the value of a secret key in text, in these notations:
//
//	password=x  password: x  "password":"x"  password => x    assignments, JSON, YAML, struct printing
//	Authorization: Digest user="x", response="y"              headers, printed ones too
//	--password x                                              flags
//	<password>x</password>                                    elements
//	{"name":"password","value":"x"}                           names that are themselves values
//	PASSWORD 'x'                                              statements
func (r *Finder) Pair(s string, from int) (finding.Finding, bool) {
	const separators = chars.ClassSeparator | chars.ClassTag | chars.ClassDash | chars.ClassQuote
	for i := from; i < len(s); i++ {
		if chars.Classes[s[i]]&separators == 0 {
			continue
		}
		var (
			f  finding.Finding
			ok bool
		)
		switch s[i] {
		case '=', ':':
			f, ok = r.assignment(s, i)
		case '>':
			if f, ok = r.element(s, i); !ok {
				f, ok = r.nextElement(s, i)
			}
			if !ok && i > 0 && (s[i-1] == '-' || s[i-1] == '<') { // password -> x, password <> 'x'
				f, ok = r.assignment(s, i)
			}
		case '-':
			f, ok = r.flag(s, i)
		default:
			if f, ok = r.tuple(s, i); !ok {
				f, ok = r.statement(s, i)
			}
		}
		if ok && f.Begin >= from && f.Begin < f.End {
			return f, true
		}
	}
	return finding.Finding{}, false
}

// assignment finds the value after the separator at i.
func (r *Finder) assignment(s string, i int) (finding.Finding, bool) {
	if s[i] == '=' && i > 0 && (s[i-1] == '=' || s[i-1] == ':') {
		return finding.Finding{}, false // It was read with the first byte of the separator.
	}
	n := namedvalue.NameBefore(s, i)
	if n.Text == "" {
		return finding.Finding{}, false
	}
	k := r.keyOf(s, &n)
	if k != nil && n.Begin > 0 && s[n.Begin-1] == ':' && n.Quote == 0 && isARN(s, n.Begin) {
		return finding.Finding{}, false
	}
	if n.Quote != 0 && n.Begin > 1 && strings.EqualFold(chars.WordBefore(s, chars.SkipBack(s, n.Begin-1, chars.MaxWord, chars.IsBackslash)), "case") {
		return finding.Finding{}, false // case "password":
	}
	if k == nil {
		if nameAttributes.Has(n.Text) {
			return r.nameAsValue(s, i)
		}
		return finding.Finding{}, false
	}
	if k == secretname.DigestParameter && !isDigest(s, i+1) {
		return finding.Finding{}, false
	}
	begin, end := namedvalue.ValueAfter(s, i, &n, k)
	if begin >= end {
		return finding.Finding{}, false
	}
	return finding.Finding{Begin: begin, End: end, Rule: finding.RuleKey, Key: n.Text, Mark: finding.Redacted}, true
}

// isDigest reports whether a hash in hexadecimal digits, quoted or not, begins at i.
func isDigest(s string, i int) bool {
	const shortest = 32 // MD5
	s = s[i:min(len(s), i+shortest+chars.MaxWord)]
	begin := chars.Skip(s, 0, func(c byte) bool { return chars.IsSpace(c) || chars.IsQuote(c) || chars.IsBackslash(c) })
	return chars.Skip(s, begin, chars.IsHex)-begin >= shortest
}

// keyOf returns the secret key that a name is, or nil.
func (r *Finder) keyOf(s string, n *namedvalue.Name) *secretname.Key {
	if strings.HasSuffix(s[:n.Begin], finding.Marker+":") {
		return nil // It is the rule in a mark.
	}
	if k := r.Keys.Find(n.Text); k != nil {
		if phrase := n.WithWordsBefore(s); len(phrase) > len(n.Text) && secretname.IsOtherMeaning(phrase, len(phrase)-len(n.Text)) { // first token: 312 ms
			return nil
		}
		return k
	}
	if phrase := n.WithWordsBefore(s); len(phrase) > len(n.Text) {
		if k := r.Keys.Find(phrase); k != nil {
			return k
		}
	}
	switch {
	case !r.WellKnown:
		return nil
	case n.Parameter && secretname.QuerySecrets.Has(n.Text):
		return secretname.QueryParameter
	case isSecretID(n.Text):
		return secretname.SecretIDKey
	case secretname.Digests.Has(n.Text):
		return secretname.DigestParameter
	}
	return nil
}

// isARN reports whether the text that ends at i is the beginning of an ARN of AWS, which has colons.
func isARN(s string, i int) bool {
	begin := chars.SkipBack(s, i, 4*chars.MaxName, func(c byte) bool { return chars.IsName(c) || c == ':' || c == '/' })
	return strings.HasPrefix(s[begin:], "arn:")
}

// isSecretID reports whether a name is an ID whose value is its secret: an API key in LiveKit's
// configuration, APIxxxxxxxxxxxx.
func isSecretID(name string) bool {
	return len(name) >= 9 && len(name) <= 18 && strings.HasPrefix(name, "API") && chars.Skip(name, 0, chars.IsToken) == len(name) && strings.ContainsAny(name, "0123456789")
}
