// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package secretscan finds secrets in text: values after the names of secrets in any notation, and
// values by their form. It searches a text as written, and again with each layer of escapes decoded.
//
// Its packages build on each other: chars is at the bottom; escapes, finding and secretname use it;
// namedvalue reads the values after names; pairs and forms contain the searches.
package secretscan

import (
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/pairs"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/secretname"
)

// A Scanner searches texts for secrets. The zero Scanner finds none. A Scanner must not change once it
// is in use, and is then safe for concurrent use.
type Scanner struct {
	kinds Kind
	pairs pairs.Finder
}

// minText is the length of the shortest text that may contain a secret.
const minText = 6

// Search adds searches.
func (r *Scanner) Search(kinds Kind) { r.kinds |= kinds }

// AddWellKnown adds the names of secrets in most programs.
func (r *Scanner) AddWellKnown() {
	r.kinds |= Pairs | sentences
	r.pairs.Keys.Add(secretname.WellKnown...)
	r.pairs.WellKnown = true
}

// AddNames adds names of secrets. A name that ends in one of them is secret. Case and the characters
// that join words make no difference.
func (r *Scanner) AddNames(names ...string) {
	r.kinds |= Pairs
	for _, name := range names {
		r.pairs.Keys.Add(secretname.Key{Name: secretname.Normal(name), Match: secretname.AtWord, Value: secretname.Chosen})
	}
}

// IsSecret reports whether the value of an attribute with this key is secret.
func (r *Scanner) IsSecret(name string) bool { return r.pairs.Keys.Has(name) }

// IsStatus reports whether a text is the status of a secret rather than its value: auth=ok,
// phone=ringing. For passwords it is false, because they may be any word.
func (r *Scanner) IsStatus(name, text string) bool {
	k := r.pairs.Keys.Find(name)
	return k != nil && k.Value != secretname.Chosen && k.IsStatus(text)
}

// IsPlain reports whether a text is certain to be ASCII without secrets, as most texts are. It is
// faster than [Scanner.Find].
func (r *Scanner) IsPlain(s string) bool {
	seen := chars.ClassesOf(s)
	switch {
	case seen&chars.ClassNonASCII != 0:
		return false
	case isWords(s, seen):
		return true
	case r.finds(s, featuresOf(s)) != 0:
		return false
	case !mayEscape(s, seen):
		return true
	}
	_, escaped := escapes.Outermost(s)
	return escaped == len(s)
}

// IsASCII reports whether a text is ASCII without terminal escapes.
func IsASCII(s string) bool { return chars.ClassesOf(s)&chars.ClassNonASCII == 0 }
