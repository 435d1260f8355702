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

// gate cleans what is measured. It remembers the attribute sets that it has seen, which in most
// programs are few and come again and again. A set is known by [attribute.Distinct], as the SDK
// knows it: nothing of its text is kept.
type gate struct {
	redactor *redaction.Engine
	seed     maphash.Seed
	seen     [maxSeen]atomic.Pointer[seenSet]
}

// maxSeen bounds the sets that are remembered, at 40 bytes each and the clean set of those that
// are not clean. A later one takes the place of another.
const maxSeen = 4096

// seenSet is an attribute set that was looked at.
type seenSet struct {
	set   attribute.Distinct
	clean metric.MeasurementOption // In its place; nil if it is clean itself.
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
