// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing

import (
	"fmt"
	"strings"
)

// An Amount is an amount of money in billionths of the currency's unit: 1 USD is 1,000,000,000. Its sums are exact.
// The largest amount is about 9.2 billion units.
type Amount int64

// One is one unit of a currency.
const One Amount = 1_000_000_000

// Float64 returns the amount in units of the currency, as voice.cost has it.
func (a Amount) Float64() float64 { return float64(a) / float64(One) }

// String returns the amount in units of the currency as a decimal number without trailing zeros, such as "0.00215".
func (a Amount) String() string {
	sign, whole, rest := "", a/One, a%One
	if a < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	text := fmt.Sprintf("%s%d.%09d", sign, whole, rest)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// A Cost is an amount in a currency.
type Cost struct {
	Amount   Amount
	Currency string // As ISO 4217: "USD".
}

// String returns the cost as text, such as "0.00215 USD".
func (c Cost) String() string { return c.Amount.String() + " " + c.Currency }
