// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// stages translates the innermost spans of each stage, and leaves out those around them.
func (t *translation) stages() {
	for _, s := range t.spans {
		switch {
		case s.kind.Stage == "":
		case len(t.innermost(s)) == 1 && t.innermost(s)[0] == s:
			t.stage(s)
		default:
			t.moved[s.SpanID] = s.ParentID
		}
	}
}

// innermost returns the spans of the same stage within a span that have none within them, by their start: the span
// itself if there are none.
func (t *translation) innermost(s *span) (list []*span) {
	seen := map[*span]bool{s: true}
	var below func(of *span) bool
	below = func(of *span) bool {
		found := false
		for _, c := range t.children[of.SpanID] {
			if seen[c] { // A circle of parents.
				continue
			}
			seen[c] = true
			if below(c) {
				found = true
			} else if c.kind.Stage == s.kind.Stage {
				list = append(list, c)
				found = true
			}
		}
		return found
	}
	if !below(s) {
		return []*span{s}
	}
	sortSpans(list)
	return list
}

// around returns the spans of the same stage around a span, the innermost first.
func (t *translation) around(s *span) (list []*span) {
	for at := t.byID[s.ParentID]; at != nil && at.kind.Stage == s.kind.Stage && len(list) < len(t.spans); at = t.byID[at.ParentID] {
		list = append(list, at)
	}
	return list
}

// stage translates one stage.
func (t *translation) stage(s *span) {
	attrs := s.Attributes
	first, firstAt := false, s
	for _, at := range t.around(s) {
		inner := t.innermost(at)
		first = inner[0] == s
		result := inner[len(inner)-1] == s && !s.Failed && s.kind.Stage == semconv.VoiceStageLLM
		if result {
			firstAt = at
		}
		var more []signal.Attribute
		for _, kv := range at.Attributes {
			key := keyOf(kv)
			if key == semconv.GenAIResponseTimeToFirstChunkKey || attrs.Has(key) {
				continue
			}
			if result || t.of.inherits(kv.Key) || len(inner) == 1 && s.kind.Stage == semconv.VoiceStageTTS {
				more = append(more, kv)
			}
		}
		attrs = signal.NewAttributes(append(more, attrs...))
	}
	s.Attributes = attrs
	isError, told := attrs.Bool(lkToolError)
	outcome := semconv.VoiceStageOutcomeCompleted
	if s.Failed || isError && told {
		outcome = semconv.VoiceStageOutcomeFailed
	}
	if s.kind.Stage == semconv.VoiceStageLLM && s.kind.Is != isAttempt && empty(attrs) {
		// The span of a request does not tell whether its attempts failed: it has no tokens then.
		outcome = ""
		s.Attributes = without(attrs, semconv.GenAIUsageInputTokensKey, semconv.GenAIUsageOutputTokensKey, semconv.GenAIResponseFinishReasonsKey)
	}
	s.add(attr(semconv.GenAIOperationNameKey, s.kind.Operation), attr(semconv.VoiceStageKey, s.kind.Stage))
	if outcome != "" {
		s.add(attr(semconv.VoiceStageOutcomeKey, outcome))
	}
	s.add(t.of.of(s.Attributes, "stage", s.kind.Stage)...)
	t.firstOutput(s, first, firstAt)
	name := s.Attributes.Text(semconv.GenAIRequestModelKey)
	if s.kind.Stage == semconv.VoiceStageTool {
		name = s.Attributes.Text(semconv.GenAIToolNameKey)
	}
	s.Name = strings.TrimSpace(s.kind.Operation + " " + name)
}

// firstOutput adds the time to the first output, from the start of the stage. A framework may tell that from the
// start of the span around it.
func (t *translation) firstOutput(s *span, first bool, around *span) {
	switch {
	case s.Failed:
		s.Attributes = without(s.Attributes, semconv.GenAIResponseTimeToFirstChunkKey)
	case s.kind.Stage == semconv.VoiceStageLLM && around != s:
		for _, at := range t.around(s) {
			d, ok := at.Attributes.Seconds(semconv.GenAIResponseTimeToFirstChunkKey)
			if first := at.Start.Add(d); ok && !at.Start.IsZero() && !first.Before(s.Start) {
				s.add(attr(semconv.GenAIResponseTimeToFirstChunkKey, first.Sub(s.Start).Seconds()))
				return
			}
		}
	case s.kind.Stage == semconv.VoiceStageTTS && first:
		for _, at := range t.around(s) {
			if d, ok := t.of.delay(at.Span, "first_byte"); ok {
				s.add(attr(semconv.VoiceTTSTimeToFirstByteKey, d.Seconds()))
				return
			}
		}
	}
}

// empty reports whether a request has no answer: no ID, and no tokens.
func empty(attrs signal.Attributes) bool {
	in, told := attrs.Int(semconv.GenAIUsageInputTokensKey)
	out, _ := attrs.Int(semconv.GenAIUsageOutputTokensKey)
	return told && in == 0 && out == 0 && !attrs.Has(semconv.GenAIResponseIDKey)
}
