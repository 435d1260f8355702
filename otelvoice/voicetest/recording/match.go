// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// short is a sound that may be a cough.
const short = 300 * time.Millisecond

// none is the index of no interval.
const none = -1

// nearest assigns instants that telemetry tells to instants of the sound that are at most window apart.
// The nearest pair is assigned first, and each instant once, so that an instant that is missing on one
// side does not shift those after it. It returns the index of the sound for each told instant. sound is in
// order; told may have nil for unknown.
func nearest(told []*time.Duration, sound []time.Duration, window time.Duration) []int {
	type pair struct {
		told, sound int
		distance    time.Duration
	}
	var pairs []pair
	assigned := make([]int, len(told))
	for i, at := range told {
		assigned[i] = none
		if at == nil {
			continue
		}
		first, _ := slices.BinarySearch(sound, *at-window)
		for j := first; j < len(sound) && sound[j] <= *at+window; j++ {
			pairs = append(pairs, pair{i, j, (sound[j] - *at).Abs()})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.distance, b.distance) })
	taken := make(map[int]bool)
	for _, p := range pairs {
		if assigned[p.told] == none && !taken[p.sound] {
			assigned[p.told], taken[p.sound] = p.sound, true
		}
	}
	return assigned
}

// match finds the sound of each turn.
func (m *matcher) match() {
	n := len(m.told)
	stopped, started, interrupted := make([]*time.Duration, n), make([]*time.Duration, n), make([]*time.Duration, n)
	for i := range m.told {
		if t := &m.told[i]; !m.isOutside(t) {
			stopped[i], started[i], interrupted[i] = t.userStopped, t.agentStarted, t.interrupted
		}
	}
	m.users = nearest(stopped, ends(m.sound.User), m.config.window)
	m.agents = nearest(started, starts(m.sound.Agent), m.config.window)
	m.bargeIns = nearest(interrupted, starts(m.sound.User), m.config.window)

	for i := range m.told {
		t := &m.told[i]
		if t.agentStarted == nil && t.start != nil && t.end != nil && !m.isOutside(t) {
			from := *t.start - slack
			if i > 0 && m.agents[i-1] != none {
				from = max(from, m.sound.Agent[m.agents[i-1]].Start+1)
			}
			m.agents[i] = firstStart(m.sound.Agent, from, *t.end+slack)
		}
	}
	answers := slices.Sorted(slices.Values(m.agents))
	for i, a := range m.agents {
		if a == none {
			continue
		}
		from := time.Duration(math.MinInt64)
		if k, _ := slices.BinarySearch(answers, a); k > 0 && answers[k-1] != none {
			from = m.sound.Agent[answers[k-1]].Start
		}
		m.users[i] = m.endBefore(i, from, m.sound.Agent[a].Start)
		m.agents[i] = m.startAfter(i, a)
	}
}

// startAfter returns the first speech of the agent between the end of the user's speech and the answer of a
// turn, or the answer. A filler that telemetry does not tell ends the user's wait as well.
func (m *matcher) startAfter(i, answer int) int {
	u := m.users[i]
	if u == none || m.told[i].agentStarted == nil {
		return answer
	}
	from := m.sound.User[u].End
	if i > 0 && m.told[i-1].agentStopped != nil { // What is left of the answer before is none.
		from = max(from, *m.told[i-1].agentStopped+slack)
	}
	if first := firstStart(m.sound.Agent, from, m.sound.Agent[answer].Start); first != none && !slices.Contains(m.agents, first) {
		return first
	}
	return answer
}

// endBefore returns the interval in which the user speaks last before the answer of a turn, which starts at
// to. from is the start of the answer before.
//
// That is not always the end that telemetry tells, or a program that misses what the user says after a
// pause would seem to be right. Only a short sound after the end that is told does not count, because it
// may be a cough.
func (m *matcher) endBefore(i int, from, to time.Duration) int {
	t, user := &m.told[i], m.sound.User
	u := lastStart(user, to)
	if t.userStopped != nil {
		stopped := *t.userStopped
		for u > 0 && user[u].Start > stopped && user[u-1].End > from &&
			(user[u].Duration() < short || user[u].End > to) && (user[u-1].End-stopped).Abs() < (user[u].End-stopped).Abs() {
			if user[u].End <= to {
				m.rows[i].Notes = append(m.rows[i].Notes, fmt.Sprintf("a sound of the user at %s does not count", clock(user[u].Start)))
			}
			u--
		}
	}
	switch {
	case u == none || user[u].End <= from:
		return none
	case user[u].End > to && (t.userStopped == nil || user[u].End > to+m.config.window):
		return none // The user speaks on.
	}
	return u
}
