// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/secretscan"
)

// Redacted is written in place of a value whose key says that it is secret.
const Redacted = secretscan.Redacted

// Redactor takes secrets out of text and attributes. It is made by [New], never
// changes, and is safe for concurrent use. A nil Redactor changes nothing.
type Redactor struct {
	scanner  secretscan.Scanner
	values   []string
	patterns []pattern
	custom   []func(key attribute.Key, value string) string
	userKey  []byte // Of the hash of user ids; nil leaves them.

	known logrecord.KeyCache // What the keys of attributes decide.
	clean recent
}

type pattern struct {
	name string
	expr *regexp.Regexp
	with string
}

// A Rule is part of what a [Redactor] takes out. The zero Rule takes out nothing.
type Rule struct{ apply func(*Redactor) }

// New returns a redactor with the rules, in any order. [Default] rules are not
// implied.
func New(rules ...Rule) *Redactor {
	r := &Redactor{}
	for _, rule := range rules {
		if rule.apply != nil {
			rule.apply(r)
		}
	}
	r.known.Judge = r.judge
	return r
}

// Default returns the rules that are on unless somebody says otherwise: the keys
// that hold secrets in most programs, bearer tokens, keys of the well-known
// services, private keys, passwords in URLs, e-mail addresses, phone numbers and
// card numbers.
func Default() []Rule {
	return []Rule{SecretKeys(), BearerTokens(), APIKeys(), Emails(), PhoneNumbers(), CardNumbers()}
}

func search(kinds secretscan.Kind) Rule {
	return Rule{func(r *Redactor) { r.scanner.Search(kinds) }}
}

// SecretKeys takes out the values of attributes whose keys end in password,
// secret, api_key, authorization, cookie and the like, however they are spelled,
// and the same in text: password=…, "apiKey": "…", Authorization: Bearer ….
func SecretKeys() Rule {
	return Rule{func(r *Redactor) { r.scanner.AddWellKnown() }}
}

// BearerTokens takes out what follows the schemes of the header Authorization where the
// header is missing: Bearer, Basic, Token, Digest and the like.
func BearerTokens() Rule { return search(secretscan.Bearer) }

// APIKeys takes out keys that say themselves that they are some (sk-…, AKIA…,
// ghp_…, xoxb-…, AIza…), JSON web tokens, private keys in PEM, and user and
// password in URLs.
func APIKeys() Rule { return search(secretscan.APIKeys) }

// Emails takes out e-mail and SIP addresses.
func Emails() Rule { return search(secretscan.Emails) }

// PhoneNumbers takes out numbers with a plus and 8 to 15 digits wherever they stand, those
// with an international prefix, and national ones as they are written in the countries that
// the package documentation lists. Other digits alone are too many things.
func PhoneNumbers() Rule { return search(secretscan.Phones) }

// CardNumbers takes out numbers of 14 to 19 digits that begin as an issuer's cards do,
// are as long, and pass the Luhn check: with spaces, dashes and dots or without, and with
// the expiry and the security code behind them.
func CardNumbers() Rule { return search(secretscan.Cards) }

// Keys takes out the values of attributes whose key is one of the names or ends
// in one, and the same in text. Case, "-", "_" and camel case make no difference:
// "patient_id" is also PatientID and http.request.header.x-patient-id.
func Keys(names ...string) Rule {
	return Rule{func(r *Redactor) { r.scanner.AddNames(names...) }}
}

// Values takes out secrets that are known, wherever they stand: the key that is
// in use. Those of fewer than six bytes are passed over, for they would be found
// everywhere.
func Values(secrets ...string) Rule {
	return Rule{func(r *Redactor) {
		for _, s := range secrets {
			if len(s) >= shortestValue && !slices.Contains(r.values, s) {
				r.values = append(r.values, s)
			}
		}
		// The longest first: one secret may begin with another.
		slices.SortStableFunc(r.values, func(a, b string) int { return len(b) - len(a) })
	}}
}

const shortestValue = 6

// Pattern takes out what an expression finds, and writes [REDACTED:name]. A nil
// expression finds nothing.
func Pattern(name string, expr *regexp.Regexp) Rule {
	return Rule{func(r *Redactor) {
		if expr != nil {
			r.patterns = append(r.patterns, pattern{name, expr, secretscan.Mark(strings.ReplaceAll(name, "$", ""))})
		}
	}}
}

// Func lets fn change each text: the values of attributes with their keys, and
// free text with an empty key: messages, and names of spans, scopes, metrics and
// attributes. Names are mostly asked about once. It is called last, often, and from many
// goroutines. Text for which it panics becomes [REDACTED].
func Func(fn func(key attribute.Key, value string) string) Rule {
	return Rule{func(r *Redactor) {
		if fn != nil {
			r.custom = append(r.custom, fn)
		}
	}}
}

// HashUserIDs writes user ids as u_ and 16 hex digits of their HMAC-SHA256 under
// the key: the same user is still the same, and who it is cannot be found out
// without the key. An empty key hashes nothing. User ids are the values of
// attributes and map members, at any depth, whose key is or ends in user.id or
// usr.id: also user_id, userId, x-user-id, enduser.id, caller.user_id, user.ids. A
// number is hashed as its decimal text, a list element by element, and a map member
// by member; true and false stay. Ids in free text and in other ids, such as a
// session's, are not found.
func HashUserIDs(key []byte) Rule {
	return Rule{func(r *Redactor) { r.userKey = slices.Clone(key) }}
}

// Plain reports whether a text is sure to be ASCII with nothing in it that a rule could
// find, as most texts are. It is a quick look; for the others there is [Redactor.Text].
func (r *Redactor) Plain(s string) bool {
	switch {
	case r == nil:
		return secretscan.IsASCII(s)
	case len(r.values)+len(r.patterns)+len(r.custom) > 0:
		return false
	}
	return r.scanner.Plain(s)
}

// String returns free text without secrets: a message, the text of an error.
func (r *Redactor) String(s string) string { return r.Text("", s) }

const maxScans = 4

func (r *Redactor) text(key attribute.Key, s string) string {
	for _, secret := range r.values {
		if strings.Contains(s, secret) {
			s = strings.ReplaceAll(s, secret, Redacted)
		}
	}
	// What is left of one secret may show another: once more, then. It is rare, and
	// a text that could go on for ever has had enough.
	for range maxScans {
		findings := r.scanner.Find(s)
		if len(findings) == 0 {
			break
		}
		s = secretscan.Replace(s, findings)
	}
	for _, p := range r.patterns {
		if p.expr.MatchString(s) {
			s = p.expr.ReplaceAllString(s, p.with)
		}
	}
	for _, fn := range r.custom {
		s = guarded(fn, key, s)
	}
	return s
}

func guarded(fn func(attribute.Key, string) string, key attribute.Key, s string) (text string) {
	defer func() {
		if recover() != nil {
			text = Redacted
		}
	}()
	return fn(key, s)
}
