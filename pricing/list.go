// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	maxPrices = 20_000 // In a list.
	maxErrors = 10     // In the error of New.
)

// A List is a list of prices. It does not change, and is safe for concurrent use. A nil List has no prices.
type List struct{ providers map[string]*provider }

// provider holds the models of a provider.
type provider struct {
	exact    map[string]*model
	prefixes []*model // The longest prefix first.
}

// model holds the prices of a model, or of the models with a prefix.
type model struct {
	name     string // Without the asterisk.
	currency string
	source   string // Of the first price.
	rates    [measures][]rate
}

// New returns a list of prices. The error names each price that is invalid, by its Source or else by its number,
// and pairs of prices that contradict each other: two for the same unit at the same time, or two currencies for one
// model. Several currencies in a list are valid.
func New(prices ...Price) (*List, error) {
	switch {
	case len(prices) == 0:
		return nil, errors.New("pricing: there are no prices: add one")
	case len(prices) > maxPrices:
		return nil, fmt.Errorf("pricing: there are %d prices: use %d at most", len(prices), maxPrices)
	}
	l := &List{providers: make(map[string]*provider)}
	var errs []error
	for i := range prices {
		p := prices[i]
		if p.Source == "" {
			p.Source = fmt.Sprintf("price %d", i+1)
		}
		if err := l.add(&p); err != nil {
			for line := range strings.Lines(err.Error()) {
				errs = append(errs, fmt.Errorf("%s: %s", p.Source, strings.TrimSuffix(line, "\n")))
			}
		}
	}
	errs = append(errs, l.order()...)
	if n := len(errs); n > maxErrors {
		errs = append(errs[:maxErrors], fmt.Errorf("and %d more errors", n-maxErrors))
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("pricing: %w", errors.Join(errs...))
	}
	return l, nil
}

// add adds a price.
func (l *List) add(p *Price) error {
	of, r, err := p.rate()
	if err != nil {
		return err
	}
	in := l.providers[p.Provider]
	if in == nil {
		in = &provider{exact: make(map[string]*model)}
		l.providers[p.Provider] = in
	}
	m := in.model(p)
	if m.currency != p.Currency {
		return fmt.Errorf("%s %s has prices in %s (%s) and in %s: use one currency for a model", p.Provider, p.Model, m.currency, m.source, p.Currency)
	}
	m.rates[of] = append(m.rates[of], r)
	return nil
}

// model returns the model of a price, which it adds if it is new.
func (in *provider) model(p *Price) *model {
	name, isPrefix := strings.CutSuffix(p.Model, "*")
	added := &model{name: name, currency: p.Currency, source: p.Source}
	if !isPrefix {
		if m := in.exact[name]; m != nil {
			return m
		}
		in.exact[name] = added
		return added
	}
	// By descending length, then by name.
	i, found := slices.BinarySearchFunc(in.prefixes, name, func(m *model, name string) int {
		return cmp.Or(cmp.Compare(len(name), len(m.name)), strings.Compare(m.name, name))
	})
	if !found {
		in.prefixes = slices.Insert(in.prefixes, i, added)
	}
	return in.prefixes[i]
}

// order sorts the prices of each unit by time, and ends each when the next is valid.
func (l *List) order() (errs []error) {
	for providerName, in := range l.providers {
		name := func(model string) string { return providerName + " " + model }
		for _, m := range in.exact {
			errs = append(errs, m.order(name(m.name))...)
		}
		for _, m := range in.prefixes {
			errs = append(errs, m.order(name(m.name+"*"))...)
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

func (m *model) order(name string) (errs []error) {
	for of := range m.rates {
		rates := m.rates[of]
		slices.SortStableFunc(rates, func(a, b rate) int { return a.from.Compare(b.from) })
		for i := range max(len(rates)-1, 0) {
			r, next := &rates[i], &rates[i+1]
			switch {
			case r.from.Equal(next.from), !r.until.IsZero() && r.until.After(next.from):
				errs = append(errs, fmt.Errorf("%s: %s has two prices for %s at the same time, the other in %s: remove one, or give them dates", next.source, name, measure(of).unit(), r.source))
			case r.until.IsZero():
				r.until = next.from
			}
		}
	}
	return errs
}

// find returns the model whose prices apply, or nil.
func (l *List) find(c *Call) *model {
	if l == nil || l.providers[c.Provider] == nil {
		return nil
	}
	in := l.providers[c.Provider]
	names := [...]string{c.ResponseModel, c.Model}
	for _, name := range names {
		if m := in.exact[name]; m != nil && name != "" && m.isValid(c.Time) {
			return m
		}
	}
	for _, name := range names {
		if name == "" && c.Model != "" {
			continue // It would have the prices of "*" before those of the other name.
		}
		for _, m := range in.prefixes {
			if strings.HasPrefix(name, m.name) && m.isValid(c.Time) {
				return m
			}
		}
	}
	return nil
}

// isValid reports whether the model has a price at a time.
func (m *model) isValid(at time.Time) bool {
	rates := m.at(at)
	return slices.ContainsFunc(rates[:], isPrice)
}

// at returns the prices at a time, by measure. Those that there are not are nil.
func (m *model) at(at time.Time) (rates [measures]*rate) {
	for of := range m.rates {
		rates[of] = m.rate(measure(of), at)
	}
	return rates
}

// rate returns the price for a measure at a time, or nil.
func (m *model) rate(of measure, at time.Time) *rate {
	rates := m.rates[of]
	for i := range rates {
		if rates[i].isValid(at) {
			return &rates[i]
		}
	}
	return nil
}
