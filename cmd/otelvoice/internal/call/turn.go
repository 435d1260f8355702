// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// segments are the attributes of the parts of the response latency, in the order of time.
var segments = []struct {
	name string
	key  attribute.Key
}{
	{semconv.VoiceSegmentTranscription, semconv.VoiceTurnSegmentTranscriptionKey},
	{semconv.VoiceSegmentEndpointing, semconv.VoiceTurnSegmentEndpointingKey},
	{semconv.VoiceSegmentDispatch, semconv.VoiceTurnSegmentDispatchKey},
	{semconv.VoiceSegmentGeneration, semconv.VoiceTurnSegmentGenerationKey},
	{semconv.VoiceSegmentAggregation, semconv.VoiceTurnSegmentAggregationKey},
	{semconv.VoiceSegmentSynthesis, semconv.VoiceTurnSegmentSynthesisKey},
	{semconv.VoiceSegmentPlayout, semconv.VoiceTurnSegmentPlayoutKey},
}

// SegmentNames returns the names of the segments of the response latency, in order.
func SegmentNames() (names []string) {
	for _, s := range segments {
		names = append(names, s.name)
	}
	return names
}

// allTurns makes the turns of their spans, and those without one of their last log line.
func (a *assembly) allTurns() {
	for _, s := range a.spans {
		if s.Name != semconv.SpanVoiceTurn {
			continue
		}
		t := a.turn(s.Attributes)
		t.TraceID, t.SpanID = s.TraceID.String(), s.SpanID.String()
		t.Start = offset(a.call.Start, s.Start)
		if _, ok := s.Duration(); ok {
			t.End = offset(a.call.Start, s.End)
		}
		for _, e := range s.Events {
			m := Mark{Name: e.Name, At: offset(a.call.Start, e.Time), Attributes: e.Attributes}
			t.Marks = append(t.Marks, m)
			if e.Name == semconv.EventVoiceInterruption && t.Interruption != nil && t.Interruption.At == nil {
				t.Interruption.At = m.At
			}
		}
		a.turns[s.SpanID] = t
		if _, ok := a.turnIDs[t.ID]; !ok && t.ID != "" {
			a.turnIDs[t.ID] = t
		}
		a.outside(s)
	}
	for _, r := range a.records {
		if r.Attributes.Text(semconv.VoicePhaseKey) != semconv.VoicePhaseTurnEnd || a.turnOfRecord(r) != nil {
			continue
		}
		t := a.turn(r.Attributes)
		t.FromLog = true
		if r.TraceID.IsValid() {
			t.TraceID = r.TraceID.String()
		}
		t.End = offset(a.call.Start, r.Time)
		if start, ok := began(r); ok {
			t.Start = offset(a.call.Start, start)
		}
		if r.SpanID.IsValid() {
			t.SpanID = r.SpanID.String()
			a.turns[r.SpanID] = t
		}
		if t.ID != "" {
			a.turnIDs[t.ID] = t
		}
	}
	a.openTurns()
}

// openTurns makes the turns that stages and log lines name, and whose end did not come.
func (a *assembly) openTurns() {
	named := func(attrs signal.Attributes, start time.Time) {
		id := attrs.Text(semconv.VoiceTurnIDKey)
		if id == "" {
			return
		}
		t := a.turnIDs[id]
		if t == nil {
			t = &Turn{ID: id, Open: true, Index: small(attrs, semconv.VoiceTurnIndexKey)}
			a.turnIDs[id] = t
			a.call.Turns = append(a.call.Turns, t)
		}
		if at := offset(a.call.Start, start); t.Open && compareTimes(at, t.Start) < 0 {
			t.Start = at
		}
		if t.Open && t.Index == 0 {
			t.Index = small(attrs, semconv.VoiceTurnIndexKey)
		}
	}
	for _, s := range a.spans {
		if a.isStage(s) {
			named(s.Attributes, s.Start)
		}
	}
	for _, r := range a.records {
		start, ok := began(r)
		if !ok {
			start = r.Time
		}
		named(r.Attributes, start)
	}
}

// turnOfRecord returns the turn that a record names, or nil.
func (a *assembly) turnOfRecord(r *signal.Record) *Turn {
	if t := a.turns[r.SpanID]; t != nil && r.SpanID.IsValid() {
		return t
	}
	return a.turnIDs[r.Attributes.Text(semconv.VoiceTurnIDKey)]
}

