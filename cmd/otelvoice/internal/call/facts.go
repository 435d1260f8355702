// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// firstOutputs are the attributes that tell when the first output came, the most exact first.
var firstOutputs = []attribute.Key{
	semconv.VoiceLLMTimeToFirstTokenKey, semconv.VoiceTTSTimeToFirstByteKey,
	semconv.VoiceRealtimeTimeToFirstAudioKey, semconv.GenAIResponseTimeToFirstChunkKey,
}

// small returns a count, or 0.
func small(attrs signal.Attributes, key attribute.Key) int {
	n, ok := attrs.Int(key)
	if !ok || n < 0 || n > 1<<30 {
		return 0
	}
	return int(n)
}

func number(attrs signal.Attributes, key attribute.Key) *int64 {
	n, ok := attrs.Int(key)
	if !ok || n < 0 {
		return nil
	}
	return &n
}

// Visit calls a function for the stages of the call and all below them. The turn is nil for those outside of one.
func (c *Call) Visit(each func(t *Turn, s *Stage)) {
	visit(c.Stages, func(s *Stage) { each(nil, s) })
	for _, t := range c.Turns {
		visit(t.Stages, func(s *Stage) { each(t, s) })
	}
}

// visit calls a function for stages and all below them.
func visit(stages []*Stage, each func(*Stage)) {
	for _, s := range stages {
		each(s)
		visit(s.Stages, each)
	}
}

// Known reports whether the call has the ID: that of its session, its correlation or trace, of a turn or a span,
// of a request as the toolkit or the provider names it, or of the telephone call.
func (c *Call) Known(id string) bool {
	if id == "" {
		return false
	}
	if slices.Contains(append([]string{c.IDs.Session, c.IDs.Correlation, c.IDs.External, c.IDs.Line}, c.IDs.Traces...), id) {
		return true
	}
	found := false
	for _, t := range c.Turns {
		found = found || t.ID == id || t.RequestID == id || t.SpanID == id
	}
	c.Visit(func(_ *Turn, s *Stage) {
		found = found || s.SpanID == id || s.Attributes.Text(semconv.GenAIResponseIDKey) == id ||
			s.Attributes.Text(semconv.GenAIToolCallIDKey) == id
		found = found || slices.Contains(s.Requests, id)
	})
	return found
}
