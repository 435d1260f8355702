// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/floor"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/talk"
	"github.com/voice-agents/telemetry/semconv"
)

// A turnWorked is what the agent did while nobody spoke.
type turnWorked struct {
	activity floor.Activity
	latency.Interval
}

// appendWorked finds out what the agent did while nobody spoke for longer than the bound of dead air. Within
// the response latency the segments say it, and otherwise the stages. The caller holds the turn's lock.
func (t *Turn) appendWorked(bound time.Duration) {
	k := &t.talk
	var buffer [8]latency.Interval
	quiet := talk.AppendQuiet(buffer[:0], k.span, &k.user, &k.agent, bound)
	if len(quiet) == 0 {
		return
	}
	var answered time.Time
	if t.measured {
		stopped, _ := t.marks.EndOfSpeech()
		answered = stopped.At
		segments := t.latency.Segments
		for i, segment := range segments {
			if segment.Name == SegmentPlayout && (i == 0 || segments[i-1].Name != SegmentSynthesis) {
				break // It has all that is not known.
			}
			end := answered.Add(segment.Duration)
			k.work(quiet, activityOf(segment.Name), answered, end)
			answered = end
		}
	} else if committed, ok := t.marks.Last(latency.TurnCommitted); ok {
		final, known := t.marks.LastUntil(latency.FinalTranscript, committed.At)
		if !known {
			final, known = t.marks.LastUntil(latency.UserStopped, committed.At)
		}
		if known {
			k.work(quiet, floor.Endpointing, final.At, committed.At)
		}
	}
	for _, ended := range t.work.ended {
		from := ended.stage.Start
		activity := floor.Generation
		switch ended.stage.Kind {
		case semconv.VoiceStageTool:
			k.work(quiet, floor.Tool, from, ended.end.At)
			continue
		case semconv.VoiceStageSTT:
			activity = floor.Transcription
		case semconv.VoiceStageTTS:
			activity = floor.Synthesis
		}
		if from.Before(answered) {
			from = answered
		}
		k.work(quiet, activity, from, ended.end.At)
	}
}

// work adds work as far as nobody spoke.
func (k *turnTalk) work(quiet []latency.Interval, activity floor.Activity, from, to time.Time) {
	for _, q := range quiet {
		if from.Before(q.To) && to.After(q.From) && from.Before(to) {
			k.works = append(k.works, turnWorked{activity, latency.Interval{From: from, To: to}})
			return
		}
	}
}

// activityOf returns what the agent does in a segment.
func activityOf(s SegmentName) floor.Activity {
	switch s {
	case SegmentTranscription:
		return floor.Transcription
	case SegmentEndpointing:
		return floor.Endpointing
	case SegmentDispatch, SegmentGeneration, SegmentAggregation:
		return floor.Generation
	case SegmentSynthesis, SegmentPlayout:
	}
	return floor.Synthesis
}
