// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// What the key of an attribute decides.
const (
	left   logrecord.Verdict = 1 << iota // It is left out.
	plain                                // It goes out as it is, and so does a value that is no text.
	recurs                               // So it does, and the text is that of many others.
)

func (p *Provider) judge(key attribute.Key) logrecord.Verdict {
	switch {
	case p.opts.WithoutPerformance && (key == semconv.VoicePerformanceKey || key == "performance_metrics"):
		return left
	case cleantext.String(string(key)) != string(key) || p.opts.Redactor.AlwaysChanges(key):
		return 0
	case p.opts.Redactor.CachesValues(key):
		return plain | recurs
	}
	return plain
}

// leastScanned is the least number that may hold a secret, as a card number does.
const leastScanned = 1_000_000_000_000

// clean makes an attribute fit to go out, and reports whether it may: one that is to be
// left out may not. A key that holds a secret gets another name, which is not taken.
func (p *Provider) clean(key *logrecord.Key, kv *attribute.KeyValue, taken func(attribute.Key) bool) bool {
	if p.cleanValue(key, &kv.Value) {
		return true
	}
	if key.Verdict == left {
		return false
	}
	cleantext.Clean(kv)
	name := kv.Key
	p.opts.Redactor.AttributeInPlace(kv)
	if kv.Key != name {
		kv.Key = logrecord.Free(kv.Key, taken)
	}
	return true
}

// cleanValue makes the value fit to go out of an attribute whose key is, and reports whether
// that was all: most attributes are one number or text with a plain key.
func (p *Provider) cleanValue(key *logrecord.Key, v *attribute.Value) bool {
	if key.Verdict&plain == 0 {
		return false
	}
	switch v.Type() {
	case attribute.STRING:
		if key.Verdict&recurs == 0 || !p.opts.Redactor.IsKnownClean(v.AsString()) {
			p.scrubText(key.Name, v)
		}
		return true
	case attribute.BOOL:
		return true
	case attribute.INT64:
		return v.AsInt64() < leastScanned
	case attribute.FLOAT64:
		return !(v.AsFloat64() >= leastScanned)
	}
	return false
}

// scrubText makes a value that is a text fit to go out.
func (p *Provider) scrubText(key attribute.Key, v *attribute.Value) {
	text := v.AsString()
	if len(text) <= cleantext.MaxBytes && p.opts.Redactor.IsPlain(text) {
		return
	}
	clean := p.opts.Redactor.Text(key, cleantext.String(text))
	if len(clean) != len(text) || clean != text {
		*v = attribute.StringValue(clean)
	}
}

// Clean returns attributes as they may go out. The argument is not written to. Keys that
// redaction makes equal are numbered.
func (p *Provider) Clean(attrs []attribute.KeyValue) []attribute.KeyValue {
	return p.cleanBehind(nil, attrs)
}

// cleanBehind returns attributes that are clean already, and behind them others as they may go
// out.
func (p *Provider) cleanBehind(clean, attrs []attribute.KeyValue) []attribute.KeyValue {
	out := append(make([]attribute.KeyValue, 0, len(clean)+len(attrs)), clean...)
	var names map[attribute.Key]bool // Of all before the one that is looked at; nil until one asks.
	taken := func(name attribute.Key) bool {
		if names == nil {
			names = make(map[attribute.Key]bool, cap(out))
			for i := range out {
				names[out[i].Key] = true
			}
		}
		return names[name]
	}
	for _, kv := range attrs {
		if p.clean(p.keys.Of(kv.Key), &kv, taken) {
			out = append(out, kv)
			if names != nil {
				names[kv.Key] = true
			}
		}
	}
	return out
}

// text makes a name fit to go out.
func (p *Provider) text(s string) string { return p.opts.Redactor.String(cleantext.String(s)) }

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
