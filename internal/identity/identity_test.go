// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

func TestCorrelation(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{0x55, 15: 1}, SpanID: trace.SpanID{0xa1, 0xb2, 0xc3, 0xd4, 7: 1},
	})
	inSpan := trace.ContextWithSpanContext(t.Context(), span)
	order, _ := identity.Parse("order-42")
	seeded := identity.WithSeed(inSpan, order)
	for _, tt := range []struct {
		name string
		got  string
		want string
	}{
		{"nothing is known", identity.Correlation(t.Context()), ""},
		{"the span's trace ID as a UUID", identity.Correlation(inSpan), "55000000-0000-0000-0000-000000000001"},
		{"a seed beats the span", identity.Correlation(seeded), "order-42"},
		{"an identity beats both", identity.Correlation(identity.NewContext(seeded, identity.Identity{CorrelationID: "c"})), "c"},
		{"an identity without one does not", identity.Correlation(identity.NewContext(seeded, identity.Identity{UserID: "u"})), "order-42"},
		{"request ID", identity.RequestID(span.SpanID()), "req_a1b2c3d4"},
		{"request ID of no span", identity.RequestID(trace.SpanID{}), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

func TestAttributes(t *testing.T) {
	if attrs := identity.Attributes(t.Context()); attrs != nil {
		t.Errorf("a context without ids has %v", attrs)
	}
	ctx := identity.NewContext(t.Context(), identity.Identity{
		CorrelationID: "c", RequestID: "r", SessionID: "s", TurnID: "t", UserID: "u", PipelineID: "p", Stage: "stt",
	})
	const want = "voice.correlation.id=c voice.request.id=r session.id=s voice.turn.id=t user.id=u voice.pipeline.id=p voice.stage=stt "
	got := ""
	for _, kv := range identity.Attributes(ctx) {
		got += string(kv.Key) + "=" + kv.Value.AsString() + " "
	}
	if got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func TestGroupCache(t *testing.T) {
	if identity.Groups(t.Context()) != nil || identity.Groups(identity.NewContext(t.Context(), identity.Identity{UserID: "u"})) != nil {
		t.Error("a context without a correlation ID has a cache")
	}
	ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: "c"})
	cache := identity.Groups(ctx)
	if !cache.First() || cache.First() {
		t.Error("First must report its first call only")
	}
	group := logrecord.NewGroup(new(logrecord.KeyCache), identity.Attributes(ctx))
	one, two := new(int), new(int) // Owners.
	cache.Store(one, group)
	if cache.Load(one) != group || cache.Load(two) != nil || identity.Groups(ctx) != cache {
		t.Error("the group is not that of its owner")
	}
}
