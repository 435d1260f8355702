// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// Builder sorts signals by call. The zero Builder is ready to use. It is not safe for concurrent use.
type Builder struct {
	// Limit bounds the spans and records that are held; 0 is no bound. When it is reached, calls that have ended
	// are given to Ended and forgotten, the oldest first, and then those that have not, until half of it is free.
	Limit int
	Ended func(*Call)
	// Late counts the signals of calls that were given to Ended before, which are left out.
	Late int
	// Stray counts the spans and records of no call, once the builder is flushed.
	Stray int

	calls  map[string]*signals
	traces map[trace.TraceID]*traceSignals
	gone   map[string]bool
	held   int
	serial int
}

// signals are those that name a session.
type signals struct {
	session string
	spans   []*signal.Span
	records []*signal.Record
	traces  map[trace.TraceID]bool
	ended   bool
	last    int // The serial number of the last signal.
}

// traceSignals are the signals of a trace that name no session.
type traceSignals struct {
	spans    []*signal.Span
	records  []*signal.Record
	sessions map[string]bool
}

// SessionOf returns the session that attributes name, or "".
func SessionOf(attrs signal.Attributes) string {
	return cmp.Or(attrs.Text(semconv.SessionIDKey), attrs.Text(semconv.GenAIConversationIDKey))
}

// Add adds signals.
func (b *Builder) Add(batch *signal.Batch) {
	if b.calls == nil {
		b.calls, b.traces, b.gone = make(map[string]*signals), make(map[trace.TraceID]*traceSignals), make(map[string]bool)
	}
	for _, s := range batch.Spans {
		if c, ok := b.of(SessionOf(s.Attributes), s.TraceID); !ok {
			continue
		} else if c != nil {
			c.spans = append(c.spans, s)
			c.ended = c.ended || s.Name == semconv.SpanVoiceSession
		} else {
			t := b.trace(s.TraceID)
			t.spans = append(t.spans, s)
		}
		b.held++
	}
	for _, r := range batch.Records {
		if c, ok := b.of(SessionOf(r.Attributes), r.TraceID); !ok {
			continue
		} else if c != nil {
			c.records = append(c.records, r)
			c.ended = c.ended || r.Attributes.Text(semconv.VoicePhaseKey) == semconv.VoicePhaseSessionEnd
		} else {
			t := b.trace(r.TraceID)
			t.records = append(t.records, r)
		}
		b.held++
	}
	if b.Limit > 0 && b.held > b.Limit && b.Ended != nil {
		b.evict()
	}
}

// of returns the signals of a session; nil if none is named. ok is false if the session was given away.
func (b *Builder) of(session string, id trace.TraceID) (c *signals, ok bool) {
	if session == "" {
		return nil, true
	}
	if b.gone[session] {
		b.Late++
		return nil, false
	}
	c = b.calls[session]
	if c == nil {
		c = &signals{session: session, traces: make(map[trace.TraceID]bool)}
		b.calls[session] = c
	}
	b.serial++
	c.last = b.serial
	if id.IsValid() && !c.traces[id] {
		c.traces[id] = true
		b.trace(id).sessions[session] = true
	}
	return c, true
}

func (b *Builder) trace(id trace.TraceID) *traceSignals {
	t := b.traces[id]
	if t == nil {
		t = &traceSignals{sessions: make(map[string]bool)}
		b.traces[id] = t
	}
	return t
}

// evict gives calls away.
func (b *Builder) evict() {
	all := slices.SortedFunc(maps.Values(b.calls), func(x, y *signals) int {
		if x.ended != y.ended {
			if x.ended {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.last, y.last)
	})
	for _, c := range all {
		if b.held <= b.Limit/2 {
			return
		}
		b.Ended(b.take(c))
	}
	if b.held > b.Limit/2 { // The rest is of no call.
		for id, t := range b.traces {
			b.Stray += len(t.spans) + len(t.records)
			b.held -= len(t.spans) + len(t.records)
			delete(b.traces, id)
		}
	}
}

// take makes a call and forgets its signals.
func (b *Builder) take(c *signals) *Call {
	spans, records := slices.Clone(c.spans), slices.Clone(c.records)
	b.held -= len(spans) + len(records)
	for id := range c.traces {
		t := b.traces[id]
		if t == nil {
			continue
		}
		mine, others := belonging(c, t)
		spans = append(spans, mine...)
		b.held -= len(mine)
		t.spans = others
		delete(t.sessions, c.session)
		if len(t.sessions) == 0 {
			records = append(records, t.records...)
			b.held -= len(t.records)
			t.records = nil
			if len(t.spans) == 0 {
				delete(b.traces, id)
			}
		}
	}
	delete(b.calls, c.session)
	b.gone[c.session] = true
	return New(c.session, spans, records)
}

// belonging returns the spans without a session that are of a call: all spans of a trace that has no other
// session, and those that are above or below a span of the call.
func belonging(c *signals, t *traceSignals) (mine, others []*signal.Span) {
	if len(t.sessions) < 2 || len(t.spans) == 0 {
		return t.spans, nil
	}
	known := make(map[trace.SpanID]bool)
	for _, s := range c.spans {
		known[s.SpanID] = true
	}
	parents := make(map[trace.SpanID]trace.SpanID, len(t.spans))
	for _, s := range t.spans {
		parents[s.SpanID] = s.ParentID
	}
	for _, s := range t.spans {
		id := s.ParentID
		for range len(parents) { // A circle of parents ends too.
			if next, ok := parents[id]; ok && !known[id] {
				id = next
				continue
			}
			break
		}
		if known[id] {
			mine = append(mine, s)
		} else {
			others = append(others, s)
		}
	}
	return mine, others
}

// Flush returns all calls that are held, in the order of their start, and forgets them. Traces without a session
// are calls if they have a turn or a stage.
func (b *Builder) Flush() (calls []*Call) {
	for _, session := range slices.Sorted(maps.Keys(b.calls)) {
		calls = append(calls, b.take(b.calls[session]))
	}
	for _, t := range b.traces {
		batch := peer.Translate(&signal.Batch{Spans: t.spans, Records: t.records})
		if slices.ContainsFunc(batch.Spans, isVoice) {
			calls = append(calls, New("", t.spans, t.records))
		} else {
			b.Stray += len(t.spans) + len(t.records)
		}
	}
	b.traces, b.held = make(map[trace.TraceID]*traceSignals), 0
	slices.SortFunc(calls, ByStart)
	return calls
}

// isVoice reports whether a span is of a voice agent although it names no session.
func isVoice(s *signal.Span) bool {
	return s.Name == semconv.SpanVoiceTurn || s.Name == semconv.SpanVoiceSession || s.Attributes.Has(semconv.VoiceStageOutcomeKey)
}

// ByStart compares calls by their start, and then by their IDs.
func ByStart(a, b *Call) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.IDs.Session, b.IDs.Session), slices.Compare(a.IDs.Traces, b.IDs.Traces))
}

// offset returns the seconds from the start of the call, exact to the nanosecond.
func offset(start, at time.Time) *float64 {
	if start.IsZero() || at.IsZero() {
		return nil
	}
	return seconds(at.Sub(start))
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}
