// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// A Rule says what a [Redactor] removes. The zero Rule removes nothing.
type Rule struct{ apply func(*redaction.Config) }

// Default returns the rules that are on by default: [SecretKeys], [BearerTokens], [APIKeys],
// [Emails], [PhoneNumbers] and [CardNumbers].
func Default() []Rule {
	return []Rule{SecretKeys(), BearerTokens(), APIKeys(), Emails(), PhoneNumbers(), CardNumbers()}
}

func search(kind secretscan.Kind) Rule {
	return Rule{func(c *redaction.Config) { c.Kinds |= kind }}
}

// SecretKeys removes the values of attributes whose keys end in password, secret, api_key,
// authorization, cookie and the like, in any spelling, and the same in text: password=…,
// "apiKey": "…", Authorization: Bearer ….
func SecretKeys() Rule {
	return Rule{func(c *redaction.Config) { c.WellKnown = true }}
}

// BearerTokens removes what follows an Authorization scheme in text without the header's name:
// Bearer, Basic, Token, Digest and the like.
func BearerTokens() Rule { return search(secretscan.Bearer) }

// APIKeys removes keys with a known prefix (sk-…, AKIA…, ghp_…, xoxb-…, AIza…), JSON web tokens,
// private keys in PEM, and the user and password of URLs.
func APIKeys() Rule { return search(secretscan.APIKeys) }

// Emails removes e-mail and SIP addresses.
func Emails() Rule { return search(secretscan.Emails) }

// PhoneNumbers removes numbers with a plus and 8 to 15 digits anywhere in text, numbers with an
// international prefix, and national numbers as they are written in the countries that the package
// documentation lists. Other digits alone are too ambiguous.
func PhoneNumbers() Rule { return search(secretscan.Phones) }

// CardNumbers removes numbers of 14 to 19 digits with the prefix and length of a card issuer that
// pass the Luhn check: with spaces, dashes and dots or without, and with the expiry and the security
// code after them.
func CardNumbers() Rule { return search(secretscan.Cards) }

// Keys removes the values of attributes whose key is one of the names or ends in one, and the same
// in text. Case, "-", "_" and camel case make no difference: "patient_id" is also PatientID and
// http.request.header.x-patient-id.
func Keys(names ...string) Rule {
	return Rule{func(c *redaction.Config) { c.Names = append(c.Names, names...) }}
}

// Values removes known secrets anywhere in text, such as the API key in use. Those of fewer than six
// bytes are ignored: they would be found everywhere.
func Values(secrets ...string) Rule {
	return Rule{func(c *redaction.Config) { c.Values = append(c.Values, secrets...) }}
}

// Pattern removes the matches of an expression and writes [REDACTED:name] instead. A nil expression
// matches nothing.
func Pattern(name string, expr *regexp.Regexp) Rule {
	return Rule{func(c *redaction.Config) {
		if expr != nil {
			mark := finding.Mark(strings.ReplaceAll(name, "$", ""))
			c.Patterns = append(c.Patterns, redaction.Pattern{Name: name, Expr: expr, Mark: mark})
		}
	}}
}

// Func lets fn change each text: the values of attributes with their keys, and free text with an
// empty key: messages, and the names of spans, scopes, metrics and attributes. The result for a name
// is cached. Func is called after all other rules, often, and from many goroutines. Text for which
// it panics becomes [REDACTED].
func Func(fn func(key attribute.Key, value string) string) Rule {
	return Rule{func(c *redaction.Config) {
		if fn != nil {
			c.Funcs = append(c.Funcs, fn)
		}
	}}
}

// HashUserIDs replaces user IDs by u_ and 16 hex digits of their HMAC-SHA256 under the key: the same
// user keeps the same hash, and without the key the hash does not reveal the user. An empty key
// hashes nothing. User IDs are the values of attributes and map entries, at any depth, whose key is
// or ends in user.id or usr.id: also user_id, userId, x-user-id, enduser.id, caller.user_id,
// user.ids. A number is hashed as its decimal text, and lists and maps element by element; true and
// false stay. IDs in free text and in other IDs, such as a session's, are not found.
func HashUserIDs(key []byte) Rule {
	return Rule{func(c *redaction.Config) { c.UserIDKey = slices.Clone(key) }}
}
