// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
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

// logged returns what a log record in the context carries.
func logged(ctx context.Context, by identity.Cleaner) (attrs []attribute.KeyValue) {
	r := logrecord.New(new(logrecord.Table))
	defer r.Free()
	identity.AddTo(r, ctx, by)
	record := r.API()
	record.WalkAttributes(func(kv attribute.KeyValue) bool {
		attrs = append(attrs, kv)
		return true
	})
	return attrs
}

// asIs is a cleaner that finds nothing.
type asIs struct{}

func (asIs) Clean(attrs []attribute.KeyValue) []attribute.KeyValue { return attrs }

func (asIs) Block(attrs ...attribute.KeyValue) *logrecord.Block {
	return logrecord.NewBlock(new(logrecord.Table), attrs)
}

func TestLogAttributes(t *testing.T) {
	if attrs := logged(t.Context(), asIs{}); attrs != nil {
		t.Errorf("a context that knows nothing has %v", attrs)
	}
	ctx := identity.NewContext(t.Context(), identity.Identity{
		CorrelationID: "c", RequestID: "r", SessionID: "s", TurnID: "t", UserID: "u", PipelineID: "p", Stage: "stt",
	})
	const want = "voice.correlation.id=c voice.request.id=r session.id=s voice.turn.id=t user.id=u voice.pipeline.id=p voice.stage=stt "
	for range 3 { // Each comes by another way.
		got := ""
		for _, kv := range logged(ctx, asIs{}) {
			got += string(kv.Key) + "=" + kv.Value.AsString() + " "
		}
		if got != want {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
	}
}

// shout is a cleaner that counts its work.
type shout struct{ times int }

func (s *shout) Clean(attrs []attribute.KeyValue) (out []attribute.KeyValue) {
	s.times++
	for _, kv := range attrs {
		out = append(out, kv.Key.String(strings.ToUpper(kv.Value.AsString())))
	}
	return out
}

func (s *shout) Block(attrs ...attribute.KeyValue) *logrecord.Block {
	return logrecord.NewBlock(new(logrecord.Table), s.Clean(attrs))
}

// Ids are cleaned once for all the records of a context, and by each cleaner.
func TestCleanedOnceForMany(t *testing.T) {
	one, two := &shout{}, &shout{}
	ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: "c", UserID: "u"})
	for range 3 {
		if got := logged(ctx, one); len(got) != 2 || got[1].Value.AsString() != "U" {
			t.Fatalf("got %v", got)
		}
	}
	logged(ctx, two)
	if got := logged(ctx, asIs{}); got[1].Value.AsString() != "u" {
		t.Errorf("the ids themselves were changed: %v", got)
	}
	if one.times != 2 || two.times != 1 {
		t.Errorf("cleaned %d and %d times, want twice by the first, for the first record and for all others, and once", one.times, two.times)
	}
	if got := logged(identity.NewContext(t.Context(), identity.Identity{UserID: "u"}), one); len(got) != 1 || got[0].Value.AsString() != "U" {
		t.Errorf("without a correlation ID: got %v", got)
	}
}
