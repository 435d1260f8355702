// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wer

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// An Option changes the normalisation. A nil Option is ignored.
type Option interface{ apply(config) config }

type config struct {
	rewrite                            func(string) string
	keepCase, keepPunctuation, ungroup bool
}

func newConfig(opts []Option) (c config) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.apply(c)
		}
	}
	return c
}

type option func(config) config

func (f option) apply(c config) config { return f(c) }

// WithRewrite changes both texts before the normalisation, for example to spell out numbers and
// abbreviations. A nil function is ignored.
func WithRewrite(rewrite func(text string) string) Option {
	return option(func(c config) config {
		if rewrite != nil {
			c.rewrite = rewrite
		}
		return c
	})
}

// WithCase compares upper and lower case as different.
func WithCase() Option { return option(func(c config) config { c.keepCase = true; return c }) }

// WithPunctuation compares punctuation. It is a part of the word beside it.
func WithPunctuation() Option {
	return option(func(c config) config { c.keepPunctuation = true; return c })
}

// WithoutGrouping removes the commas that group the digits of a number: "1,000" is "1000".
func WithoutGrouping() Option { return option(func(c config) config { c.ungroup = true; return c }) }

func (c config) words(text string) []string { return strings.Fields(c.normalize(text)) }

func (c config) characters(text string) (out []string) {
	for _, r := range c.normalize(text) {
		if !unicode.IsSpace(r) {
			out = append(out, string(r))
		}
	}
	return out
}

func (c config) normalize(text string) string {
	if c.rewrite != nil {
		text = c.rewrite(text)
	}
	text = norm.NFKC.String(strings.ToValidUTF8(text, "\ufffd"))
	if !c.keepCase {
		text = norm.NFKC.String(cases.Fold().String(text)) // Folding may decompose.
	}
	var b strings.Builder
	runes := visible(text)
	for i, r := range runes {
		switch r {
		case '\u2019', '\u02bc', '\u2018', '`':
			r = '\''
		}
		switch {
		case c.ungroup && isGrouping(runes, i):
		case c.keepPunctuation || !unicode.IsPunct(r) && r != '\'' || isInWord(runes, i):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// visible returns the characters of a text that have a width.
func visible(text string) (out []rune) {
	for _, r := range text {
		if !unicode.Is(unicode.Cf, r) {
			out = append(out, r)
		}
	}
	return out
}

// isInWord reports whether a mark of punctuation is a part of a word or a number.
func isInWord(runes []rune, i int) bool {
	before, after := ' ', ' '
	if i > 0 {
		before = runes[i-1]
	}
	if i+1 < len(runes) {
		after = runes[i+1]
	}
	switch runes[i] {
	case '\'', '\u2019', '\u02bc', '\u2018', '`':
		return isLetter(before) && isLetter(after)
	case '.', ',', ':':
		return unicode.IsDigit(before) && unicode.IsDigit(after)
	case '%':
		return unicode.IsDigit(before)
	}
	return false
}

// isLetter reports whether r is a letter or a mark on one.
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// isGrouping reports whether a comma stands between a digit and three others.
func isGrouping(runes []rune, i int) bool {
	if runes[i] != ',' || i == 0 || !unicode.IsDigit(runes[i-1]) || i+3 >= len(runes) {
		return false
	}
	for _, r := range runes[i+1 : i+4] {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return i+4 == len(runes) || !unicode.IsDigit(runes[i+4])
}
