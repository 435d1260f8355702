// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package protojson names the fields of Protocol Buffers in JSON. A parser accepts two names of a field:
// the one in camel case, and the one with underscores of its definition. See
// https://protobuf.dev/programming-guides/json.
package protojson

import (
	"strings"
	"unicode"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// Fields returns the fields for all spellings of the paths, which are given in camel case. A message may
// mix the spellings.
func Fields(fields ...jsonscan.Field) (all []jsonscan.Field) {
	for _, f := range fields {
		for _, path := range spellings(f.Path) {
			f.Path = path
			all = append(all, f)
		}
	}
	return all
}

// spellings returns the spellings of a path. It returns two for each name of several words.
func spellings(path string) []string {
	name, rest, isLonger := strings.Cut(path, ".")
	names := []string{name}
	if other := underscored(name); other != name {
		names = append(names, other)
	}
	if !isLonger {
		return names
	}
	var paths []string
	for _, ending := range spellings(rest) {
		for _, name := range names {
			paths = append(paths, name+"."+ending)
		}
	}
	return paths
}

// underscored returns a name in camel case with underscores: "mimeType" is "mime_type".
func underscored(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
