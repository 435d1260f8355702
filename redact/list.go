// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"strings"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
)

// texts returns a list of texts without secrets, and whether it changed.
func (r *Redactor) texts(key attribute.Key, v attribute.Value) (attribute.Value, bool) {
	list, changed := v.AsStringSlice(), false // A copy, so it may be written to.
	behind := false                           // A flag that says that its value is secret.
	for i, s := range list {
		c := Redacted
		if !behind || s == "" {
			c = r.text(key, s)
		}
		behind = r.isSecretFlag(s)
		if c != s {
			list[i], changed = c, true
		}
	}
	if !changed {
		return v, false
	}
	return attribute.StringSliceValue(list), true
}

// elements returns a list of values without secrets, and whether it changed.
func (r *Redactor) elements(key attribute.Key, v attribute.Value, depth int) (attribute.Value, bool) {
	list, changed := v.AsSlice(), false // A copy.
	behind := false
	for i, e := range list {
		if behind {
			changed = hide(&list[i]) || changed
		} else if c, dirty := r.value(key, e, depth+1); dirty {
			list[i], changed = c, true
		}
		behind = e.Type() == attribute.STRING && r.isSecretFlag(e.AsString())
	}
	if !changed {
		return v, false
	}
	return attribute.SliceValue(list...), true
}

// isSecretFlag reports whether a text is a flag of a command line whose value is secret, and
// comes behind it: --password and -api-key are, --password=x has its value with it.
func (r *Redactor) isSecretFlag(s string) bool {
	name, ok := strings.CutPrefix(s, "-")
	if !ok {
		return false
	}
	name = strings.TrimPrefix(name, "-")
	return name != "" && unicode.IsLetter(rune(name[0])) && !strings.ContainsAny(name, "=: ") && r.scanner.IsSecret(name)
}
