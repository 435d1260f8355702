// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Price is what a provider charges for a unit of a model's work.
type Price struct {
	Provider string // As gen_ai.provider.name: "openai".
	// Model is the name of a model, or a prefix and an asterisk; see the package documentation.
	Model string
	Unit  Unit
	// Price is a decimal number such as "0.15" or "1.5e-07". It is text, so that it is exact.
	Price string
	// Per is how many units the price is for, such as 1,000,000. The zero Per is 1.
	Per      int64
	Currency string // As ISO 4217: "USD".

	// ValidFrom is the first time at which the price is valid. The zero time is always.
	ValidFrom time.Time
	// ValidUntil is the first time at which the price is no longer valid. The zero time is never, or when the next
	// price for the same provider, model and unit is valid.
	ValidUntil time.Time

	// RoundUp rounds the duration of audio up to a multiple: 15 s charges each started 15 s. The zero RoundUp
	// charges the exact duration. Minimum is the least duration that is charged. Both are for a whole request or
	// stream, and only for units of audio.
	RoundUp, Minimum time.Duration

	// Source is where the price is from, such as "prices.yaml:12". Errors begin with it.
	Source string
}

const (
	maxName     = 256 // Of a provider or a model, in bytes.
	maxPer      = 1_000_000_000
	maxRounding = 24 * time.Hour
)

var (
	decimal  = regexp.MustCompile(`^\d{1,18}(\.\d{1,24})?([eE][+-]?\d{1,2})?$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// A rate is a price that was checked: num/den billionths of a currency's unit for one of what its measure counts.
type rate struct {
	num, den         uint64
	from, until      time.Time
	roundUp, minimum time.Duration
	source           string
}

// isValid reports whether the rate is valid at a time.
func (r *rate) isValid(at time.Time) bool {
	return !at.Before(r.from) && (r.until.IsZero() || at.Before(r.until))
}

// rate checks the price. It returns all errors.
func (p *Price) rate() (of measure, r rate, err error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !isName(p.Provider) || strings.Contains(p.Provider, "*") {
		fail("provider %q is not a name: use that of gen_ai.provider.name, such as openai", p.Provider)
	}
	if stem := strings.TrimSuffix(p.Model, "*"); !isName(p.Model) || strings.Contains(stem, "*") {
		fail("model %q is not a name: use a name, or a prefix with an asterisk at its end, such as acme-chat-*", p.Model)
	}
	s, known := scaleOf(p.Unit)
	if !known {
		fail("unit %q is unknown: use one of %s", p.Unit, unitNames())
	}
	if !currency.MatchString(p.Currency) {
		fail("currency %q is not a code of ISO 4217: use three capital letters, such as USD", p.Currency)
	}
	if p.Per < 0 || p.Per > maxPer {
		fail("per %d is out of range: use 1 to %d", p.Per, maxPer)
	}
	if !p.ValidUntil.IsZero() && !p.ValidUntil.After(p.ValidFrom) {
		fail("valid_until %s is not after valid_from %s: a price is valid from the first to before the second", date(p.ValidUntil), date(p.ValidFrom))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"round_up", p.RoundUp}, {"minimum", p.Minimum}} {
		switch {
		case d.value < 0 || d.value > maxRounding:
			fail("%s %s is out of range: use a duration up to %s, such as 15s", d.name, d.value, maxRounding)
		case d.value > 0 && known && !s.of.isAudio():
			fail("%s is for audio, and unit %s is not: remove it", d.name, p.Unit)
		}
	}
	r = rate{from: p.ValidFrom, until: p.ValidUntil, roundUp: p.RoundUp, minimum: p.Minimum, source: p.Source}
	if !decimal.MatchString(p.Price) {
		fail("price %q is not a decimal number of 0 or more: use one such as 0.15", p.Price)
	}
	if len(errs) == 0 {
		r.num, r.den, known = fraction(p.Price, max(p.Per, 1), s.size)
		if !known {
			fail("price %q per %d has too many digits: use fewer, or a greater per", p.Price, max(p.Per, 1))
		}
	}
	return s.of, r, errors.Join(errs...)
}

// fraction returns a price in billionths of a currency's unit, for one of what a unit of a size counts.
func fraction(price string, per, size int64) (num, den uint64, ok bool) {
	f, ok := new(big.Rat).SetString(price)
	if !ok {
		return 0, 0, false
	}
	f.Mul(f, new(big.Rat).SetInt64(int64(One)))
	f.Quo(f, new(big.Rat).SetInt64(per))
	f.Quo(f, new(big.Rat).SetInt64(size))
	if f.Num().BitLen() > 63 || f.Denom().BitLen() > 63 {
		return 0, 0, false
	}
	return f.Num().Uint64(), f.Denom().Uint64(), true
}

// isName reports whether text can be the name of a provider or a model.
func isName(text string) bool {
	return text != "" && len(text) <= maxName && utf8.ValidString(text) && strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func unitNames() string {
	var names []string
	for _, u := range Units() {
		names = append(names, string(u))
	}
	return strings.Join(names, ", ")
}

// date formats a time as a price file has it.
func date(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.UTC().Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}
