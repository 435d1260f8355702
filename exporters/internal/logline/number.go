// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"math"
	"strconv"
)

// maxExact bounds the whole floats that are written with all digits. Above it, not every integer is a
// float, and the shortest form has fewer digits.
const maxExact = 1 << 53

// AppendInt appends i as a JSON number.
func AppendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

// AppendBool appends true or false.
func AppendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// AppendFloat appends the shortest number that reads back as f, in the form of encoding/json. JSON has
// no numbers for NaN and infinities, so they become the strings "NaN", "+Inf" and "-Inf".
func AppendFloat(dst []byte, f float64) []byte {
	if i := int64(f); float64(i) == f && -maxExact < i && i < maxExact && (i != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(dst, i, 10)
	}
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"+Inf"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Inf"`...)
	}
	if dst, short := appendShort(dst, f); short {
		return dst
	}
	if abs := math.Abs(f); abs != 0 && abs < leastPlain || abs >= 1e21 {
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		// Like encoding/json, write e-9 instead of e-09.
		if n := len(dst); dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// The usual numbers of decimals: of milliseconds and percentages, and of nanoseconds.
const (
	leastPlain   = 1e-6 // Smaller numbers have an exponent.
	fewDecimals  = 3
	manyDecimals = 9
	maxShort     = 1e15 // Up to 15 digits, every decimal is the shortest one of its float.
)

// appendShort appends f if it has at most nine decimals and fifteen digits, as most floats in a log, and
// reports whether it has. If a whole number divided by a power of ten is exactly f, then the quotient in
// digits is the shortest form: division rounds to the nearest float, and different numbers with so few
// digits are different floats. It takes a third of the time of strconv.
func appendShort(dst []byte, f float64) (_ []byte, short bool) {
	decimals := fewDecimals
	n := math.Round(f * 1e3)
	if n/1e3 != f {
		decimals = manyDecimals
		if n = math.Round(f * 1e9); n/1e9 != f {
			return dst, false
		}
	}
	if n = math.Abs(n); n == 0 || n >= maxShort || math.Abs(f) < leastPlain {
		return dst, false
	}
	digits := uint64(n)
	if f < 0 {
		dst = append(dst, '-')
	}
	for digits%10 == 0 {
		digits /= 10
		decimals--
	}
	if decimals <= 0 {
		return strconv.AppendUint(dst, digits, 10), true // AppendFloat handles whole numbers before.
	}
	var text [20]byte
	at := len(text)
	for range decimals {
		at--
		text[at] = byte('0' + digits%10)
		digits /= 10
	}
	dst = append(strconv.AppendUint(dst, digits, 10), '.')
	return append(dst, text[at:]...), true
}
