// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// segmentKeys are the parts of the response latency, between the instants t0 to t7.
var segmentKeys = [...]attribute.Key{
	semconv.VoiceTurnSegmentTranscriptionKey, semconv.VoiceTurnSegmentEndpointingKey, semconv.VoiceTurnSegmentDispatchKey,
	semconv.VoiceTurnSegmentGenerationKey, semconv.VoiceTurnSegmentAggregationKey, semconv.VoiceTurnSegmentSynthesisKey,
	semconv.VoiceTurnSegmentPlayoutKey,
}

func compareSpans(x, y *span) int {
	return cmp.Or(x.Start.Compare(y.Start), slices.Compare(x.SpanID[:], y.SpanID[:]))
}

// answer returns the agent's turn that has the response latency, or nil, and when it was first heard.
func (t *translation) answer(sp *speech) (agent *span, heard time.Time) {
	for _, a := range sp.agents {
		if _, ok := t.latency(a); ok {
			agent = a
		}
	}
	for _, s := range sp.talk {
		if s.kind.Is == isAgentSpeech && agent != nil && t.above(s, isAgentTurn) == agent && heard.IsZero() {
			heard = s.Start
		}
	}
	return agent, heard
}

func (t *translation) latency(s *span) (time.Duration, bool) {
	for _, a := range t.of.of(s.Attributes, "turn") {
		if v, ok := a.Value.(float64); ok && a.Key == string(semconv.VoiceTurnResponseLatencyKey) {
			return time.Duration(v * float64(time.Second)).Round(time.Microsecond), true
		}
	}
	return 0, false
}

// waited returns the response latency. ok is false if it is unknown, or longer than the turn until the answer: it is
// then in another unit.
func (t *translation) waited(sp *speech) (d time.Duration, ok bool) {
	agent, heard := t.answer(sp)
	if agent == nil {
		return 0, false
	}
	d, _ = t.latency(agent)
	end := heard
	if end.IsZero() {
		end = agent.End
	}
	if start := sp.start(); !end.IsZero() && !start.IsZero() && d > end.Sub(start)+tolerance {
		return 0, false
	}
	return d, true
}

// parts returns the segments of the response latency and the time of the tools, as far as the spans tell the instants
// between them. The end of the user's speech is the response latency before the agent's speech.
func (t *translation) parts(sp *speech, latency time.Duration) []signal.Attribute {
	agent, heard := t.answer(sp)
	if heard.IsZero() {
		return nil
	}
	var at [8]time.Time
	at[0], at[7] = heard.Add(-latency), heard
	if sp.user != nil {
		transcribed, isFinal := t.of.delay(sp.user.Span, "transcription")
		decided, isEnd := t.of.delay(sp.user.Span, "end_of_turn")
		isFinal = isFinal || isEnd && t.of.heardEarly(sp.user.Span)
		if isFinal && transcribed <= latency+tolerance && (!isEnd || transcribed <= decided+tolerance) {
			at[1] = at[0].Add(transcribed)
		}
		if isEnd && decided <= latency+tolerance {
			at[2] = at[0].Add(decided)
		}
	}
	var tools []*span
	var speak *span // What the first speech was requested with.
	for _, a := range sp.agents {
		for _, s := range t.within(a) {
			switch {
			case s.kind.Is == isNode && s.kind.Stage == semconv.VoiceStageLLM:
				if at[3].IsZero() || s.Start.Before(at[3]) {
					at[3] = s.Start
				}
				if d, ok := t.of.delay(s.Span, "first_token"); ok && a == agent && at[4].IsZero() {
					at[4] = s.Start.Add(d)
				}
			case s.kind.Is == isNode && s.kind.Stage == semconv.VoiceStageTTS && a == agent && speak == nil:
				speak = s
			case s.kind.Stage == semconv.VoiceStageTool && s.End.Before(heard):
				tools = append(tools, s)
			}
		}
	}
	if speak != nil {
		if first := t.innermost(speak).first; first != nil {
			at[5] = first.Start
		}
		if d, ok := t.of.delay(speak.Span, "first_byte"); ok && !at[5].IsZero() {
			at[6] = at[5].Add(d)
		}
	}
	list := segments(at)
	if d := union(tools); d > 0 {
		list = append(list, attr(semconv.VoiceTurnToolTimeKey, d.Seconds()))
	}
	return list
}

// heardEarly reports whether the transcript came before the end of the speech. The version in Python sends a delay of 0
// then. It sends 0 for an unknown one, too, but knows either both delays or none.
func (f *framework) heardEarly(user *signal.Span) bool {
	transcribed, told := user.Attributes.Float(f.Delays["transcription"].From)
	ended, known := user.Attributes.Float(f.Delays["end_of_turn"].From)
	return told && known && transcribed == 0 && ended > 0 && isSeconds(user, ended)
}

// within returns the spans below a span, by their start, but not those of turns within it.
func (t *translation) within(s *span) (list []*span) {
	seen := map[*span]bool{s: true}
	for queue := []*span{s}; len(queue) > 0; queue = queue[1:] {
		for _, c := range t.children[queue[0].SpanID] {
			if !seen[c] && c.kind.Is != isAgentTurn && c.kind.Is != isUserTurn && c.kind.Is != isTurn {
				seen[c] = true
				list, queue = append(list, c), append(queue, c)
			}
		}
	}
	slices.SortFunc(list, compareSpans)
	return list
}

// union returns the time in which at least one of the spans ran.
func union(list []*span) (sum time.Duration) {
	slices.SortFunc(list, compareSpans)
	var end time.Time
	for _, s := range list {
		from := s.Start
		if from.Before(end) {
			from = end
		}
		if s.End.After(from) && !s.Start.IsZero() {
			sum += s.End.Sub(from)
			end = s.End
		}
	}
	return sum
}

// failed returns the last attempt of the last request to a language model if none of its attempts succeeded. The
// span of the request says that it succeeded, with no tokens.
func (t *translation) failed(sp *speech) *span {
	if len(sp.agents) == 0 {
		return nil
	}
	var last *span
	for _, s := range t.within(sp.agents[len(sp.agents)-1]) {
		if s.kind.Stage == semconv.VoiceStageLLM && s.kind.Is == isAttempt {
			last = s
		}
	}
	if last == nil || !last.Failed {
		return nil
	}
	return last
}

func keyOf(kv signal.Attribute) attribute.Key { return attribute.Key(kv.Key) }

func without(attrs signal.Attributes, keys ...attribute.Key) signal.Attributes {
	return slices.DeleteFunc(slices.Clone(attrs), func(kv signal.Attribute) bool { return slices.Contains(keys, keyOf(kv)) })
}
