// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// rule is an attribute that a profile adds.
type rule struct {
	on kind
	to attribute.Key
	// from are the attributes that it comes from. The first one that the span has is taken.
	from []attribute.Key
	// as converts the value of from, which has the type EMPTY if from is empty. If the result has this type, nothing
	// is added. Nil takes the value as it is.
	as conversion
	// what describes the source where from does not.
	what string
}

type conversion func(s *source, v attribute.Value) attribute.Value

// is is a conversion to a constant.
func is(text string) conversion {
	v := attribute.StringValue(text)
	return func(*source, attribute.Value) attribute.Value { return v }
}

func from(keys ...attribute.Key) []attribute.Key { return keys }

// added is a span with more attributes.
type added struct {
	sdktrace.ReadOnlySpan

	attributes []attribute.KeyValue
}

// Attributes implements [sdktrace.ReadOnlySpan].
func (a *added) Attributes() []attribute.KeyValue { return a.attributes }

// with returns the span with the attributes of the rules.
func (s *source) with(rules []rule) sdktrace.ReadOnlySpan {
	return &added{s.ReadOnlySpan, s.attributesWith(rules)}
}

// attributesWith returns the attributes of the span and those of the rules that it does not have.
func (s *source) attributesWith(rules []rule) []attribute.KeyValue {
	list := make([]attribute.KeyValue, len(s.attributes), len(s.attributes)+24)
	copy(list, s.attributes)
	return s.apply(list, rules, true)
}

// attributesOf returns the attributes of the rules.
func (s *source) attributesOf(rules []rule) []attribute.KeyValue {
	return s.apply(nil, rules, false)
}

// apply appends the attributes of the rules. With keep, it leaves out those that the span has.
func (s *source) apply(dst []attribute.KeyValue, rules []rule, keep bool) []attribute.KeyValue {
	for i := range rules {
		r := &rules[i]
		if r.on&s.kind == 0 {
			continue
		}
		v, ok := s.value(r)
		if !ok || keep && s.has(r.to) {
			continue
		}
		if r.as != nil {
			if v = r.as(s, v); v.Type() == attribute.EMPTY {
				continue
			}
		}
		dst = append(dst, attribute.KeyValue{Key: r.to, Value: v})
	}
	return dst
}

// value returns what a rule takes from the span. ok is false if the span has none of its attributes.
func (s *source) value(r *rule) (v attribute.Value, ok bool) {
	for _, key := range r.from {
		if v = s.get(key); v.Type() != attribute.EMPTY {
			return v, true
		}
	}
	return v, len(r.from) == 0
}
