// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package spend adds up what the stages of a turn and of a session cost.
package spend

import (
	"math"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// A Charge is what a stage or a stream costs. The zero Charge is that of work that is not charged: a tool, an
// utterance of a stream, a request that the provider refused.
type Charge struct {
	Cost  pricing.Cost
	State State
}

// State says whether a cost is known.
type State uint8

// The states.
const (
	Free State = iota // Not charged.
	Known
	Unknown
)

// Attributes appends the cost if it is known.
func (c Charge) Attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if c.State != Known {
		return attrs
	}
	return append(attrs, semconv.VoiceCost(c.Cost.Amount.Float64()), semconv.VoiceCostCurrency(c.Cost.Currency))
}

// An Account holds the charge of a stage or a stream. Its user guards it with a lock.
type Account struct{ charge Charge }

// Set sets the newest charge. It returns the one before, the one that counts, and what it is more than the one
// before, which is known if it is. A cost that was known counts at least: it is in a metric, which cannot fall.
func (a *Account) Set(newest Charge) (before, now, more Charge) {
	before = a.charge
	if had := before.Cost; before.State == Known {
		if newest.State != Known || newest.Cost.Currency != had.Currency || newest.Cost.Amount <= had.Amount {
			return before, before, Charge{}
		}
	}
	a.charge = newest
	if newest.State == Known {
		more = newest
		more.Cost.Amount -= before.Cost.Amount
	}
	return before, newest, more
}

// A Tally is the sum of charges. The zero Tally is empty. It is safe for concurrent use.
type Tally struct {
	mu             sync.Mutex
	sum            pricing.Cost
	known, unknown int  // Charges.
	isUnknown      bool // Its charges have several currencies, or it is too large.
}

// Replace replaces an earlier charge of a stage, or the zero Charge, by its newest.
func (t *Tally) Replace(before, now Charge) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count(before.State, -1)
	t.count(now.State, 1)
	if before.State == Known {
		t.add(pricing.Cost{Amount: -before.Cost.Amount, Currency: before.Cost.Currency})
	}
	if now.State == Known {
		t.add(now.Cost)
	}
}

func (t *Tally) count(s State, n int) {
	switch s {
	case Known:
		t.known += n
	case Unknown:
		t.unknown += n
	case Free:
	}
}

func (t *Tally) add(c pricing.Cost) {
	if t.sum.Currency == "" {
		t.sum.Currency = c.Currency
	}
	if t.sum.Currency != c.Currency || c.Amount > math.MaxInt64-t.sum.Amount {
		t.isUnknown = true
		return
	}
	t.sum.Amount += c.Amount
}

// Total returns the sum. It is unknown if a charge is, or if the charges have several currencies, and free if there
// are no charges.
func (t *Tally) Total() Charge {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.unknown > 0 || t.isUnknown:
		return Charge{State: Unknown}
	case t.known == 0:
		return Charge{}
	}
	return Charge{Cost: t.sum, State: Known}
}
