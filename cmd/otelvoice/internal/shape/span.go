// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

func (c *Checker) span(s *signal.Span) {
	kind := isOther
	switch s.Name {
	case semconv.SpanVoiceSession:
		kind = isSession
	case semconv.SpanVoiceTurn:
		kind = isTurn
	}
	if len(c.seen) >= maxSpans {
		c.Unlinked, c.children = true, nil
	} else {
		c.seen[spanKey{s.TraceID, s.SpanID}] = kind
	}
	if kind == isOther && !isVoice(s.Attributes) {
		c.Others++
		return
	}
	c.Checked++
	place := fmt.Sprintf("%.60s %s of %.60q", s.Name, s.SpanID, call.SessionOf(s.Attributes))
	c.values(s.Attributes, place)
	for _, e := range s.Events {
		if owned(e.Name) && !c.events[e.Name] {
			c.add(UnknownName, "event "+e.Name, place)
		}
		c.values(e.Attributes, place)
	}
	switch {
	case s.Start.IsZero() || s.End.IsZero():
		c.add(WithoutTime, "span "+s.Name, place)
	case s.End.Before(s.Start):
		c.add(Backwards, "span "+s.Name, place)
	}
	if typed := s.Attributes.Has(semconv.ErrorTypeKey); typed != s.Failed {
		c.add(ErrorStatus, "span "+s.Name, place)
	}
	c.segments(s.Attributes, place)
	c.requirements(s, place)
	c.placed(s, kind, place)
}

// idsOfTurn are the required attributes that a stage outside of a turn lacks.
var idsOfTurn = []attribute.Key{semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceTurnIDKey, semconv.VoiceTurnIndexKey}

// requirements checks what the registry says of spans with this name. The first word of the name is fixed, except for
// operations, which their callers name.
func (c *Checker) requirements(s *signal.Span, place string) {
	word, _, _ := strings.Cut(s.Name, " ")
	def, ok := c.spans[word]
	if !ok || s.Attributes.Has(semconv.VoiceOperationOutcomeKey) {
		return
	}
	if s.Kind != def.Kind && s.Kind != "unspecified" {
		c.add(WrongKind, fmt.Sprintf("span %s is %s", word, s.Kind), place)
	}
	outside := s.Attributes.Text(semconv.VoiceTurnIDKey) == ""
	for _, name := range def.Required {
		if outside && s.Name != semconv.SpanVoiceTurn && slices.Contains(idsOfTurn, attribute.Key(name)) {
			continue
		}
		if !s.Attributes.Has(attribute.Key(name)) {
			c.add(Missing, fmt.Sprintf("%s on %s", name, word), place)
		}
	}
}

// placed notes what the parent must be.
func (c *Checker) placed(s *signal.Span, kind uint8, place string) {
	want := isOther
	switch {
	case kind == isTurn, s.Attributes.Has(semconv.VoiceStreamOutcomeKey):
		want = isSession
	case s.Attributes.Has(semconv.VoiceStageOutcomeKey) && s.Attributes.Text(semconv.VoiceTurnIDKey) != "":
		want = isTurn
	}
	if want == isOther || c.Unlinked {
		return
	}
	parent := spanKey{s.TraceID, s.ParentID}
	if !s.ParentID.IsValid() || kind == isTurn && len(s.Links) > 0 { // A turn with a trace of its own links to its session.
		if len(s.Links) == 0 {
			c.add(Orphan, "span "+s.Name, place)
			return
		}
		parent = spanKey{s.Links[0].TraceID, s.Links[0].SpanID}
	}
	c.children = append(c.children, child{parent, want, "span " + s.Name, place})
}
