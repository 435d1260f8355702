// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialism returns the Go spelling of a word that is not written with one initial
// upper-case letter.
func initialism(word string) (string, bool) {
	switch word {
	case "id", "stt", "tts", "llm", "vad", "sip", "http", "url", "uri", "pid", "json", "dns", "tls":
		return strings.ToUpper(word), true
	case "ids":
		return "IDs", true
	case "ai":
		return "AI", true // From gen_ai, which becomes GenAI.
	}
	return "", false
}

// goName returns the exported Go name of a registry name. Words are separated by dots,
// underscores and hyphens; each starts with an upper-case letter.
func goName(id string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(id, func(r rune) bool { return r == '.' || r == '_' || r == '-' }) {
		if upper, ok := initialism(word); ok {
			b.WriteString(upper)
			continue
		}
		first, size := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(word[size:])
	}
	return b.String()
}

// paramName returns the Go name of a parameter that takes the attribute id.
func paramName(id string) string {
	name := goName(id)
	first := strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '_' })[0]
	return strings.ToLower(name[:len(first)]) + name[len(first):]
}
