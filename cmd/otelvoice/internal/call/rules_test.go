// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
	"github.com/voice-agents/telemetry/semconv"
)

var began = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

// span returns a span of the session "s". The times are in seconds.
func span(id, parent byte, name string, start, end float64, attrs ...attribute.KeyValue) *signal.Span {
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	list := []signal.Attribute{{Key: "session.id", Value: "s"}}
	for _, kv := range attrs {
		list = append(list, signal.Attribute{Key: string(kv.Key), Value: kv.Value.AsInterface()})
	}
	s := &signal.Span{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{id}, Name: name, Start: at(start), End: at(end),
		Attributes: signal.NewAttributes(list), Resource: &signal.Resource{}, Scope: &signal.Scope{},
	}
	if parent > 0 {
		s.ParentID = trace.SpanID{parent}
	}
	return s
}

// describe writes the shape of a document.
func describe(c *call.Call) string {
	var b strings.Builder
	time := func(f *float64) string {
		if f == nil {
			return "?"
		}
		return fmt.Sprint(*f)
	}
	var stages func(list []*call.Stage)
	stages = func(list []*call.Stage) {
		for _, s := range list {
			fmt.Fprintf(&b, " (%s %s+%s", s.Name, time(s.Start), time(s.Duration))
			stages(s.Stages)
			b.WriteString(")")
		}
	}
	fmt.Fprintf(&b, "%s open=%t", time(c.Duration), c.Open)
	stages(c.Stages)
	for _, t := range c.Turns {
		fmt.Fprintf(&b, "; turn %d %s-%s", t.Index, time(t.Start), time(t.End))
		stages(t.Stages)
	}
	for _, p := range c.Problems {
		fmt.Fprintf(&b, "; %s %d", p.Kind, p.Count)
	}
	return b.String()
}

func TestRules(t *testing.T) {
	outcome := semconv.VoiceStageOutcome("completed")
	index := semconv.VoiceTurnIndex
	session, turn := span(1, 0, "voice.session", 0, 10), span(2, 1, "voice.turn", 1, 4, index(1), semconv.VoiceTurnID("t1"))
	for _, tt := range []struct {
		name  string
		spans []*signal.Span
		want  string
	}{
		{"nothing", nil, "? open=true"},
		{"a session", []*signal.Span{session, turn, span(3, 2, "chat gpt", 2, 3, outcome)}, "10 open=false; turn 1 1-4 (chat gpt 2+1)"},
		{"a session without end", []*signal.Span{turn, span(3, 2, "chat gpt", 2, 3, outcome)}, "? open=true; turn 1 0-3 (chat gpt 1+1)"},
		{"a turn without end", []*signal.Span{span(3, 2, "chat gpt", 2, 3, outcome, semconv.VoiceTurnID("t1"), index(7))}, "? open=true; turn 7 0-? (chat gpt 0+1)"},
		{"a stage without its parent", []*signal.Span{session, turn, span(3, 9, "chat gpt", 2, 3, outcome)}, "10 open=false (chat gpt 2+1); turn 1 1-4; parent_unknown 1"},
		{"a stage that names its turn", []*signal.Span{session, turn, span(3, 9, "chat gpt", 2, 3, outcome, semconv.VoiceTurnID("t1"))}, "10 open=false; turn 1 1-4 (chat gpt 2+1); parent_unknown 1"},
		{"stages below stages", []*signal.Span{session, turn, span(4, 3, "GET", 2, 3), span(3, 2, "chat gpt", 2, 3, outcome)}, "10 open=false; turn 1 1-4 (chat gpt 2+1 (GET 2+1))"},
		{"parents in a circle", []*signal.Span{session, span(3, 4, "a", 2, 3), span(4, 5, "b", 2, 3), span(5, 3, "c", 2, 3)}, "10 open=false (c 2+1 (b 2+1 (a 2+1)))"},
		{"its own parent", []*signal.Span{session, span(3, 3, "a", 2, 3)}, "10 open=false (a 2+1)"},
		{"a clock that is behind", []*signal.Span{session, span(2, 1, "voice.turn", -5, -2, index(1))}, "10 open=false; turn 1 -5--2; outside_of_call 1"},
		{"a clock that is ahead", []*signal.Span{session, span(2, 1, "voice.turn", 15, 16, index(1))}, "10 open=false; turn 1 15-16; outside_of_call 1"},
		{"ends before its start", []*signal.Span{session, span(2, 1, "voice.turn", 3, 2, index(1)), span(3, 2, "chat", 3, 2, outcome)}, "10 open=false; turn 1 3-? (chat 3+?); ends_before_start 2"},
		{"repeated", []*signal.Span{session, turn, turn, span(2, 1, "voice.turn", 1, 5, index(1))}, "10 open=false; turn 1 1-5; repeated 2"},
		{"overlapping turns", []*signal.Span{session, turn, span(3, 1, "voice.turn", 2, 3, index(2))}, "10 open=false; turn 1 1-4; turn 2 2-3"},
		{"two parts", []*signal.Span{session, span(4, 0, "voice.session", 12, 20), turn}, "20 open=false; turn 1 1-4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 4 { // In whatever order they come.
				if got := describe(call.New("s", tt.spans, nil)); got != tt.want {
					t.Errorf("\ngot  %s\nwant %s", got, tt.want)
				}
				rand.Shuffle(len(tt.spans), func(i, j int) { tt.spans[i], tt.spans[j] = tt.spans[j], tt.spans[i] })
			}
		})
	}
}

