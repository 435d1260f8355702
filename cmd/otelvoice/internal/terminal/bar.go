// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Seconds returns a duration in seconds as people read it; "" is unknown.
func Seconds(s *float64) string {
	switch {
	case s == nil:
		return ""
	case math.Abs(*s) >= 3600:
		return fmt.Sprintf("%dh%02dm", int(*s)/3600, int(math.Abs(*s))%3600/60)
	case math.Abs(*s) >= 60:
		return fmt.Sprintf("%dm%02ds", int(*s)/60, int(math.Abs(*s))%60)
	case math.Abs(*s) >= 10:
		return strconv.FormatFloat(*s, 'f', 1, 64) + "s"
	}
	return strconv.FormatFloat(*s, 'f', 2, 64) + "s"
}

// Part is a part of a bar.
type Part struct {
	Value float64
	Fill  rune
	Style Style
}

// Bar returns the parts as a bar in which all takes so many columns. A part that is not 0 has at least a column if
// there is space.
func (s Screen) Bar(parts []Part, all float64, columns int) string {
	var b strings.Builder
	used, sum := 0, 0.0
	for _, p := range parts {
		if p.Value <= 0 || all <= 0 {
			continue
		}
		sum += p.Value
		n := int(math.Round(sum/all*float64(columns))) - used
		if n < 1 && p.Value >= all/100 {
			n = 1
		}
		if n = min(n, columns-used); n > 0 {
			b.WriteString(s.In(p.Style, strings.Repeat(string(p.Fill), n)))
			used += n
		}
	}
	return b.String() + strings.Repeat(" ", columns-used)
}
