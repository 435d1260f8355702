// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// turns translates the turns that are one span.
func (t *translation) turns() {
	for _, s := range t.spans {
		if s.kind.Is != isTurn {
			continue
		}
		s.Name = semconv.SpanVoiceTurn
		total, known := s.Duration()
		for _, a := range t.of.of(s.Attributes, "turn") {
			if v, ok := a.Value.(float64); ok && a.Key == string(semconv.VoiceTurnResponseLatencyKey) && known && v > total.Seconds() {
				continue // It is in another unit, or of another turn.
			}
			s.add(a)
		}
		ended, _ := s.Attributes.Bool(t.of.Ended)
		interrupted, told := s.Attributes.Bool(t.of.Interrupted)
		switch {
		case s.Failed, t.unanswered(s):
			s.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeFailed))
		case !told, ended:
		case interrupted:
			s.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeInterrupted))
		default:
			s.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeCompleted))
		}
	}
}

// unanswered reports whether the last request of a turn to a language model failed and nothing was spoken.
func (t *translation) unanswered(turn *span) bool {
	failed := false
	for _, s := range t.within(turn) {
		switch s.kind.Stage {
		case semconv.VoiceStageLLM:
			failed = s.Failed
		case semconv.VoiceStageTTS:
			return false
		}
	}
	return failed
}

func (f *framework) wasInterrupted(s *span) bool {
	ended, _ := s.Attributes.Bool(f.Ended)
	interrupted, _ := s.Attributes.Bool(f.Interrupted)
	return interrupted && !ended
}

// tolerance is how exact the clocks of the frameworks are: to a millisecond, each.
const tolerance = 10 * time.Millisecond

// segments returns the parts of the response latency between the instants t0 to t7, of which unknown ones are zero. A
// part is absent if one of its ends is unknown. As in the toolkit itself, an instant that is before an earlier one,
// such as that of a generation that began before the end of the turn, gives a part of 0: the user did not wait for
// it. One after the agent's first audio is unknown.
func segments(at [8]time.Time) (list []signal.Attribute) {
	latest := at[0]
	for i := 1; i < len(at); i++ {
		switch {
		case at[i].After(at[7].Add(tolerance)):
			at[i] = time.Time{}
		case at[i].After(at[7]):
			at[i] = at[7]
		}
		if at[i].IsZero() {
			continue
		}
		if at[i].Before(latest) {
			at[i] = latest
		}
		latest = at[i]
		if !at[i-1].IsZero() {
			list = append(list, attr(segmentKeys[i-1], at[i].Sub(at[i-1]).Seconds()))
		}
	}
	return list
}
