// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// scrub returns an attribute as it may go out, whether that changed it, and
// whether it is to be left out altogether.
func (p *Provider) scrub(kv attribute.KeyValue) (_ attribute.KeyValue, changed, left bool) {
	if p.opts.WithoutPerformance && (kv.Key == semconv.VoicePerformanceKey || kv.Key == "performance_metrics") {
		return kv, true, true
	}
	kv, changed = cleantext.Attribute(kv)
	kv, redacted := p.opts.Redactor.Attribute(kv)
	return kv, changed || redacted, false
}

// Clean returns attributes as they may go out. The argument is not written to.
func (p *Provider) Clean(attrs []attribute.KeyValue) []attribute.KeyValue {
	out := make([]attribute.KeyValue, 0, len(attrs))
	for _, kv := range attrs {
		if kv, _, left := p.scrub(kv); !left {
			out = append(out, kv)
		}
	}
	return out
}

func (p *Provider) scrubValue(v attribute.Value) (attribute.Value, bool) {
	v, changed := cleantext.Value(v)
	v, redacted := p.opts.Redactor.Value(v)
	return v, changed || redacted
}
