// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package peer translates the spans of other frameworks for voice agents, LiveKit Agents and Pipecat, into those of
// package semconv, so that package call makes a document of them.
//
// The names are data: a YAML file for each framework says what each span is, what each attribute becomes, in which
// unit it is sent, and which facts the framework does not send. Facts that are not sent stay absent. An attribute
// that is translated stays as it was, beside the new one.
package peer

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// Translate returns the signals of one session in the names of package semconv. It returns its argument if it
// recognizes no framework. It does not change the signals that it is given: it copies those that differ. Signals
// that are translated already stay as they are. The cost is proportional to the number of spans.
func Translate(batch *signal.Batch) *signal.Batch {
	for _, f := range frameworks() {
		if f.sent(batch.Spans) {
			batch = f.translate(batch)
		}
	}
	return batch
}

// Missing returns the facts that the framework that sent the spans does not send, and its name. It wants the spans
// as they were sent. The name is empty if no framework is recognized.
func Missing(spans []*signal.Span) (framework string, facts []string) {
	for _, f := range frameworks() {
		if f.sent(spans) {
			return f.Name, slices.Clone(f.Missing)
		}
	}
	return "", nil
}

// IsSession reports whether a span is that of a whole session of a framework.
func IsSession(s *signal.Span) bool {
	return slices.ContainsFunc(frameworks(), func(f *framework) bool { return f.isScope(s) && f.kindOf(s.Name).Is == isSession })
}

// translation is a batch that is being translated.
type translation struct {
	of       *framework
	spans    []*span // By their start.
	children map[trace.SpanID][]*span
	byID     map[trace.SpanID]*span
	inner    map[innerKey]inner
	others   []*signal.Span       // Those of other libraries.
	repeated map[trace.SpanID]int // How often a span came again.
	// moved has the span in which each span that is left out is included.
	moved map[trace.SpanID]trace.SpanID
}

// span is a span of the framework and what it is.
type span struct {
	*signal.Span
	kind  kind
	added []signal.Attribute
}

func attr(key attribute.Key, v any) signal.Attribute {
	return signal.Attribute{Key: string(key), Value: v}
}

func (s *span) add(attrs ...signal.Attribute) { s.added = append(s.added, attrs...) }

// told returns the span with the attributes that were added.
func (s *span) told() *signal.Span {
	c := *s.Span
	c.Attributes = signal.NewAttributes(append(slices.Clone([]signal.Attribute(s.Attributes)), s.added...))
	return &c
}

func (f *framework) translate(batch *signal.Batch) *signal.Batch {
	t := &translation{
		of: f, children: make(map[trace.SpanID][]*span), byID: make(map[trace.SpanID]*span),
		moved: make(map[trace.SpanID]trace.SpanID), inner: make(map[innerKey]inner), repeated: make(map[trace.SpanID]int),
	}
	for _, s := range batch.Spans {
		if !f.isScope(s) {
			t.others = append(t.others, s)
			continue
		}
		had := t.byID[s.SpanID]
		if had != nil {
			t.repeated[s.SpanID]++
			s = later(had.Span, s)
		}
		c := *s
		t.byID[s.SpanID] = &span{Span: &c, kind: f.kindOf(s.Name)}
	}
	for _, s := range t.byID {
		t.spans = append(t.spans, s)
	}
	slices.SortFunc(t.spans, compareSpans)
	for _, s := range t.spans {
		t.children[s.ParentID] = append(t.children[s.ParentID], s)
	}
	t.sessions()
	t.stages()
	t.turns()
	t.speeches()
	return t.batch(batch)
}

func later(x, y *signal.Span) *signal.Span {
	if x.End.Before(y.End) {
		return y
	}
	return x
}

// sessions translates the span of the session.
func (t *translation) sessions() {
	interrupted := 0
	for _, s := range t.spans {
		if (s.kind.Is == isAgentTurn || s.kind.Is == isTurn) && t.of.wasInterrupted(s) {
			interrupted++
		}
	}
	for _, s := range t.spans {
		if s.kind.Is != isSession {
			continue
		}
		s.Name = semconv.SpanVoiceSession
		s.add(t.of.of(s.Attributes, "session")...)
		if interrupted > 0 {
			s.add(attr(semconv.VoiceSessionInterruptionCountKey, int64(interrupted)))
		}
	}
}

// batch returns all that was made, and the rest as it was.
func (t *translation) batch(from *signal.Batch) *signal.Batch {
	out := &signal.Batch{Points: from.Points}
	for _, s := range t.spans {
		if _, left := t.moved[s.SpanID]; !left {
			c := s.told()
			c.ParentID = t.place(c.ParentID)
			for range 1 + t.repeated[s.SpanID] { // Package call counts them.
				out.Spans = append(out.Spans, c)
			}
		}
	}
	for _, s := range t.others {
		if at := t.place(s.ParentID); at != s.ParentID {
			c := *s
			c.ParentID = at
			s = &c
		}
		out.Spans = append(out.Spans, s)
	}
	for _, r := range from.Records {
		if at := t.place(r.SpanID); at != r.SpanID {
			c := *r
			c.SpanID = at
			r = &c
		}
		out.Records = append(out.Records, r)
	}
	return out
}

// place returns the span that includes what is below a span.
func (t *translation) place(id trace.SpanID) trace.SpanID {
	at := id
	for range len(t.moved) { // A circle ends too.
		to, ok := t.moved[at]
		if !ok {
			break
		}
		at = to
	}
	if at != id {
		t.moved[id] = at // The next one is found at once.
	}
	return at
}

// above returns the nearest span above that is one of the things, or nil.
func (t *translation) above(s *span, things ...string) *span {
	for range deep {
		s = t.byID[s.ParentID]
		if s == nil || slices.Contains(things, s.kind.Is) {
			return s
		}
	}
	return nil
}

func (f *framework) isScope(s *signal.Span) bool {
	return s.Scope != nil && strings.HasPrefix(s.Scope.Name, f.Scope)
}

// sent reports whether a session or a turn of the framework is among the spans.
func (f *framework) sent(spans []*signal.Span) bool {
	return slices.ContainsFunc(spans, func(s *signal.Span) bool {
		if !f.isScope(s) {
			return false
		}
		switch f.kindOf(s.Name).Is {
		case isSession, isTurn, isUserTurn, isAgentTurn:
			return true
		}
		return false
	})
}
