// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Cost is the dimensions of a cost. Empty ones are left out.
type Cost struct {
	Kind                      StageKind
	Provider, Model, Currency string
}

func (k Cost) clone() Cost {
	return Cost{clone(k.Kind), strings.Clone(k.Provider), strings.Clone(k.Model), strings.Clone(k.Currency)}
}

func (k Cost) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceStageKey, string(k.Kind)).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.VoiceCostCurrencyKey, k.Currency)
}

// Charged counts an amount in units of the currency.
func (s *Set) Charged(ctx context.Context, key Cost, amount float64) {
	s.cost.Add(ctx, amount, s.byCost.get(key).add...)
}
