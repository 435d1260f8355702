// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonenc

import (
	"math"
	"strconv"
)

// maxExact bounds the whole floats that are printed as the integers they are.
// Above it not every integer is a float, and the shortest form has fewer digits.
const maxExact = 1 << 53

// AppendInt appends i as a JSON number.
func AppendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

// AppendBool appends true or false.
func AppendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// AppendFloat appends the shortest number that reads back as f, in the form of
// encoding/json. JSON has no word for the other floats: they become the strings
// "NaN", "+Inf" and "-Inf", so that the reader sees what was measured.
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
	if abs := math.Abs(f); abs != 0 && abs < 1e-6 || abs >= 1e21 {
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		// Two digits at least in Go, one in JavaScript: e-09 is written e-9.
		if n := len(dst); dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
