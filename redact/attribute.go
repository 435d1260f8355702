// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// maxDepth bounds how deep nested values are followed; the SDK's own limit.
const maxDepth = 64

// Attribute returns kv without secrets, and whether it changed. A value whose
// key is secret becomes [REDACTED], whatever its type; true and false stay.
func (r *Redactor) Attribute(kv attribute.KeyValue) (attribute.KeyValue, bool) {
	changed := r.Scrub(&kv)
	return kv, changed
}

// Scrub does to the attribute itself what [Redactor.Attribute] does to a copy.
func (r *Redactor) Scrub(kv *attribute.KeyValue) (changed bool) {
	if r == nil {
		return false
	}
	return r.attribute(kv, 0)
}

// Attributes returns attrs without secrets, and whether any changed. The slice is
// copied only if so; the argument is never written to.
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

// Hides reports whether it is for its key that an attribute changes: because that says that
// the value is secret, or whose it is. Of the others, numbers stay, and [Redactor.Text] is
// for texts.
func (r *Redactor) Hides(key attribute.Key) bool {
	return r != nil && r.judge(key)&(secret|whose) != 0
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
	verdict := r.known.Of(kv.Key).Verdict
	if verdict == secret {
		return hide(kv)
	}
	switch kv.Value.Type() {
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return false
	case attribute.STRING:
		s := kv.Value.AsString()
		switch {
		case verdict == whose:
			return r.hash(kv, s)
		case verdict == recurs && r.clean.has(s):
			return false
		}
		c := r.text(kv.Key, s)
		switch {
		case c != s:
			kv.Value = attribute.StringValue(c)
			return true
		case verdict == recurs:
			r.remember(s)
		}
		return false
	}
	kv.Value, changed = r.value(kv.Key, kv.Value, depth)
	return changed
}

// hide takes away the value of a secret key.
func hide(kv *attribute.KeyValue) (changed bool) {
	switch kv.Value.Type() {
	case attribute.BOOL, attribute.EMPTY:
		return false
	case attribute.STRING:
		if s := kv.Value.AsString(); s == "" || s == Redacted {
			return false
		}
	}
	kv.Value = attribute.StringValue(Redacted)
	return true
}

func isUserID(key attribute.Key) bool {
	switch key {
	case "user.id", "user_id", "enduser.id":
		return true
	}
	return false
}

const (
	hashPrefix = "u_"
	hashBytes  = 8
)

func (r *Redactor) hash(kv *attribute.KeyValue, id string) (changed bool) {
	if id == "" || isHash(id) {
		return false
	}
	mac := hmac.New(sha256.New, r.userKey)
	mac.Write([]byte(id))
	kv.Value = attribute.StringValue(hashPrefix + hex.EncodeToString(mac.Sum(nil)[:hashBytes]))
	return true
}

// isHash reports whether an id was hashed before, by another process perhaps,
// that handed it on.
func isHash(id string) bool {
	if len(id) != len(hashPrefix)+2*hashBytes || id[:len(hashPrefix)] != hashPrefix {
		return false
	}
	_, err := hex.DecodeString(id[len(hashPrefix):])
	return err == nil
}

func (r *Redactor) value(key attribute.Key, v attribute.Value, depth int) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.STRING:
		s := v.AsString()
		if c := r.text(key, s); c != s {
			return attribute.StringValue(c), true
		}
	case attribute.STRINGSLICE:
		list, changed := v.AsStringSlice(), false // A copy, so it may be written to.
		for i, s := range list {
			if c := r.text(key, s); c != s {
				list[i], changed = c, true
			}
		}
		if changed {
			return attribute.StringSliceValue(list), true
		}
	case attribute.SLICE:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		list, changed := v.AsSlice(), false
		for i, e := range list {
			if c, ok := r.value(key, e, depth+1); ok {
				list[i], changed = c, true
			}
		}
		if changed {
			return attribute.SliceValue(list...), true
		}
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
	out, copied := attrs, false
	for i, kv := range attrs {
		if !r.attribute(&kv, depth) {
			continue
		}
		if !copied {
			out, copied = slices.Clone(attrs), true
		}
		out[i] = kv
	}
	return out, copied
}