// The document does not depend on the order of the signals.
func TestOrder(t *testing.T) {
	batch := script.Play(t, script.Calls()...).Batch()
	document := func() string {
		var b call.Builder
		b.Add(batch)
		text, err := json.Marshal(b.Flush())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := document()
	for range 5 {
		rand.Shuffle(len(batch.Spans), func(i, j int) { batch.Spans[i], batch.Spans[j] = batch.Spans[j], batch.Spans[i] })
		if document() != want {
			t.Fatal("another order gives another document")
		}
	}
}

func TestManyTurns(t *testing.T) {
	const turns = 10_000
	spans := []*signal.Span{span(1, 0, "voice.session", 0, 1e5)}
	for i := range turns {
		at := float64(i) * 10
		s := span(1, 1, "voice.turn", at, at+5, semconv.VoiceTurnIndex(i+1))
		s.SpanID = trace.SpanID{2, byte(i >> 8), byte(i)}
		llm := span(1, 1, "chat gpt", at, at+1, semconv.VoiceStageOutcome("completed"))
		llm.SpanID, llm.ParentID = trace.SpanID{3, byte(i >> 8), byte(i)}, s.SpanID
		spans = append(spans, s, llm)
	}
	c := call.New("s", spans, nil)
	if len(c.Turns) != turns || len(c.Turns[turns-1].Stages) != 1 || len(c.Problems) != 0 {
		t.Errorf("%d turns, problems %v", len(c.Turns), c.Problems)
	}
}

// A chain of parents, each below the one before, is neither slow nor deep.
func TestDeepChain(t *testing.T) {
	var spans []*signal.Span
	for i := range 60_000 {
		s := span(1, 0, "x", 0, 1)
		s.SpanID, s.ParentID = trace.SpanID{1, byte(i >> 8), byte(i)}, trace.SpanID{1, byte((i + 1) >> 8), byte(i + 1)}
		spans = append(spans, s)
	}
	n := 0
	call.New("s", spans, nil).Visit(func(*call.Turn, *call.Stage) { n++ })
	if n != len(spans) {
		t.Errorf("%d of %d spans", n, len(spans))
	}
}

func TestLimit(t *testing.T) {
	var got []string
	b := call.Builder{Limit: 300, Ended: func(c *call.Call) { got = append(got, c.IDs.Session) }}
	for i := range 100 {
		id := fmt.Sprintf("s%02d", i)
		for j := range 20 {
			s := span(byte(j+1), 0, "x", float64(i), float64(i)+1)
			if j == 19 && i%10 != 0 {
				s.Name = "voice.session"
			}
			s.TraceID = trace.TraceID{byte(i + 1)}
			s.Attributes = signal.NewAttributes([]signal.Attribute{{Key: "session.id", Value: id}})
			b.Add(&signal.Batch{Spans: []*signal.Span{s}})
		}
	}
	early := len(got)
	for _, c := range b.Flush() {
		got = append(got, c.IDs.Session)
	}
	if len(got) != 100 || early < 80 || b.Late != 0 || got[0] != "s01" {
		t.Errorf("%d calls, %d of them early, %d late, the first is %s", len(got), early, b.Late, got[0])
	}
}

// Calls that name no session, such as those of other frameworks, are given away as others are: none is lost, and what
// is of no call is counted.
func TestLimitWithoutSessions(t *testing.T) {
	turns := func(trace int, name string, open bool) (spans []*signal.Span) {
		for j := range 20 {
			s := span(byte(j+2), 1, name, float64(trace), float64(trace)+1)
			if j == 19 && !open {
				s = span(1, 0, name, float64(trace), float64(trace)+1)
			}
			s.TraceID, s.Attributes = [16]byte{byte(trace)}, nil
			spans = append(spans, s)
		}
		return spans
	}
	for _, tt := range []struct {
		name               string
		add                func(b *call.Builder)
		calls, stray, late int
		first              string // The trace that is given first.
	}{
		{"calls that have ended", func(b *call.Builder) {
			for i := range 100 {
				b.Add(&signal.Batch{Spans: turns(i+1, semconv.SpanVoiceTurn, i == 0)})
			}
		}, 100, 0, 0, "02"},
		{"calls that are open", func(b *call.Builder) {
			for i := range 100 {
				b.Add(&signal.Batch{Spans: turns(i+1, semconv.SpanVoiceTurn, true)})
			}
		}, 100, 0, 0, "01"},
		{"traces of no call", func(b *call.Builder) {
			for i := range 100 {
				name := "GET /health"
				if i%10 == 0 {
					name = semconv.SpanVoiceTurn
				}
				b.Add(&signal.Batch{Spans: turns(i+1, name, false)})
			}
		}, 10, 90 * 20, 0, "01"},
		{"lines of no call", func(b *call.Builder) {
			b.Add(&signal.Batch{Spans: turns(1, semconv.SpanVoiceTurn, true)})
			for range 1000 {
				b.Add(&signal.Batch{Records: []*signal.Record{{Body: "started"}}})
			}
			b.Add(&signal.Batch{Spans: turns(1, semconv.SpanVoiceTurn, false)})
		}, 1, 1000, 0, "01"},
		{"a call that goes on after it was given", func(b *call.Builder) {
			for i := range 100 {
				b.Add(&signal.Batch{Spans: turns(i+1, semconv.SpanVoiceTurn, false)})
			}
			b.Add(&signal.Batch{Spans: turns(1, semconv.SpanVoiceTurn, true)})
		}, 100, 0, 20, "01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			b := call.Builder{Limit: 300, Ended: func(c *call.Call) { got = append(got, c.IDs.Traces...) }}
			tt.add(&b)
			for _, c := range b.Flush() {
				got = append(got, c.IDs.Traces...)
			}
			if len(got) != tt.calls || b.Stray != tt.stray || b.Late != tt.late || got[0][:2] != tt.first {
				t.Errorf("%d calls, %d stray, %d late, the first are %.2q, want %d, %d, %d, %s", len(got), b.Stray, b.Late, got, tt.calls, tt.stray, tt.late, tt.first)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	calls := read(t, script.Play(t, script.Calls()[:1]...).Lines())
	c := calls[0]
	for _, id := range []string{"call-1", c.IDs.Correlation, c.IDs.Traces[0], c.Turns[1].ID, c.Turns[0].Stages[0].SpanID, "dg-call-1-" + c.Turns[0].ID, "chatcmpl-" + c.Turns[3].ID} {
		if !c.Known(id) {
			t.Errorf("%q is not known", id)
		}
	}
	if c.Known("") || c.Known("call-2") {
		t.Error("another ID is known")
	}
}
