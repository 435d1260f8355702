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
		case s.Failed:
			s.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeFailed))
		case !told, ended:
		case interrupted:
			s.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeInterrupted))
		default:
			s.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeCompleted))
		}
	}
}

func (f *framework) wasInterrupted(s *span) bool {
	ended, _ := s.Attributes.Bool(f.Ended)
	interrupted, _ := s.Attributes.Bool(f.Interrupted)
	return interrupted && !ended
}

// tolerance is how exact the clocks of the frameworks are: to a millisecond, each.
const tolerance = 10 * time.Millisecond

// segments returns the parts of the response latency between the instants t0 to t7, of which unknown ones are zero.
// A part is absent if one of its ends is unknown or they are in the wrong order, as those of a generation are that
// began before the end of the turn.
func segments(at [8]time.Time) (list []signal.Attribute) {
	for i, key := range segmentKeys {
		if at[i].IsZero() || at[i+1].IsZero() {
			continue
		}
		d := at[i+1].Sub(at[i])
		if d < -tolerance {
			continue
		}
		list = append(list, attr(key, max(d, 0).Round(time.Microsecond).Seconds()))
	}
	return list
}
