// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// Requests that the transport records have a cost in a turn, in a session and outside of both. The prices are
// invented.
func TestRequestHasACost(t *testing.T) {
	url := newProvider(t)
	price := func(unit pricing.Unit, price string) pricing.Price {
		return pricing.Price{Provider: "openai", Model: "gpt-4o-mini-2024-*", Unit: unit, Price: price, Currency: "USD"}
	}
	list, err := pricing.New(price(pricing.InputToken, "0.25"), price(pricing.OutputToken, "2"))
	if err != nil {
		t.Fatal(err)
	}
	const want = 20.5 // 58 × 0.25 + 3 × 2
	for _, tt := range []struct {
		name              string
		run               func(ctx context.Context, tel *otelvoice.Telemetry, ask func(context.Context))
		ofTurn, ofSession bool // Whether these have the cost.
	}{
		{name: "in a turn", ofTurn: true, ofSession: true, run: func(ctx context.Context, tel *otelvoice.Telemetry, ask func(context.Context)) {
			ctx, session := tel.StartSession(ctx)
			defer session.End()
			ctx, turn := session.StartTurn(ctx)
			defer turn.End()
			ask(ctx)
		}},
		{name: "in a session after a turn", ofSession: true, run: func(ctx context.Context, tel *otelvoice.Telemetry, ask func(context.Context)) {
			ctx, session := tel.StartSession(ctx)
			defer session.End()
			_, turn := session.StartTurn(ctx)
			turn.End()
			ask(ctx)
		}},
		{name: "outside of a session", run: func(ctx context.Context, _ *otelvoice.Telemetry, ask func(context.Context)) { ask(ctx) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithPrices(list)))
			tt.run(t.Context(), tel.Telemetry, func(ctx context.Context) {
				chat(ctx, t, &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}, url)
			})
			for name, has := range map[string]bool{"chat gpt-4o-mini": true, semconv.SpanVoiceTurn: tt.ofTurn, semconv.SpanVoiceSession: tt.ofSession} {
				for _, s := range rec.Named(name) {
					attrs := attribute.NewSet(s.Attributes()...)
					if v, ok := attrs.Value(semconv.VoiceCostKey); ok != has || ok && v.AsFloat64() != want {
						t.Errorf("%s has the cost %v, %v", name, v.AsFloat64(), ok)
					}
				}
			}
			if _, ok := rec.Metric(semconv.MetricVoiceCost().Name); !ok {
				t.Error("the cost is not counted")
			}
			voicetest.Check(t, rec)
		})
	}
}
