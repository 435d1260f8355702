// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"math"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// asText writes a number or a truth value as text.
func asText(_ *source, v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return v
	case attribute.INT64:
		return attribute.StringValue(strconv.FormatInt(v.AsInt64(), 10))
	case attribute.FLOAT64:
		return attribute.StringValue(strconv.FormatFloat(v.AsFloat64(), 'f', -1, 64))
	case attribute.BOOL:
		return attribute.StringValue(strconv.FormatBool(v.AsBool()))
	}
	return attribute.Value{}
}

// tokens are those of a request. Those that are a part of others are at most as many as these.
type tokens struct {
	input, cached, written, output, reasoning int64
	hasInput, hasOutput                       bool
}

func (s *source) tokens() (t tokens) {
	t.input, t.hasInput = s.count(semconv.GenAIUsageInputTokensKey)
	t.output, t.hasOutput = s.count(semconv.GenAIUsageOutputTokensKey)
	t.cached, _ = s.count(semconv.GenAIUsageCacheReadInputTokensKey)
	t.written, _ = s.count(semconv.GenAIUsageCacheWriteInputTokensKey)
	t.reasoning, _ = s.count(semconv.GenAIUsageReasoningOutputTokensKey)
	return t
}

// count returns an attribute that is an int64 from 0.
func (s *source) count(key attribute.Key) (n int64, ok bool) {
	if n, ok = s.integer(key); n < 0 || n > math.MaxInt32 {
		return 0, false
	}
	return n, ok
}

// usage is the tokens by type, of which each token has one. A part that is larger than the whole leaves the parts out.
func usage(s *source, _ attribute.Value) attribute.Value {
	t := s.tokens()
	var space [128]byte
	o := object(space[:0])
	if t.hasInput {
		parts := t.cached + t.written
		if parts > t.input {
			parts, t.cached, t.written = 0, 0, 0
		}
		o = o.addInt("input", t.input-parts)
		if t.written > 0 {
			o = o.addInt("input_cache_creation", t.written)
		}
		if t.cached > 0 {
			o = o.addInt("input_cached_tokens", t.cached)
		}
	}
	if t.hasOutput {
		if t.reasoning > t.output {
			t.reasoning = 0
		}
		o = o.addInt("output", t.output-t.reasoning)
		if t.reasoning > 0 {
			o = o.addInt("output_reasoning_tokens", t.reasoning)
		}
	}
	if t.hasInput && t.hasOutput {
		o = o.addInt("total", t.input+t.output)
	}
	return o.value()
}

// dollars converts a cost in US dollars, and leaves out those in other currencies.
func dollars(as conversion) conversion {
	return func(s *source, v attribute.Value) attribute.Value {
		if s.text(semconv.VoiceCostCurrencyKey) != "USD" {
			return attribute.Value{}
		}
		return as(s, v)
	}
}

func costDetails(_ *source, v attribute.Value) attribute.Value {
	var space [64]byte
	return object(space[:0]).add("total", v).value()
}
