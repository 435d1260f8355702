// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// A Finder finds the values of secret keys. The zero Finder finds none.
type Finder struct {
	keys keySet
	// wellKnown says that the names of secrets in most programs are among the keys, and with them
	// what else says that a value is secret: queries of URLs, users of curl.
	wellKnown bool
}

// pair finds the value of a secret key in text, in the ways in which values follow their names:
//
//	password=x  password: x  "password":"x"  password => x    assignments, JSON, YAML, struct printing
//	Authorization: Digest user="x", response="y"              headers, printed ones too
//	--password x                                              flags
//	<password>x</password>                                    elements
//	{"name":"password","value":"x"}                           names that are values themselves
//	PASSWORD 'x'                                              statements
func (r *Finder) pair(s string, from int) (Finding, bool) {
	const separators = classPair | classTag | classDash | classQuote
	for i := from; i < len(s); i++ {
		if classes[s[i]]&separators == 0 {
			continue
		}
		var (
			f  Finding
			ok bool
		)
		switch s[i] {
		case '=', ':':
			f, ok = r.assigned(s, i)
		case '>':
			if f, ok = r.element(s, i); !ok {
				f, ok = r.neighbour(s, i)
			}
			if !ok && i > 0 && (s[i-1] == '-' || s[i-1] == '<') { // password -> x, password <> 'x'
				f, ok = r.assigned(s, i)
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
	return Finding{}, false
}

// assigned finds what follows the separator at i.
func (r *Finder) assigned(s string, i int) (Finding, bool) {
	if s[i] == '=' && i > 0 && (s[i-1] == '=' || s[i-1] == ':') {
		return Finding{}, false // Read with the first.
	}
	n := nameBefore(s, i)
	if n.text == "" {
		return Finding{}, false
	}
	k := r.keyOf(s, &n)
	if k != nil && n.begin > 0 && s[n.begin-1] == ':' && n.quote == 0 && isARN(s, n.begin) {
		return Finding{}, false
	}
	if n.quote != 0 && n.begin > 1 && strings.EqualFold(wordBefore(s, skipBack(s, n.begin-1, longestWord, isBackslash)), "case") {
		return Finding{}, false // case "password":
	}
	if k == nil {
		if naming.has(n.text) {
			return r.named(s, i)
		}
		return Finding{}, false
	}
	if k == digestKey && !isDigest(s, i+1) {
		return Finding{}, false
	}
	begin, end := valueAfter(s, i, &n, k)
	if begin >= end {
		return Finding{}, false
	}
	return Finding{Begin: begin, End: end, Rule: RuleKey, Key: n.text, Mark: Redacted}, true
}

// isDigest reports whether a hash begins at i, in hexadecimal digits and perhaps quoted.
func isDigest(s string, i int) bool {
	const shortest = 32 // MD5
	s = s[i:min(len(s), i+shortest+longestWord)]
	begin := skip(s, 0, func(c byte) bool { return isSpace(c) || isQuote(c) || isBackslash(c) })
	return skip(s, begin, isHex)-begin >= shortest
}

// keyOf returns the secret key that a name is; nil if it is none.
func (r *Finder) keyOf(s string, n *name) *key {
	if strings.HasSuffix(s[:n.begin], marker+":") {
		return nil // It is the rule of a mark.
	}
	if k := r.keys.find(n.text); k != nil {
		if phrase := n.phrase(s); len(phrase) > len(n.text) && isHarmless(phrase, len(phrase)-len(n.text)) { // first token: 312 ms
			return nil
		}
		return k
	}
	if phrase := n.phrase(s); len(phrase) > len(n.text) {
		if k := r.keys.find(phrase); k != nil {
			return k
		}
	}
	switch {
	case !r.wellKnown:
		return nil
	case n.parameter && querySecrets.has(n.text):
		return queryKey
	case isSecretName(n.text):
		return secretNameKey
	case digests.has(n.text):
		return digestKey
	}
	return nil
}

// isARN reports whether what ends at i is the beginning of a name of AWS's, which has colons.
func isARN(s string, i int) bool {
	begin := skipBack(s, i, 4*maxName, func(c byte) bool { return isName(c) || c == ':' || c == '/' })
	return strings.HasPrefix(s[begin:], "arn:")
}

// isSecretName reports whether a name is an id whose value is its secret: a key of LiveKit's
// configuration, APIxxxxxxxxxxxx.
func isSecretName(name string) bool {
	return len(name) >= 9 && len(name) <= 18 && strings.HasPrefix(name, "API") && skip(name, 0, isToken) == len(name) && strings.ContainsAny(name, "0123456789")
}
