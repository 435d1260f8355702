// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard

import (
	"hash/maphash"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// gate cleans the attributes of measurements. It caches the result for each attribute set, because
// most programs have few sets that recur. Like the SDK, it identifies a set by
// [attribute.Distinct]: no text is kept.
type gate struct {
	redactor *redaction.Engine
	seed     maphash.Seed
	seen     [maxSeen]atomic.Pointer[seenSet]
}

// maxSeen bounds the cached sets. Each takes 40 bytes, plus the clean set if it is not clean. A
// new set replaces another one.
const maxSeen = 4096

// seenSet is a checked attribute set.
type seenSet struct {
	set   attribute.Distinct
	clean metric.MeasurementOption // The replacement; nil if the set is clean.
}

func newGate(r *redaction.Engine) *gate { return &gate{redactor: r, seed: maphash.MakeSeed()} }

// measured returns an option with the clean attributes of a set, or nil if the set is clean.
func (g *gate) measured(set *attribute.Set) metric.MeasurementOption {
	if set.Len() == 0 {
		return nil
	}
	distinct := set.Equivalent()
	at := &g.seen[maphash.Comparable(g.seed, distinct)%maxSeen]
	if s := at.Load(); s != nil && s.set == distinct {
		return s.clean
	}
	s := &seenSet{set: distinct}
	if attrs, dirty := g.attributes(set.ToSlice()); dirty {
		s.clean = metric.WithAttributeSet(attribute.NewSet(cleantext.Clone(attrs)...)) // The caller's text may change.
	}
	at.Store(s)
	return s.clean
}
