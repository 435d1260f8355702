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
//
// A call is the signals of a session, or those of a trace that names no session but has a turn or a stage.
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
	gone   gone
	held   int
	serial int
}

// gone are the calls that were given away.
type gone struct {
	sessions map[string]bool
	traces   map[trace.TraceID]bool
}

// age says when a call may be given away.
type age struct {
	ended bool // The span that ends last was received.
	last  int  // The serial number of the last signal.
}

// before compares calls by which is given away first.
func (a age) before(b age) int {
	if a.ended != b.ended {
		if a.ended {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.last, b.last)
}

// signals are those that name a session.
type signals struct {
	age

	session string
	spans   []*signal.Span
	records []*signal.Record
	traces  map[trace.TraceID]bool
}

// traceSignals are the signals of a trace that name no session.
type traceSignals struct {
	age

	id       trace.TraceID
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
		b.calls, b.traces = make(map[string]*signals), make(map[trace.TraceID]*traceSignals)
		b.gone = gone{make(map[string]bool), make(map[trace.TraceID]bool)}
	}
	for _, s := range batch.Spans {
		b.addSpan(s)
	}
	for _, r := range batch.Records {
		b.addRecord(r)
	}
	if b.Limit > 0 && b.held > b.Limit && b.Ended != nil {
		b.evict()
	}
}

func (b *Builder) addSpan(s *signal.Span) {
	c, ok := b.of(SessionOf(s.Attributes), s.TraceID)
	if !ok {
		return
	}
	b.held++
	if c != nil {
		c.spans = append(c.spans, s)
		c.ended = c.ended || s.Name == semconv.SpanVoiceSession || peer.IsSession(s)
		return
	}
	t := b.trace(s.TraceID)
	t.spans = append(t.spans, s)
	t.ended = t.ended || !s.ParentID.IsValid()
}

func (b *Builder) addRecord(r *signal.Record) {
	session := SessionOf(r.Attributes)
	if session == "" && !r.TraceID.IsValid() { // Nothing tells its call, such as a line of the program's start.
		b.Stray++
		return
	}
	c, ok := b.of(session, r.TraceID)
	if !ok {
		return
	}
	b.held++
	if c != nil {
		c.records = append(c.records, r)
		c.ended = c.ended || r.Attributes.Text(semconv.VoicePhaseKey) == semconv.VoicePhaseSessionEnd
		return
	}
	t := b.trace(r.TraceID)
	t.records = append(t.records, r)
}

// of returns the signals of a session; nil if none is named. ok is false if the session was given away.
func (b *Builder) of(session string, id trace.TraceID) (c *signals, ok bool) {
	b.serial++
	if session == "" {
		return nil, true
	}
	if b.gone.sessions[session] {
		b.Late++
		return nil, false
	}
	c = b.calls[session]
	if c == nil {
		c = &signals{session: session, traces: make(map[trace.TraceID]bool)}
		b.calls[session] = c
	}
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
		t = &traceSignals{id: id, sessions: make(map[string]bool)}
		b.traces[id] = t
	}
	t.last = b.serial
	return t
}

// evict gives calls away.
func (b *Builder) evict() {
	type held struct {
		age

		give func()
	}
	all := make([]held, 0, len(b.calls)+len(b.traces))
	for _, c := range b.calls {
		all = append(all, held{c.age, func() { b.Ended(b.take(c)) }})
	}
	for _, t := range b.traces {
		if len(t.sessions) > 0 { // It is given with its sessions.
			continue
		}
		all = append(all, held{t.age, func() {
			if c := b.takeTrace(t); c != nil {
				b.Ended(c)
			}
		}})
	}
	slices.SortFunc(all, func(x, y held) int { return x.before(y.age) })
	for _, h := range all {
		if b.held <= b.Limit/2 {
			return
		}
		h.give()
	}
}

// takeTrace makes a call of a trace without a session, and forgets its signals. It returns nil if the trace is of no
// call, or if the rest of its call was given away before.
func (b *Builder) takeTrace(t *traceSignals) *Call {
	n := len(t.spans) + len(t.records)
	b.held -= n
	delete(b.traces, t.id)
	if b.gone.traces[t.id] {
		b.Late += n
		return nil
	}
	batch := peer.Translate(&signal.Batch{Spans: t.spans, Records: t.records})
	if !slices.ContainsFunc(batch.Spans, isVoice) {
		b.Stray += n
		return nil
	}
	b.gone.traces[t.id] = true
	return New("", t.spans, t.records)
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
			delete(b.traces, id) // Its spans were those of this session.
			b.gone.traces[id] = true
		}
	}
	delete(b.calls, c.session)
	b.gone.sessions[c.session] = true
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
		if c := b.takeTrace(t); c != nil {
			calls = append(calls, c)
		}
	}
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
