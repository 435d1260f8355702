// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package media

import "time"

// MinGap is the shortest time without audio that counts as a gap. It is five frames of 20 ms: a
// jitter buffer conceals shorter ones.
const MinGap = 100 * time.Millisecond

// Gaps counts the times without audio on a stream that should have had some.
type Gaps struct {
	Count   int64
	Total   time.Duration
	Longest time.Duration
}

// Waited records the time between two arrivals. A time below [MinGap] is not counted.
func (g *Gaps) Waited(wait time.Duration) {
	if wait < MinGap {
		return
	}
	g.Count++
	g.Total += wait
	g.Longest = max(g.Longest, wait)
}

// Add adds the gaps of another stream. The longest is the maximum.
func (g *Gaps) Add(other Gaps) {
	g.Count += other.Count
	g.Total += other.Total
	g.Longest = max(g.Longest, other.Longest)
}
