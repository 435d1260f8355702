// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// slack is how far an instant may be beyond an end of the recording, and sound beyond an end of its turn.
const slack = 100 * time.Millisecond

// Compare compares turns with a recording whose first sample was heard at start.
//
// The answer of a turn is the agent's speech whose start is the nearest to the one that telemetry tells, and
// at most a window away (see [WithWindow]). If that is unknown, it is the first speech of the agent that starts
// in the turn. The end of the user's speech is the last one before the answer, and the start of the answer the
// first one after it, whatever telemetry tells. Only a sound of the user shorter than 300 ms that follows the
// end that is told does not count.
//
// Turns that are not in the recording, or whose sound is not found, have the reason in [Row.Missing].
// Compare returns an error if there are no turns, or if none of them is in the recording.
func Compare(turns []Turn, sound *Sound, start time.Time, opts ...Option) (*Report, error) {
	switch {
	case sound == nil:
		return nil, errors.New("recording: no sound to compare with")
	case len(turns) == 0:
		return nil, errors.New("recording: no turns to compare")
	case start.IsZero():
		return nil, errors.New("recording: the time of the first sample is not known")
	}
	m := matcher{config: newConfig(opts), sound: sound, rows: make([]Row, len(turns))}
	for i := range turns {
		m.told = append(m.told, tell(&turns[i], start))
		m.rows[i] = Row{Turn: turns[i], Notes: m.told[i].notes}
	}
	if err := m.check(start); err != nil {
		return nil, err
	}
	m.match()
	r := &Report{Start: start, Sound: sound, Rows: m.rows}
	for i := range m.rows {
		m.compare(i)
	}
	m.summarize(r)
	return r, nil
}

// matcher compares the turns of one call.
type matcher struct {
	config config
	sound  *Sound
	told   []told
	rows   []Row

	users, agents []int // The intervals whose end and start are those of the turn.
	bargeIns      []int // The user's intervals that interrupted the turn.
}

// check returns an error if no turn is in the recording.
func (m *matcher) check(start time.Time) error {
	var first, last *time.Duration
	for i := range m.told {
		t := &m.told[i]
		known := false
		for _, at := range []*time.Duration{t.start, t.userStarted, t.userStopped, t.agentStarted, t.agentStopped, t.end} {
			if at == nil {
				continue
			}
			known = true
			if first == nil || *at < *first {
				first = at
			}
			if last == nil || *at > *last {
				last = at
			}
		}
		if known && !m.isOutside(t) {
			return nil
		}
	}
	if first == nil {
		return errors.New("recording: no turn has a time")
	}
	clock := func(d time.Duration) string { return start.Add(d).Format("2006-01-02T15:04:05.000Z07:00") }
	return fmt.Errorf("recording: it has the time from %s to %s, and the turns are from %s to %s: is its start right?",
		clock(0), clock(m.sound.Duration), clock(*first), clock(*last))
}

// isOutside reports whether an end of the response latency, or all of the turn, is outside of the
// recording.
func (m *matcher) isOutside(t *told) bool {
	outside := func(at *time.Duration) bool { return at != nil && (*at < -slack || *at > m.sound.Duration+slack) }
	if t.userStopped != nil || t.agentStarted != nil {
		return outside(t.userStopped) || outside(t.agentStarted)
	}
	return t.end != nil && *t.end < 0 || t.start != nil && *t.start > m.sound.Duration
}

// compare fills the row of a turn.
func (m *matcher) compare(i int) {
	t, row := &m.told[i], &m.rows[i]
	row.UserStopped.Told, row.AgentStarted.Told, row.Response.Told = t.userStopped, t.agentStarted, t.response
	if u := m.users[i]; u != none {
		row.UserStopped.Measured = new(m.sound.User[u].End)
	}
	if a := m.agents[i]; a != none {
		row.AgentStarted.Measured = new(m.sound.Agent[a].Start)
	}
	if row.UserStopped.Measured != nil && row.AgentStarted.Measured != nil && !t.isAgents {
		row.Response.Measured = new(*row.AgentStarted.Measured - *row.UserStopped.Measured)
	}
	if t.response != nil && row.Response.Measured == nil {
		row.Missing = m.reason(i)
	}
	m.compareStop(i)
	m.compareOverlap(i)
}

// reason says why the response latency of a turn was not found in the sound.
func (m *matcher) reason(i int) string {
	t := &m.told[i]
	switch {
	case m.isOutside(t):
		return "outside of the recording"
	case m.agents[i] == none && t.agentStarted != nil:
		if a := at(m.sound.Agent, *t.agentStarted); a != none && m.sound.Agent[a].Start < *t.agentStarted-m.config.window {
			return "the agent was already speaking at " + clock(*t.agentStarted)
		}
		return fmt.Sprintf("no start of the agent's speech within %v of %s", m.config.window, clock(*t.agentStarted))
	case m.agents[i] == none && (t.start == nil || t.end == nil):
		return "telemetry does not tell when the agent started"
	case m.agents[i] == none:
		return "the agent does not start to speak in the turn"
	case at(m.sound.User, m.sound.Agent[m.agents[i]].Start) != none:
		return "the user was speaking when the agent started"
	}
	return "the user does not speak before the agent"
}

