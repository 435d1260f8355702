// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

// maxDepth is the limit of nested values, as in the SDK.
const maxDepth = 64

// Attribute returns kv without secrets, and whether it changed; see redact.Redactor.
func (e *Engine) Attribute(kv attribute.KeyValue) (attribute.KeyValue, bool) {
	changed := e.AttributeInPlace(&kv)
	return kv, changed
}

// AttributeInPlace does what [Engine.Attribute] does, without a copy. Attributes of one list that
// are redacted one by one may get equal keys; [Engine.Attributes] numbers them.
func (e *Engine) AttributeInPlace(kv *attribute.KeyValue) (changed bool) {
	if e == nil {
		return false
	}
	return e.attribute(kv, 0)
}

// Attributes returns attrs without secrets, and whether any changed. The slice is copied only if
// so; the argument is never written to. Keys that become equal are numbered.
func (e *Engine) Attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	if e == nil {
		return attrs, false
	}
	return e.attributes(attrs, 0)
}

// Value returns a value without a key, such as the body of a log record, without secrets, and
// whether it changed.
func (e *Engine) Value(v attribute.Value) (attribute.Value, bool) {
	if e == nil {
		return v, false
	}
	return e.value("", v, 0)
}

func (e *Engine) attribute(kv *attribute.KeyValue, depth int) (changed bool) {
	key := kv.Key
	decision := e.keys.Of(key).Verdict
	if decision&secretKey != 0 {
		kv.Key, changed = attribute.Key(e.text("", string(key))), true
	}
	switch {
	case decision&secretValue != 0:
		return e.redactSecret(key, &kv.Value) || changed
	case decision&userID != 0:
		return e.hash(&kv.Value, depth) || changed
	}
	switch kv.Value.Type() {
	case attribute.BOOL:
		return changed
	case attribute.INT64, attribute.FLOAT64:
		return e.redactCard(key, &kv.Value) || changed
	case attribute.STRING:
		s := kv.Value.AsString()
		if decision&cached != 0 && e.clean.has(s) {
			return changed
		}
		c := e.text(key, s)
		switch {
		case c != s:
			kv.Value = attribute.StringValue(c)
			return true
		case decision&cached != 0:
			e.clean.add(s)
		}
		return changed
	}
	v, dirty := e.value(key, kv.Value, depth)
	kv.Value = v
	return dirty || changed
}

// redactSecret replaces the value of a secret key, unless it is a status: auth=ok, phone=ringing.
// The value of a password is never taken for a status, because it may be any word.
func (e *Engine) redactSecret(key attribute.Key, v *attribute.Value) (changed bool) {
	if v.Type() == attribute.STRING && e.scanner.IsStatus(string(key), v.AsString()) {
		return false
	}
	return redactValue(v)
}

// redactValue replaces a value. True and false stay.
func redactValue(v *attribute.Value) (changed bool) {
	switch v.Type() {
	case attribute.BOOL, attribute.EMPTY:
		return false
	case attribute.STRING:
		if s := v.AsString(); s == "" || s == Redacted {
			return false
		}
	}
	*v = attribute.StringValue(Redacted)
	return true
}

func (e *Engine) value(key attribute.Key, v attribute.Value, depth int) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.STRING:
		s := v.AsString()
		if c := e.text(key, s); c != s {
			return attribute.StringValue(c), true
		}
	case attribute.INT64, attribute.FLOAT64:
		changed := e.redactCard(key, &v)
		return v, changed
	case attribute.STRINGSLICE:
		return e.textList(key, v)
	case attribute.INT64SLICE, attribute.FLOAT64SLICE:
		return e.numberList(key, v)
	case attribute.SLICE:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		return e.valueList(key, v, depth)
	case attribute.MAP:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		if out, changed := e.attributes(v.AsMap(), depth+1); changed {
			return attribute.MapValue(out...), true
		}
	}
	return v, false
}

func (e *Engine) attributes(attrs []attribute.KeyValue, depth int) ([]attribute.KeyValue, bool) {
	return e.attributeList(attrs, false, depth)
}

// attributeList returns attrs without secrets, and whether any changed. With userIDs, their values
// are hashed as user IDs.
func (e *Engine) attributeList(attrs []attribute.KeyValue, userIDs bool, depth int) ([]attribute.KeyValue, bool) {
	out, copied, renamed := attrs, false, false
	for i := range attrs {
		kv := attrs[i]
		if userIDs && !e.hashAttribute(&kv, depth) || !userIDs && !e.attribute(&kv, depth) {
			continue
		}
		if !copied {
			out, copied = slices.Clone(attrs), true
		}
		renamed = renamed || kv.Key != attrs[i].Key
		out[i] = kv
	}
	if renamed {
		numberEqualKeys(out, attrs)
	}
	return out, copied
}
