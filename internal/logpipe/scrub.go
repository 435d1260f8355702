// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// The verdicts on a key. Without one, key and value need redaction.
const (
	omitted  logrecord.Verdict = 1 << iota // The attribute is left out.
	clean                                  // The key and values other than text need no redaction.
	repeated                               // Clean, and texts repeat often enough to cache the result.
)

func (p *Provider) judge(key attribute.Key) logrecord.Verdict {
	switch {
	case p.opts.WithoutPerformance && (key == semconv.VoicePerformanceKey || key == "performance_metrics"):
		return omitted
	case cleantext.String(string(key)) != string(key) || p.opts.Redactor.AlwaysChanges(key):
		return 0
	case p.opts.Redactor.CachesValues(key):
		return clean | repeated
	}
	return clean
}

// leastScanned is the smallest number that may be a secret, such as a card number.
const leastScanned = 1_000_000_000_000

// cleanAttribute cleans and redacts an attribute. It returns false for an attribute that is left
// out. A key that holds a secret is replaced by one that is not taken.
func (p *Provider) cleanAttribute(key *logrecord.Key, kv *attribute.KeyValue, taken func(attribute.Key) bool) bool {
	if p.cleanValue(key, &kv.Value) {
		return true
	}
	if key.Verdict == omitted {
		return false
	}
	cleantext.Clean(kv)
	name := kv.Key
	p.opts.Redactor.AttributeInPlace(kv)
	if kv.Key != name {
		kv.Key = logrecord.FreeKey(kv.Key, taken)
	}
	return true
}

// cleanValue cleans and redacts a value, and reports whether that is all the attribute needs. It
// is for most attributes, which have a clean key and one number or text.
func (p *Provider) cleanValue(key *logrecord.Key, v *attribute.Value) bool {
	if key.Verdict&clean == 0 {
		return false
	}
	switch v.Type() {
	case attribute.STRING:
		if key.Verdict&repeated == 0 || !p.opts.Redactor.IsKnownClean(v.AsString()) {
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

// scrubText cleans and redacts a text.
func (p *Provider) scrubText(key attribute.Key, v *attribute.Value) {
	text := v.AsString()
	if len(text) <= cleantext.MaxBytes && p.opts.Redactor.IsPlain(text) {
		return
	}
	scrubbed := p.opts.Redactor.Text(key, cleantext.String(text))
	if len(scrubbed) != len(text) || scrubbed != text {
		*v = attribute.StringValue(scrubbed)
	}
}

// Clean returns the attributes cleaned and redacted. It does not change its argument. Keys that
// redaction makes equal get numbers.
func (p *Provider) Clean(attrs []attribute.KeyValue) []attribute.KeyValue {
	return p.appendClean(nil, attrs)
}

// appendClean returns a copy of attributes that are clean, followed by others cleaned and redacted.
func (p *Provider) appendClean(before, attrs []attribute.KeyValue) []attribute.KeyValue {
	out := append(make([]attribute.KeyValue, 0, len(before)+len(attrs)), before...)
	var names map[attribute.Key]bool // The keys of out; nil until taken is called.
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
		if p.cleanAttribute(p.keys.Of(kv.Key), &kv, taken) {
			out = append(out, kv)
			if names != nil {
				names[kv.Key] = true
			}
		}
	}
	return out
}

// text cleans and redacts a name.
func (p *Provider) text(s string) string { return p.opts.Redactor.String(cleantext.String(s)) }

// scrubBody cleans and redacts the body of a record.
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
