// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package secretscan finds secrets in text: behind their names, however the two are written, and by
// their form. It reads a text as it is, and without each layer of its escapes.
package secretscan

import (
	"github.com/voice-agents/telemetry/internal/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/secretscan/pairs"
	"github.com/voice-agents/telemetry/internal/secretscan/secretname"
)

// A Scanner searches texts for secrets. The zero Scanner finds none. It must not change once it is
// in use, and is then safe for concurrent use.
type Scanner struct {
	kinds Kind
	pairs pairs.Finder
}

// minText is the length of the shortest text in which the built-in searches find anything.
const minText = 6

// Search adds searches.
func (r *Scanner) Search(kinds Kind) { r.kinds |= kinds }

// AddWellKnown adds the names of secrets in most programs.
func (r *Scanner) AddWellKnown() {
	r.kinds |= Pairs | sentences
	r.pairs.Keys.Add(secretname.WellKnown...)
	r.pairs.WellKnown = true
}

// AddNames adds names of secrets: any name that ends in one of them is one. Case and what joins
// words make no difference.
func (r *Scanner) AddNames(names ...string) {
	r.kinds |= Pairs
	for _, name := range names {
		r.pairs.Keys.Add(secretname.Key{Name: secretname.Normal(name), Match: secretname.AtWord, Value: secretname.Chosen})
	}
}

// IsSecret reports whether the value of a name, as the key of an attribute, is secret.
func (r *Scanner) IsSecret(name string) bool { return r.pairs.Keys.Has(name) }

// IsStatus reports whether a text is no value of a name that is secret, but said of it: auth=ok,
// phone=ringing. Of a password nothing is, for it may be any word.
func (r *Scanner) IsStatus(name, text string) bool {
	k := r.pairs.Keys.Find(name)
	return k != nil && k.Value != secretname.Chosen && k.IsStatus(text)
}

// IsPlain reports whether a text is sure to be ASCII with nothing in it that the scanner could find,
// as most texts are. It is a quick look.
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

// IsASCII reports whether a text has no other characters, as far as [Scanner.IsPlain] tells.
func IsASCII(s string) bool { return chars.ClassesOf(s)&chars.ClassNonASCII == 0 }
