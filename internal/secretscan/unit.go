// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

// dimensions are the units of time, size and frequency: before them there is no telephone number.
var dimensions = words("ns us µs μs ms s sec secs milliseconds microseconds nanoseconds bytes kb mb gb kib mib gib bps kbps mbps hz khz mhz ghz db dbm ppm")

// units are all of these, and what is counted.
var units = words(`
	ns us µs μs ms s sec secs second seconds milliseconds microseconds nanoseconds min mins minutes h hours d days b bytes
	bits kb mb gb kib mib gib bps kbps mbps hz khz mhz ghz samples frames ticks tokens chars characters words packets px db
	dbm ppm rps qps fps eur usd items rows requests calls times x am pm utc
`)

// isUnit reports whether a unit follows at i, or what is counted. A number with one is a measurement.
func isUnit(s string, i int) bool { return unitFollows(s, i, units) }

// isDimension reports whether a unit of time, size or frequency follows at i.
func isDimension(s string, i int) bool { return unitFollows(s, i, dimensions) }

func unitFollows(s string, i int, units wordSet) bool {
	begin := skip(s, i, isSpace)
	if begin-i > 1 {
		return false
	}
	if begin < len(s) && s[begin] == '%' && !isHexPair(s, begin+1) {
		return true
	}
	end := skip(s, begin, isWord)
	return units.has(s[begin:end]) && (end == len(s) || s[end] != '=' && s[end] != ':') // Else it is a name.
}
