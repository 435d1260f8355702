// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package redaction removes secrets from text, attributes and spans. Package redact is its public
// face; logs, metrics and spans use this package directly, because they also need what a user does
// not: which keys to skip, and which texts were scanned before.
package redaction

import (
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

// Redacted replaces a value whose key says that it is secret.
const Redacted = finding.Redacted

// An Engine removes secrets from text and attributes. [New] makes one. It never changes and is safe
// for concurrent use. A nil Engine changes nothing.
type Engine struct {
	scanner  secretscan.Scanner
	values   []string
	patterns []Pattern
	funcs    []Func
	userKey  []byte

	keys  logrecord.KeyCache // The decision on each attribute key.
	clean cleanTexts
}

// Config says what an [Engine] removes. The zero Config removes nothing.
type Config struct {
	// Kinds are the searches in text, without [secretscan.Pairs].
	Kinds secretscan.Kind
	// WellKnown adds the names of secrets in most programs.
	WellKnown bool
	// Names are further names of secrets. They take precedence over the well-known ones.
	Names []string
	// Values are secrets that are known. Those of fewer than six bytes are ignored: they would be
	// found everywhere.
	Values []string
	// Patterns are expressions whose matches are secret.
	Patterns []Pattern
	// Funcs change each text, after all else.
	Funcs []Func
	// UserIDKey is the key of the HMAC that replaces user IDs. User IDs stay if it is empty.
	UserIDKey []byte
}

// A Pattern is an expression whose matches are secret.
type Pattern struct {
	Name string // As in [REDACTED:name].
	Expr *regexp.Regexp
	Mark string // What replaces a match, in the syntax of [regexp.Regexp.ReplaceAllString].
}

// A Func changes the text of an attribute, or free text with an empty key.
type Func func(key attribute.Key, text string) string

// Default returns the searches that are on by default.
func Default() Config {
	const kinds = secretscan.Bearer | secretscan.APIKeys | secretscan.Emails | secretscan.Phones | secretscan.Cards
	return Config{Kinds: kinds, WellKnown: true}
}

const shortestValue = 6

// New returns an engine.
func New(cfg Config) *Engine {
	e := &Engine{patterns: cfg.Patterns, funcs: cfg.Funcs, userKey: cfg.UserIDKey}
	e.scanner.Search(cfg.Kinds)
	if len(cfg.Names) > 0 {
		e.scanner.AddNames(cfg.Names...)
	}
	if cfg.WellKnown {
		e.scanner.AddWellKnown()
	}
	for _, s := range cfg.Values {
		if len(s) >= shortestValue && !slices.Contains(e.values, s) {
			e.values = append(e.values, s)
		}
	}
	// The longest first: one secret may begin with another.
	slices.SortStableFunc(e.values, func(a, b string) int { return len(b) - len(a) })
	e.keys.Judge = e.decide
	return e
}

// String returns free text without secrets: a message, the text of an error.
func (e *Engine) String(s string) string { return e.Text("", s) }

// Text returns the text of an attribute without secrets.
func (e *Engine) Text(key attribute.Key, s string) string {
	if e == nil || s == "" {
		return s
	}
	clean := e.text(key, s)
	if clean == s && e.keys.Of(key).Verdict == cached {
		e.clean.add(s)
	}
	return clean
}

// IsPlain reports whether a text is certain to be ASCII without secrets, as most texts are. It is
// faster than [Engine.Text], which decides about the others.
func (e *Engine) IsPlain(s string) bool {
	switch {
	case e == nil:
		return secretscan.IsASCII(s)
	case len(e.values)+len(e.patterns)+len(e.funcs) > 0:
		return false
	}
	return e.scanner.IsPlain(s)
}

// maxScans bounds how often a text is scanned. Rarely, the text after one replacement contains another secret.
const maxScans = 4

func (e *Engine) text(key attribute.Key, s string) string {
	for _, secret := range e.values {
		if strings.Contains(s, secret) {
			s = strings.ReplaceAll(s, secret, Redacted)
		}
	}
	for range maxScans {
		findings := e.scanner.Find(s)
		if len(findings) == 0 {
			break
		}
		s = finding.Replace(s, findings)
	}
	for _, p := range e.patterns {
		if p.Expr.MatchString(s) {
			s = p.Expr.ReplaceAllString(s, p.Mark)
		}
	}
	for _, fn := range e.funcs {
		s = safely(fn, key, s)
	}
	return s
}

// safely calls a user's function. Text for which it panics is replaced.
func safely(fn Func, key attribute.Key, s string) (text string) {
	defer func() {
		if recover() != nil {
			text = Redacted
		}
	}()
	return fn(key, s)
}
