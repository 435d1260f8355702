// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/attrkey"
	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// What the key of an attribute decides.
const (
	left   attrkey.Verdict = 1 << iota // It is left out.
	plain                              // It goes out as it is, and so does a value that is no text.
	recurs                             // So it does, and the text is that of many others.
)

func (p *Provider) judge(key attribute.Key) attrkey.Verdict {
	switch {
	case p.opts.WithoutPerformance && (key == semconv.VoicePerformanceKey || key == "performance_metrics"):
		return left
	case cleantext.String(string(key)) != string(key) || p.opts.Redactor.Hides(key):
		return 0
	case p.opts.Redactor.Recurs(key):
		return plain | recurs
	}
	return plain
}

// clean makes an attribute fit to go out, and reports whether it may: one that is to be
// left out may not.
func (p *Provider) clean(key *attrkey.Key, kv *attribute.KeyValue) bool {
	if p.cleanValue(key, &kv.Value) {
		return true
	}
	if key.Verdict == left {
		return false
	}
	cleantext.Clean(kv)
	p.opts.Redactor.Scrub(kv)
	return true
}

// cleanValue makes the value fit to go out of an attribute whose key is, and reports whether
// that was all: most attributes are one number or text with a plain key.
func (p *Provider) cleanValue(key *attrkey.Key, v *attribute.Value) bool {
	if key.Verdict&plain == 0 {
		return false
	}
	switch v.Type() {
	case attribute.STRING:
		if key.Verdict&recurs == 0 || !p.opts.Redactor.Known(v.AsString()) {
			p.scrubText(key.Name, v)
		}
		return true
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return true
	}
	return false
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
		if p.clean(p.keys.Of(kv.Key), &kv) {
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
