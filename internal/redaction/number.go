// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"math"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

const (
	minCard   = 10_000_000_000_000 // The least number of 14 digits.
	aboveCard = 1e19               // More than 19 digits.
)

// redactCard replaces a number that is a card number, and reports whether it did.
func (e *Engine) redactCard(key attribute.Key, v *attribute.Value) bool {
	digits, ok := cardDigits(v)
	if !ok {
		return false
	}
	c := e.text(key, digits)
	if c == digits {
		return false
	}
	*v = attribute.StringValue(c)
	return true
}

// cardDigits returns the digits of a number that may be a card number.
func cardDigits(v *attribute.Value) (string, bool) {
	var n uint64
	switch v.Type() {
	case attribute.INT64:
		i := v.AsInt64()
		if i < minCard {
			return "", false
		}
		n = uint64(i)
	case attribute.FLOAT64:
		f := v.AsFloat64()
		if !(f >= minCard && f < aboveCard) || f != math.Trunc(f) {
			return "", false
		}
		n = uint64(f)
	default:
		return "", false
	}
	if !mayBeCard(n) {
		return "", false
	}
	return strconv.FormatUint(n, 10), true
}

// mayBeCard reports whether the digits of a number pass the Luhn check and do not begin with 1, as
// times in nanoseconds do and no card does. The text scan decides about the rest. This spares nearly
// all numbers the allocation of a text.
func mayBeCard(n uint64) bool {
	sum, first := uint64(0), uint64(0)
	for double := false; n > 0; double = !double {
		first = n % 10
		n /= 10
		d := first
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && first != 1
}

// numberList returns a list of numbers without card numbers, and whether it changed. A list that
// changes becomes one of texts and numbers.
func (e *Engine) numberList(key attribute.Key, v attribute.Value) (attribute.Value, bool) {
	var list []attribute.Value
	if v.Type() == attribute.INT64SLICE {
		list = valuesOf(v.AsInt64Slice(), attribute.Int64Value)
	} else {
		list = valuesOf(v.AsFloat64Slice(), attribute.Float64Value)
	}
	changed := false
	for i := range list {
		changed = e.redactCard(key, &list[i]) || changed
	}
	if !changed {
		return v, false
	}
	return attribute.SliceValue(list...), true
}

func valuesOf[N any](numbers []N, of func(N) attribute.Value) []attribute.Value {
	list := make([]attribute.Value, len(numbers))
	for i, n := range numbers {
		list[i] = of(n)
	}
	return list
}
