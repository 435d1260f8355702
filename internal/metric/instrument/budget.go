// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// budget is the dimensions of a budget that a turn exceeded. There are at most eight names.
type budget struct {
	name, channel string
	variant       *Variant
}

func (k budget) clone() budget {
	return budget{strings.Clone(k.name), strings.Clone(k.channel), k.variant}
}

func (k budget) attributes() []attribute.KeyValue {
	return k.variant.append(list{}.with(semconv.VoiceBudgetKey, k.name).with(semconv.VoiceChannelKey, k.channel))
}

// OverBudget counts a turn that exceeded a budget. name is a value of voice.budget.
func (s *Set) OverBudget(ctx context.Context, name, channel string, v *Variant) {
	s.overBudget.Add(ctx, 1, s.byBudget.get(budget{name, channel, v}).add...)
}
