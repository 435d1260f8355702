// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// maxDepth bounds how deep nested values are followed; the SDK's own limit.
const maxDepth = 64

// Attribute returns kv without secrets, and whether it changed. A value whose
// key is secret becomes [REDACTED], whatever its type; true and false stay. In a
// key that holds a secret itself, as an e-mail address does, the secret is replaced:
// the key becomes [REDACTED:email]. A whole number of 14 to 19 digits that is a card
// number becomes a text. In a list, the element behind a flag such as --password becomes
// [REDACTED].
func (r *Redactor) Attribute(kv attribute.KeyValue) (attribute.KeyValue, bool) {
	changed := r.Scrub(&kv)
	return kv, changed
}

// Scrub does to the attribute itself what [Redactor.Attribute] does to a copy.
// Attributes of one list that are scrubbed one by one may get the same key;
// [Redactor.Attributes] keeps them apart.
func (r *Redactor) Scrub(kv *attribute.KeyValue) (changed bool) {
	if r == nil {
		return false
	}
	return r.attribute(kv, 0)
}

// Attributes returns attrs without secrets, and whether any changed. The slice is
// copied only if so; the argument is never written to. Keys that become equal are
// numbered in the order of the list, so that no attribute takes the place of another:
// [REDACTED:email], [REDACTED:email]_2. The same holds for the members of maps.
func (r *Redactor) Attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	if r == nil {
		return attrs, false
	}
	return r.attributes(attrs, 0)
}

// Value returns the value of no key without secrets, and whether it changed: the
// body of a log record.
func (r *Redactor) Value(v attribute.Value) (attribute.Value, bool) {
	if r == nil {
		return v, false
	}
	return r.value("", v, 0)
}

// Hides reports whether attributes with this key change regardless of their values: the key
// says that the value is secret, or a user's id that is to be hashed, or it holds a secret
// itself. The texts of other attributes are for [Redactor.Text], and numbers of fewer than 13
// digits stay.
func (r *Redactor) Hides(key attribute.Key) bool {
	return r != nil && r.judge(key)&(secret|whose|named) != 0
}

// Key returns the key of an attribute without secrets. Functions of [Func] see it as free text.
func (r *Redactor) Key(key attribute.Key) attribute.Key {
	if r == nil || r.known.Of(key).Verdict&named == 0 {
		return key
	}
	return attribute.Key(r.text("", string(key)))
}

// Recurs reports whether attributes with the key mostly have a text that others have, too,
// as the ids of a call and the names of models are. Of these [Redactor.Known] may know.
func (r *Redactor) Recurs(key attribute.Key) bool {
	return r != nil && r.judge(key) == recurs
}

// Known reports whether a text that recurs was looked through before, and is valid UTF-8
// with nothing to take out. It costs a comparison.
func (r *Redactor) Known(text string) bool { return r != nil && r.clean.has(text) }

// remember has Known know a text in which there is nothing to take out.
func (r *Redactor) remember(text string) {
	if utf8.ValidString(text) {
		r.clean.add(text)
	}
}

// Text returns the text of an attribute without secrets.
func (r *Redactor) Text(key attribute.Key, s string) string {
	if r == nil || s == "" {
		return s
	}
	clean := r.text(key, s)
	if clean == s && r.known.Of(key).Verdict == recurs {
		r.remember(s)
	}
	return clean
}

func (r *Redactor) attribute(kv *attribute.KeyValue, depth int) (changed bool) {
	key := kv.Key
	verdict := r.known.Of(key).Verdict
	if verdict&named != 0 {
		kv.Key, changed = attribute.Key(r.text("", string(key))), true
	}
	switch {
	case verdict&secret != 0:
		return r.hideValue(key, &kv.Value) || changed
	case verdict&whose != 0:
		return r.hash(&kv.Value, depth) || changed
	}
	switch kv.Value.Type() {
	case attribute.BOOL:
		return changed
	case attribute.INT64, attribute.FLOAT64:
		return r.hideCard(key, &kv.Value) || changed
	case attribute.STRING:
		s := kv.Value.AsString()
		if verdict&recurs != 0 && r.clean.has(s) {
			return changed
		}
		c := r.text(key, s)
		switch {
		case c != s:
			kv.Value = attribute.StringValue(c)
			return true
		case verdict&recurs != 0:
			r.remember(s)
		}
		return changed
	}
	v, dirty := r.value(key, kv.Value, depth)
	kv.Value = v
	return dirty || changed
}

// hideValue takes away the value of a secret key. What is said of a value stays: auth=ok,
// phone=ringing. Of a password nothing is said, for it may be any word.
func (r *Redactor) hideValue(key attribute.Key, v *attribute.Value) (changed bool) {
	if v.Type() == attribute.STRING && r.scanner.IsSaid(string(key), v.AsString()) {
		return false
	}
	return hide(v)
}

// hide takes away a value. True and false stay.
func hide(v *attribute.Value) (changed bool) {
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

func (r *Redactor) value(key attribute.Key, v attribute.Value, depth int) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.STRING:
		s := v.AsString()
		if c := r.text(key, s); c != s {
			return attribute.StringValue(c), true
		}
	case attribute.INT64, attribute.FLOAT64:
		changed := r.hideCard(key, &v)
		return v, changed
	case attribute.STRINGSLICE:
		return r.texts(key, v)
	case attribute.INT64SLICE, attribute.FLOAT64SLICE:
		return r.figures(key, v)
	case attribute.SLICE:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		return r.elements(key, v, depth)
	case attribute.MAP:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		if out, changed := r.attributes(v.AsMap(), depth+1); changed {
			return attribute.MapValue(out...), true
		}
	}
	return v, false
}

func (r *Redactor) attributes(attrs []attribute.KeyValue, depth int) ([]attribute.KeyValue, bool) {
	return r.members(attrs, false, depth)
}

// members returns attrs without secrets, and whether any changed; with ids, their values are
// those of a user's id.
func (r *Redactor) members(attrs []attribute.KeyValue, ids bool, depth int) ([]attribute.KeyValue, bool) {
	out, copied, renamed := attrs, false, false
	for i := range attrs {
		kv := attrs[i]
		if ids && !r.hashMember(&kv, depth) || !ids && !r.attribute(&kv, depth) {
			continue
		}
		if !copied {
			out, copied = slices.Clone(attrs), true
		}
		renamed = renamed || kv.Key != attrs[i].Key
		out[i] = kv
	}
	if renamed {
		keepApart(out, attrs)
	}
	return out, copied
}
