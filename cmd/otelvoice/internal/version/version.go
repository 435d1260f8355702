// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package version orders the versions of agents, which may be written in any form.
package version

import (
	"cmp"
	"strings"
)

// Compare compares versions part by part: runs of digits by their number, so that 1.10 is after 1.9, and others as
// text. A version before which a hyphen and more are added is a prerelease of it: 1.4.0-rc.1 is before 1.4.0.
func Compare(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		var p, q string
		p, x = next(x)
		q, y = next(y)
		if c := compareParts(p, q); c != 0 {
			return c
		}
	}
	switch {
	case strings.HasPrefix(x, "-"):
		return -1
	case strings.HasPrefix(y, "-"):
		return 1
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b)) // 01 and 1 differ.
}

// next cuts the first run of digits, or of other signs.
func next(s string) (part, rest string) {
	i := 1
	for i < len(s) && isDigit(s[i]) == isDigit(s[0]) {
		i++
	}
	return s[:i], s[i:]
}

func compareParts(p, q string) int {
	if isDigit(p[0]) && isDigit(q[0]) {
		p, q = strings.TrimLeft(p, "0"), strings.TrimLeft(q, "0")
		return cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q))
	}
	// After the same parts, what begins with a hyphen is a prerelease of what goes on with another sign.
	if p[0] == '-' != (q[0] == '-') {
		if p[0] == '-' {
			return -1
		}
		return 1
	}
	return cmp.Compare(p, q)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
