// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// scrub makes an attribute fit to go out, and reports whether it may: one that is to be
// left out may not.
func (p *Provider) scrub(kv *attribute.KeyValue) bool {
	if p.opts.WithoutPerformance && (kv.Key == semconv.VoicePerformanceKey || kv.Key == "performance_metrics") {
		return false
	}
	cleantext.Clean(kv)
	p.opts.Redactor.Scrub(kv)
	return true
}

// Clean returns attributes as they may go out. The argument is not written to.
func (p *Provider) Clean(attrs []attribute.KeyValue) []attribute.KeyValue {
	out := make([]attribute.KeyValue, 0, len(attrs))
	for _, kv := range attrs {
		if p.scrub(&kv) {
			out = append(out, kv)
		}
	}
	return out
}

// scrubBody makes the body of a record fit to go out.
func (p *Provider) scrubBody(body *attribute.Value) {
	if v, changed := cleantext.Value(*body); changed {
		*body = v
	}
	if v, changed := p.opts.Redactor.Value(*body); changed {
		*body = v
	}
}
