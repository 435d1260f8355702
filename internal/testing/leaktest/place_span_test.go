// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"context"
	"errors"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
)

// spanOutputs is the number of outputs of spans: the console exporter, OTLP, the spool, and the dead letters.
const spanOutputs = 4

// perSpan is the number of items that fit into the limits of a span.
const perSpan = 60

// spans returns a place in spans, of some items each.
func spans(name string, plant func(s trace.Span, i item)) place {
	return place{name: name, least: spanOutputs, plant: func(p *program, items []item) {
		for some := range slices.Chunk(items, perSpan) {
			_, span := p.tel.TracerProvider().Tracer("agent").Start(p.Context(), "work")
			for _, i := range some {
				plant(span, i)
			}
			span.End()
		}
	}}
}

// spanPlaces are the places in spans.
func spanPlaces() []place {
	count := 0
	key := func() string { count++; return "state" + string(rune('a'+count%26)) + string(rune('a'+count/26%26)) }
	attr := func(name string, of func(text string) attribute.KeyValue) place {
		return one(name, spanOutputs, func(p *program, i item) {
			_, span := p.tel.TracerProvider().Tracer("agent").Start(p.Context(), "work", trace.WithAttributes(of(i.text)))
			span.SetAttributes(of(i.text))
			span.End()
		})
	}
	return []place{
		one("span name", spanOutputs+1, func(p *program, i item) {
			_, span := p.tel.TracerProvider().Tracer("agent").Start(p.Context(), i.text)
			span.End()
		}),
		one("span name that is set", spanOutputs+1, func(p *program, i item) {
			_, span := p.tel.TracerProvider().Tracer("agent").Start(p.Context(), "x")
			span.SetName(i.text)
			span.End()
		}),
		attr("span attribute", func(text string) attribute.KeyValue { return attribute.String("state", text) }),
		attr("span list", func(text string) attribute.KeyValue { return attribute.StringSlice("state", []string{"a", text}) }),
		attr("span map", func(text string) attribute.KeyValue {
			return attribute.Map("state", attribute.Map("a", attribute.String("b", text)))
		}),
		attr("span map key", func(text string) attribute.KeyValue { return attribute.Map("state", attribute.String(text, "x")) }),
		attr("span attribute key", func(text string) attribute.KeyValue { return attribute.Int(text, 1) }),
		spans("span attributes under the key", func(s trace.Span, i item) {
			if i.key == "note" || i.key == "" {
				i.key = key()
			}
			s.AddEvent("x", trace.WithAttributes(attribute.String(i.key, i.value)))
		}),
		one("span status", spanOutputs, func(p *program, i item) {
			_, span := p.tel.TracerProvider().Tracer("agent").Start(p.Context(), "work")
			span.SetStatus(codes.Error, i.text)
			span.End()
		}),
		spans("event name", func(s trace.Span, i item) { s.AddEvent(i.text) }),
		spans("event attribute", func(s trace.Span, i item) { s.AddEvent("x", trace.WithAttributes(attribute.String("state", i.text))) }),
		spans("event attribute key", func(s trace.Span, i item) { s.AddEvent("x", trace.WithAttributes(attribute.Int(i.text, 1))) }),
		spans("link attribute", func(s trace.Span, i item) {
			s.AddLink(trace.Link{SpanContext: s.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("state", i.text)}})
		}),
		spans("link attribute key", func(s trace.Span, i item) {
			s.AddLink(trace.Link{SpanContext: s.SpanContext(), Attributes: []attribute.KeyValue{attribute.Int(i.text, 1)}})
		}),
		short(one("tracer name", spanOutputs, func(p *program, i item) {
			_, span := p.tel.TracerProvider().Tracer(i.text).Start(p.Context(), "work")
			span.End()
		})),
		short(one("tracer version", spanOutputs, func(p *program, i item) {
			_, span := p.tel.TracerProvider().Tracer("agent", trace.WithInstrumentationVersion(i.text)).Start(p.Context(), "work")
			span.End()
		})),
		one("tracer attribute", spanOutputs, func(p *program, i item) {
			tracer := p.tel.TracerProvider().Tracer("agent", trace.WithInstrumentationAttributes(attribute.String("state", i.text)))
			_, span := tracer.Start(p.Context(), "work")
			span.End()
		}),
	}
}

// called returns a place in one session with a turn for each item.
func called(name string, least int, plant func(ctx context.Context, p *program, s *otelvoice.Session, t *otelvoice.Turn, i item)) place {
	return place{name: name, least: least, plant: func(p *program, items []item) {
		callCtx, session := p.tel.StartSession(p.Context())
		for _, i := range items {
			ctx, turn := session.StartTurn(callCtx)
			plant(ctx, p, session, turn, i)
			turn.End()
		}
		session.End()
	}}
}

