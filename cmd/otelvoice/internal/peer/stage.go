// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// deep is how many spans around another one are looked at.
const deep = 64

// stages translates the innermost spans of each stage, and leaves out those around them.
func (t *translation) stages() {
	for _, s := range t.spans {
		switch {
		case s.kind.Stage == "":
		case t.innermost(s).count == 0:
			t.stage(s)
		default:
			t.moved[s.SpanID] = s.ParentID
		}
	}
}

// inner are the innermost spans of a stage that are within a span: those that have none within them. The first one
// began first.
type inner struct {
	first, last *span
	count       int
}

type innerKey struct {
	of    *span
	stage string
}

// innermost returns the spans of the same stage within a span.
func (t *translation) innermost(s *span) inner { return t.inside(s, s.kind.Stage) }

func (t *translation) inside(s *span, stage string) (all inner) {
	key := innerKey{s, stage}
	if known, ok := t.inner[key]; ok {
		return known
	}
	t.inner[key] = inner{} // What a circle of parents finds.
	for _, c := range t.children[s.SpanID] {
		found := t.inside(c, stage)
		if found.count == 0 && c.kind.Stage == stage {
			found = inner{c, c, 1}
		}
		if found.count == 0 {
			continue
		}
		if all.count == 0 || compareSpans(found.first, all.first) < 0 {
			all.first = found.first
		}
		if all.count == 0 || compareSpans(found.last, all.last) > 0 {
			all.last = found.last
		}
		all.count += found.count
	}
	t.inner[key] = all
	return all
}

// around returns the spans of the same stage around a span, the innermost first.
func (t *translation) around(s *span) (list []*span) {
	for at := t.byID[s.ParentID]; at != nil && at.kind.Stage == s.kind.Stage && len(list) < deep; at = t.byID[at.ParentID] {
		list = append(list, at)
	}
	return list
}

// stage translates one stage.
func (t *translation) stage(s *span) {
	attrs := s.Attributes
	first, firstAt := false, s
	around := t.around(s)
	for _, at := range around {
		inner := t.innermost(at)
		first = inner.first == s
		result := inner.last == s && !s.Failed && s.kind.Stage == semconv.VoiceStageLLM
		if result {
			firstAt = at
		}
		var more []signal.Attribute
		for _, kv := range at.Attributes {
			key := keyOf(kv)
			if key == semconv.GenAIResponseTimeToFirstChunkKey || attrs.Has(key) {
				continue
			}
			if result || t.of.inherits(kv.Key) || inner.count == 1 && s.kind.Stage == semconv.VoiceStageTTS {
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
