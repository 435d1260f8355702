// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

func (p *Provider) judge(key attribute.Key) logrecord.Verdict {
	left := p.opts.WithoutPerformance && (key == semconv.VoicePerformanceKey || key == "performance_metrics")
	return logrecord.Verdict{
		Left:  left,
		Plain: !left && cleantext.String(string(key)) == string(key) && !p.opts.Redactor.Hides(key),
	}
}

// scrub makes an attribute fit to go out, and reports whether it may: one that is to be
// left out may not.
func (p *Provider) scrub(key *logrecord.Key, kv *attribute.KeyValue) bool {
	if key.Verdict.Left {
		return false
	}
	cleantext.Clean(kv)
	p.opts.Redactor.Scrub(kv)
	return true
}

// scrubText makes a value that is a text fit to go out.
func (p *Provider) scrubText(key attribute.Key, v *attribute.Value) {
	text := v.AsString()
	if len(text) <= cleantext.MaxBytes && p.opts.Redactor.Plain(text) {
		return
	}
	clean := p.opts.Redactor.Text(key, cleantext.String(text))
	if len(clean) != len(text) || clean != text {
		*v = attribute.StringValue(clean)
	}
}

// Clean returns attributes as they may go out. The argument is not written to.
func (p *Provider) Clean(attrs []attribute.KeyValue) []attribute.KeyValue {
	out := make([]attribute.KeyValue, 0, len(attrs))
	for _, kv := range attrs {
		if p.scrub(p.keys.Of(kv.Key), &kv) {
			out = append(out, kv)
		}
	}
	return out
}

// scrubBody makes the body of a record fit to go out.
func (p *Provider) scrubBody(body *attribute.Value) {
	if body.Type() == attribute.STRING {
		p.scrubText("", body)
		return
	}
	if v, changed := cleantext.Value(*body); changed {
		*body = v
	}
	if v, changed := p.opts.Redactor.Value(*body); changed {
		*body = v
	}
}