// compareStop compares the end of an answer that the user interrupted.
func (m *matcher) compareStop(i int) {
	t, row := &m.told[i], &m.rows[i]
	if row.Turn.Interruption == nil || m.isOutside(t) {
		return
	}
	row.Played.Told = row.Turn.Interruption.Played
	if told := row.Turn.Interruption.StopTime; told != nil && *told >= 0 {
		row.StopTime.Told = told
	} else if t.interrupted != nil && t.agentStopped != nil && *t.agentStopped >= *t.interrupted {
		row.StopTime.Told = new(*t.agentStopped - *t.interrupted)
	}
	u := m.bargeIns[i]
	if t.interrupted == nil && m.agents[i] != none { // The first speech of the user over the answer.
		answer := m.sound.Agent[m.agents[i]]
		u = firstStart(m.sound.User, answer.Start, answer.End)
	}
	if u == none {
		row.Notes = append(row.Notes, "the speech that interrupted the agent is not found")
		return
	}
	from := m.sound.User[u].Start
	a := at(m.sound.Agent, from)
	if a == none || m.agents[i] != none && a < m.agents[i] {
		row.Notes = append(row.Notes, "the agent was silent when the user started")
		return
	}
	silence := m.sound.Agent[a].End
	row.StopTime.Measured = new(silence - from)
	if m.agents[i] != none {
		row.Played.Measured = new(silence - m.sound.Agent[m.agents[i]].Start)
	}
}

// compareOverlap compares for how long both sides spoke.
func (m *matcher) compareOverlap(i int) {
	t, row := &m.told[i], &m.rows[i]
	if t.agentStarted != nil && t.agentStopped != nil && m.knowsUser(i) && (i+1 == len(m.told) || m.knowsUser(i+1)) {
		answer := []Interval{{*t.agentStarted, *t.agentStopped}}
		row.Overlap.Told = new(overlap(m.toldUser(), answer, *t.agentStarted, *t.agentStopped))
	}
	if m.agents[i] == none {
		return
	}
	from, to := m.sound.Agent[m.agents[i]].Start, m.sound.Duration
	for _, next := range m.agents[i+1:] {
		if next != none && m.sound.Agent[next].Start > from {
			to = m.sound.Agent[next].Start
			break
		}
	}
	row.Overlap.Measured = new(overlap(m.sound.User, m.sound.Agent, from, to))
}

// knowsUser reports whether telemetry tells both edges of the user's speech in a turn, or that there is
// none.
func (m *matcher) knowsUser(i int) bool {
	t := &m.told[i]
	return t.isAgents || t.userStarted != nil && t.userStopped != nil
}

// toldUser returns the user's speech by telemetry, as far as it is in the recording.
func (m *matcher) toldUser() (out []Interval) {
	for i := range m.told {
		if t := &m.told[i]; t.userStarted != nil && t.userStopped != nil {
			out = append(out, Interval{*t.userStarted, *t.userStopped})
		}
	}
	return m.recorded(out)
}

// toldAgent returns the agent's speech by telemetry, as far as it is in the recording. It returns false if
// an end of it is not known.
func (m *matcher) toldAgent() (out []Interval, complete bool) {
	complete = true
	for i := range m.told {
		switch t := &m.told[i]; {
		case t.agentStarted != nil && t.agentStopped != nil:
			out = append(out, Interval{*t.agentStarted, *t.agentStopped})
		case t.agentStarted != nil:
			complete = false
		}
	}
	return m.recorded(out), complete
}

// recorded returns the parts of intervals that are in the recording, in order.
func (m *matcher) recorded(intervals []Interval) []Interval {
	for i := range intervals {
		intervals[i] = Interval{max(intervals[i].Start, 0), min(intervals[i].End, m.sound.Duration)}
	}
	return merged(slices.DeleteFunc(intervals, func(i Interval) bool { return i.End <= i.Start }))
}

// summarize fills the report.
func (m *matcher) summarize(r *Report) {
	var response, stop, user, agent []time.Duration
	complete := true
	collect := func(to *[]time.Duration, c Comparison) {
		if d, ok := c.Difference(); ok {
			*to = append(*to, d)
		}
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		collect(&response, row.Response)
		collect(&stop, row.StopTime)
		collect(&user, row.UserStopped)
		collect(&agent, row.AgentStarted)
		if row.Missing != "" {
			r.Unmatched++
		}
		if row.Response.Measured != nil && row.Response.Told == nil {
			r.OnlyMeasured++
		}
		complete = complete && m.knowsUser(i)
	}
	r.Response, r.StopTime = distribution(response), distribution(stop)
	r.UserStopped, r.AgentStarted = distribution(user), distribution(agent)
	r.Shift = middle(slices.Sorted(slices.Values(slices.Concat(user, agent))))

	r.Silences = silences(m.sound.User, m.sound.Agent, m.config.deadAir)
	r.DeadAir.Measured = new(total(r.Silences))
	if !complete {
		return
	}
	users := m.toldUser()
	if agents, known := m.toldAgent(); known {
		r.DeadAir.Told = new(total(silences(users, agents, m.config.deadAir)))
	}
	r.Untold = []Interval{}
	for _, speech := range m.sound.User {
		if overlap(users, []Interval{{speech.Start - slack, speech.End + slack}}, speech.Start-slack, speech.End+slack) == 0 {
			r.Untold = append(r.Untold, speech)
		}
	}
}

func total(intervals []Interval) (sum time.Duration) {
	for _, i := range intervals {
		sum += i.Duration()
	}
	return sum
}
