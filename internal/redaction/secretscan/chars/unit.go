// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

// dimensions are units of time, size and frequency. A phone number is never followed by one.
var dimensions = Words("ns us µs μs ms s sec secs milliseconds microseconds nanoseconds bytes kb mb gb kib mib gib bps kbps mbps hz khz mhz ghz db dbm ppm")

// units are the dimensions and the nouns of counts.
var units = Words(`
	ns us µs μs ms s sec secs second seconds milliseconds microseconds nanoseconds min mins minutes h hours d days b bytes
	bits kb mb gb kib mib gib bps kbps mbps hz khz mhz ghz samples frames ticks tokens chars characters words packets px db
	dbm ppm rps qps fps eur usd items rows requests calls times x am pm utc
`)

// IsUnit reports whether a unit or a counted noun follows at i. A number with one is a measurement.
func IsUnit(s string, i int) bool { return unitFollows(s, i, units) }

// IsDimension reports whether a unit of time, size or frequency follows at i.
func IsDimension(s string, i int) bool { return unitFollows(s, i, dimensions) }

func unitFollows(s string, i int, units WordSet) bool {
	begin := Skip(s, i, IsSpace)
	if begin-i > 1 {
		return false
	}
	if begin < len(s) && s[begin] == '%' && !IsHexPair(s, begin+1) {
		return true
	}
	end := Skip(s, begin, IsWord)
	return units.Has(s[begin:end]) && (end == len(s) || s[end] != '=' && s[end] != ':') // Otherwise it is a name.
}