// turn adds a turn.
func (a *assembly) turn(attrs signal.Attributes) *Turn {
	t := &Turn{
		ID: attrs.Text(semconv.VoiceTurnIDKey), RequestID: attrs.Text(semconv.VoiceRequestIDKey),
		Initiator: attrs.Text(semconv.VoiceTurnInitiatorKey), Outcome: attrs.Text(semconv.VoiceTurnOutcomeKey),
		Error:  cmp.Or(attrs.Text(semconv.ErrorTypeKey), attrs.Text(semconv.ExceptionTypeKey)),
		Anchor: attrs.Text(semconv.VoiceTurnAnchorKey), Cost: moneyOf(attrs), Attributes: without(attrs),
	}
	t.Index = small(attrs, semconv.VoiceTurnIndexKey)
	setSeconds(&t.ResponseLatency, attrs, semconv.VoiceTurnResponseLatencyKey)
	setSeconds(&t.Budget, attrs, semconv.VoiceTurnLatencyBudgetKey)
	setSeconds(&t.ToolTime, attrs, semconv.VoiceTurnToolTimeKey)
	t.OverBudget, t.SlowestSegment = attrs.Texts(semconv.VoiceTurnOverBudgetKey), attrs.Text(semconv.VoiceTurnSlowestSegmentKey)
	for _, s := range segments {
		if v, ok := secondsOf(attrs, s.key); ok {
			t.Segments = append(t.Segments, Segment{s.name, v})
		}
	}
	if source := attrs.Text(semconv.VoiceInterruptionSourceKey); source != "" {
		t.Interruption = &Interruption{Source: source}
		setSeconds(&t.Interruption.Played, attrs, semconv.VoicePlayoutPositionKey)
	}
	p := &Playout{Source: attrs.Text(semconv.VoicePlayoutSourceKey)}
	setSeconds(&p.Queued, attrs, semconv.VoicePlayoutQueuedKey)
	setSeconds(&p.Played, attrs, semconv.VoicePlayoutPlayedKey)
	setSeconds(&p.Underrun, attrs, semconv.VoicePlayoutUnderrunDurationKey)
	p.Underruns = small(attrs, semconv.VoicePlayoutUnderrunCountKey)
	if *p != (Playout{}) {
		t.Playout = p
	}
	t.Media = mediaOf(attrs)
	a.call.Turns = append(a.call.Turns, t)
	return t
}

func mediaOf(attrs signal.Attributes) *Media {
	m := Media{
		Packets: number(attrs, semconv.VoiceMediaPacketCountKey), Lost: number(attrs, semconv.VoiceMediaPacketLostKey),
		OutOfOrder: number(attrs, semconv.VoiceMediaPacketOutOfOrderKey), Gaps: number(attrs, semconv.VoiceMediaGapCountKey),
	}
	setSeconds(&m.Jitter, attrs, semconv.VoiceMediaJitterKey)
	setSeconds(&m.RoundTripTime, attrs, semconv.VoiceMediaRoundTripTimeKey)
	setSeconds(&m.LongestGap, attrs, semconv.VoiceMediaGapLongestKey)
	setSeconds(&m.GapTime, attrs, semconv.VoiceMediaGapTotalKey)
	if m == (Media{}) {
		return nil
	}
	return &m
}

// Slow reports whether the turn exceeded one of its budgets, or a limit in seconds if it has none.
func (t *Turn) Slow(limit float64) bool {
	if len(t.OverBudget) > 0 {
		return true
	}
	if t.ResponseLatency == nil {
		return false
	}
	if t.Budget != nil {
		limit = *t.Budget
	}
	return *t.ResponseLatency > limit
}

func set(to *string, text string) {
	if *to == "" {
		*to = text
	}
}

func setSeconds(to **float64, attrs signal.Attributes, key attribute.Key) {
	if v, ok := secondsOf(attrs, key); ok && *to == nil {
		*to = &v
	}
}

// secondsOf returns a duration. One that is negative, or longer than a century, is none: it would change each mean and
// percentile.
func secondsOf(attrs signal.Attributes, key attribute.Key) (seconds float64, ok bool) {
	d, ok := attrs.Seconds(key)
	if !ok || d < 0 {
		return 0, false
	}
	return attrs.Float(key)
}

func moneyOf(attrs signal.Attributes) *Money {
	amount, ok := attrs.Float(semconv.VoiceCostKey)
	if !ok {
		return nil
	}
	return &Money{amount, attrs.Text(semconv.VoiceCostCurrencyKey)}
}

// everywhere are the attributes that are on every signal of a call. The document has them once.
var everywhere = []attribute.Key{
	semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceCorrelationIDKey, semconv.VoiceCorrelationExternalIDKey,
	semconv.VoicePipelineIDKey, semconv.VoiceTurnIDKey, semconv.VoiceTurnIndexKey, semconv.VoiceRequestIDKey,
	semconv.ProcessPIDKey, semconv.ThreadIDKey, semconv.VoicePerformanceKey,
}

// without returns the attributes that are not on every signal of the call.
func without(attrs signal.Attributes) signal.Attributes {
	kept := make(signal.Attributes, 0, len(attrs))
	for _, kv := range attrs {
		if !slices.Contains(everywhere, attribute.Key(kv.Key)) {
			kept = append(kept, kv)
		}
	}
	return slices.Clip(kept)
}
