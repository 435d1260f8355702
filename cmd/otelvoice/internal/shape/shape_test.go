// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package shape_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/shape"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

// What the toolkit makes has no errors.
func TestTheToolkit(t *testing.T) {
	c := shape.NewChecker()
	c.Add(script.Play(t, script.Calls()[:2]...).Batch())
	if findings := c.Findings(); len(findings) > 0 || c.Checked < 50 {
		t.Errorf("%d checked, found %+v", c.Checked, findings)
	}
}

// Each error that is made in a call is found, and nothing else.
func TestErrors(t *testing.T) {
	set := func(s *signal.Span, key string, v any) {
		s.Attributes = signal.NewAttributes(append(slices.Clone(s.Attributes), signal.Attribute{Key: key, Value: v}))
	}
	drop := func(s *signal.Span, key string) {
		s.Attributes = slices.DeleteFunc(slices.Clone(s.Attributes), func(a signal.Attribute) bool { return a.Key == key })
	}
	for _, tt := range []struct {
		span string // The first word of the first span that is changed.
		do   func(s *signal.Span)
		want string
	}{
		{"chat", func(s *signal.Span) { set(s, "voice.llm.speed", 1.0) }, "unknown name: voice.llm.speed"},
		{"chat", func(s *signal.Span) { set(s, "app.llm.speed", 1.0) }, ""},
		{"chat", func(s *signal.Span) { set(s, "voice.stage.outcome", "great") }, `unknown value: voice.stage.outcome "great"`},
		{"chat", func(s *signal.Span) { set(s, "gen_ai.usage.input_tokens", "many") }, "wrong type: gen_ai.usage.input_tokens is not int64"},
		{"chat", func(s *signal.Span) { set(s, "gen_ai.usage.input_tokens", int64(0)) }, "zero: gen_ai.usage.input_tokens"},
		{"chat", func(s *signal.Span) { set(s, "voice.llm.time_to_first_token", -1.0) }, "negative: voice.llm.time_to_first_token"},
		{"chat", func(s *signal.Span) { drop(s, "voice.turn.index") }, "missing attribute: voice.turn.index on chat"},
		{"chat", func(s *signal.Span) { s.Kind = "server" }, "wrong kind: span chat is server"},
		{"chat", func(s *signal.Span) { s.Failed = true }, "error without type: span chat gpt-4o-mini"},
		{"chat", func(s *signal.Span) { s.End = s.Start.Add(-time.Second) }, "ends before its start: span chat gpt-4o-mini"},
		{"chat", func(s *signal.Span) { s.End = time.Time{} }, "no time: span chat gpt-4o-mini"},
		{"chat", func(s *signal.Span) { s.ParentID[0] ^= 0xFF }, "orphan: span chat gpt-4o-mini"},
		{"chat", func(s *signal.Span) { s.Events[0].Name = "voice.llm.thought" }, "unknown name: event voice.llm.thought"},
		{"voice.turn", func(s *signal.Span) { set(s, "voice.turn.segment.generation", 0.5) }, "segments do not sum: voice.turn.response_latency"},
		{"voice.turn", func(s *signal.Span) { s.ParentID = s.SpanID }, "wrong parent: span voice.turn"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			batch := script.Play(t, script.Calls()[0]).Batch()
			for _, s := range batch.Spans {
				if word, _, _ := strings.Cut(s.Name, " "); word == tt.span && s.Attributes.Get(attribute.Key("voice.turn.index")) == int64(1) {
					tt.do(s)
					break
				}
			}
			c := shape.NewChecker()
			c.Add(batch)
			var got []string
			for _, f := range c.Findings() {
				got = append(got, fmt.Sprintf("%s: %s", f.Rule, f.What))
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("\ngot  %s\nwant %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
}

// Kinds of errors are bounded, however many names there are.
func TestManyNames(t *testing.T) {
	c := shape.NewChecker()
	for i := range 5000 {
		c.Add(&signal.Batch{Records: []*signal.Record{{Time: time.Unix(1, 0), Attributes: signal.Attributes{{Key: fmt.Sprintf("voice.x%d", i), Value: "y"}}}}})
	}
	findings := c.Findings()
	total := 0
	for _, f := range findings {
		total += f.Count
	}
	if total != 5000 || len(findings) > 1100 {
		t.Errorf("%d kinds, %d in all", len(findings), total)
	}
}
