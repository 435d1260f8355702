// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"strings"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
)

// textList returns a list of texts without secrets, and whether it changed.
func (e *Engine) textList(key attribute.Key, v attribute.Value) (attribute.Value, bool) {
	list, changed := v.AsStringSlice(), false // A copy, so it may be written to.
	afterFlag := false                        // The element before is a flag such as --password.
	for i, s := range list {
		c := Redacted
		if !afterFlag || s == "" {
			c = e.text(key, s)
		}
		afterFlag = e.isSecretFlag(s)
		if c != s {
			list[i], changed = c, true
		}
	}
	if !changed {
		return v, false
	}
	return attribute.StringSliceValue(list), true
}

// valueList returns a list of values without secrets, and whether it changed.
func (e *Engine) valueList(key attribute.Key, v attribute.Value, depth int) (attribute.Value, bool) {
	list, changed := v.AsSlice(), false // A copy, so it may be written to.
	afterFlag := false
	for i, element := range list {
		if afterFlag {
			changed = redactValue(&list[i]) || changed
		} else if c, dirty := e.value(key, element, depth+1); dirty {
			list[i], changed = c, true
		}
		afterFlag = element.Type() == attribute.STRING && e.isSecretFlag(element.AsString())
	}
	if !changed {
		return v, false
	}
	return attribute.SliceValue(list...), true
}

// isSecretFlag reports whether a text is a command-line flag whose value is secret and is the next
// element: --password and -api-key are, --password=x contains its value.
func (e *Engine) isSecretFlag(s string) bool {
	name, ok := strings.CutPrefix(s, "-")
	if !ok {
		return false
	}
	name = strings.TrimPrefix(name, "-")
	return name != "" && unicode.IsLetter(rune(name[0])) && !strings.ContainsAny(name, "=: ") && e.scanner.IsSecret(name)
}
