// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
)

// A pattern is the name of a span: a word, an attribute in braces, or both.
type pattern struct {
	Word      string // "chat", or "" in "{voice.operation.name}".
	Attribute string // "gen_ai.request.model", or "" in "voice.turn".
}

func parsePattern(name string) (pattern, error) {
	word, rest, braced := strings.Cut(name, "{")
	if !braced {
		if name == "" || strings.ContainsAny(name, " }") {
			return pattern{}, errors.New("not a word, {attribute} or both with a space between")
		}
		return pattern{Word: name}, nil
	}
	id, ok := strings.CutSuffix(rest, "}")
	trimmed, spaced := strings.CutSuffix(word, " ")
	if !ok || !isName(id) || spaced != (trimmed != "") || strings.ContainsAny(trimmed, " }") {
		return pattern{}, errors.New("not a word, {attribute} or both with a space between")
	}
	return pattern{Word: trimmed, Attribute: id}, nil
}