// voicePlaces are the places in sessions and turns.
func voicePlaces() []place {
	const both = logOutputs + 1 // The records, and the spans by OTLP.
	return []place{
		short(one("session id", both, func(p *program, i item) {
			ctx, session := p.tel.StartSession(p.Context(), otelvoice.WithSessionID(i.text))
			_, turn := session.StartTurn(ctx)
			turn.End()
			session.End()
		})),
		short(one("user id", both, func(p *program, i item) {
			_, session := p.tel.StartSession(p.Context(), otelvoice.WithUserID(i.text))
			session.End()
		})),
		short(one("pipeline and channel", spanOutputs-1, func(p *program, i item) {
			_, session := p.tel.StartSession(p.Context(), otelvoice.WithPipelineID(i.text), otelvoice.WithChannel(i.text))
			session.End()
		})),
		fitting(isID, one("correlation id", spanOutputs, func(p *program, i item) {
			ctx := otelvoice.ContextWithCorrelationID(p.Context(), i.text)
			_, session := p.tel.StartSession(ctx)
			p.logger().InfoContext(ctx, "state")
			session.End()
		})),
		short(called("turn id", both, func(ctx context.Context, _ *program, s *otelvoice.Session, _ *otelvoice.Turn, i item) {
			_, turn := s.StartTurn(ctx, otelvoice.WithTurnID(i.text))
			turn.End()
		})),
		one("session attribute", spanOutputs-1, func(p *program, i item) {
			_, session := p.tel.StartSession(p.Context(), otelvoice.WithAttributes(attribute.String("room", i.text)))
			session.SetAttributes(attribute.String("identity", i.text))
			session.End()
		}),
		one("session failure", both, func(p *program, i item) {
			_, session := p.tel.StartSession(p.Context())
			session.Fail(errors.New(i.text))
			session.End()
		}),
		called("turn failure", both, func(_ context.Context, _ *program, _ *otelvoice.Session, t *otelvoice.Turn, i item) {
			t.Fail(errors.New(i.text))
		}),
		called("stage failure", both, func(ctx context.Context, _ *program, _ *otelvoice.Session, t *otelvoice.Turn, i item) {
			_, stage := t.StartLLM(ctx, otelvoice.Model{Provider: "p", Name: "m"})
			stage.End(errors.New(i.text))
		}),
		short(called("model", both, func(ctx context.Context, _ *program, _ *otelvoice.Session, t *otelvoice.Turn, i item) {
			_, stage := t.StartTTS(ctx, otelvoice.Model{Provider: i.text, Name: i.text})
			stage.SetVoice(i.text)
			stage.AddRequestID(i.text)
			stage.End(nil)
		})),
		called("transcript, reply and speech", spanOutputs-1, func(ctx context.Context, _ *program, _ *otelvoice.Session, t *otelvoice.Turn, i item) {
			_, stt := t.StartSTT(ctx, otelvoice.Model{})
			stt.SetTranscript(i.text)
			stt.End(nil)
			_, llm := t.StartLLM(ctx, otelvoice.Model{})
			llm.SetReply(i.text)
			llm.SetResponse(i.text, i.text, i.text)
			llm.End(nil)
			_, tts := t.StartTTS(ctx, otelvoice.Model{})
			tts.AddText(i.text)
			tts.End(nil)
		}),
		called("tool call", spanOutputs-1, func(ctx context.Context, _ *program, _ *otelvoice.Session, t *otelvoice.Turn, i item) {
			_, tool := t.StartTool(ctx, "weather")
			tool.SetCallID(i.text)
			tool.SetArguments(i.text)
			tool.SetResult(i.text)
			tool.End(nil)
		}),
		short(called("tool name", both, func(ctx context.Context, _ *program, _ *otelvoice.Session, t *otelvoice.Turn, i item) {
			_, tool := t.StartTool(ctx, i.text)
			tool.End(nil)
		})),
		short(one("operation name", both, func(p *program, i item) {
			_, op := p.tel.StartOperation(p.Context(), i.text)
			op.End(nil)
		})),
		one("failure of an operation", both, func(p *program, i item) {
			_, op := p.tel.StartOperation(p.Context(), "load")
			op.End(errors.New(i.text))
		}),
		one("arguments of an operation", logOutputs, func(p *program, i item) {
			fn := otelvoice.Wrap("load", func(context.Context, string) (int, error) { return 0, nil }, otelvoice.WithArguments())
			if _, err := fn(p.tel.Context(p.Context()), i.text); err != nil {
				p.Error(err)
			}
		}),
		one("panic of an operation", both, func(p *program, i item) {
			defer func() { _ = recover() }()
			_, op := p.tel.StartOperation(p.Context(), "load")
			defer op.End(nil)
			panic(i.text)
		}),
	}
}
