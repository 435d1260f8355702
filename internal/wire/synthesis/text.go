// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package synthesis holds what decoders of speech synthesis have in common: the text that is sent,
// and the audio that is received.
package synthesis

import (
	"strings"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/ssml"
)

// A Text is the text to synthesise, as it passes. Some requests say only after the text whether it
// has markup, so that it is read as both. The zero value is ready for use.
type Text struct {
	characters int
	start      []byte
	markup     ssml.Scanner
}

// Read reads a piece of the text.
func (t *Text) Read(p []byte) {
	for _, c := range p {
		if utf8.RuneStart(c) {
			t.characters++
		}
	}
	t.start = append(t.start, p[:min(len(p), ssml.MaxText-len(t.start))]...)
	t.markup.Scan(p)
}

// Fill sets the fields of a request that the text says. The text itself is set if the request has
// content. The voice and the language of the markup are those of parts of the text, and are not
// replaced if the request has others.
func (t *Text) Fill(r *wire.Request, isMarkup, content bool) {
	if !isMarkup {
		r.Characters = t.characters
		if content {
			r.Text = strings.ToValidUTF8(string(t.start), "")
		}
		return
	}
	r.Characters = t.markup.Characters()
	if content {
		r.Text = t.markup.Text()
	}
	if r.Voice == "" {
		r.Voice = t.markup.Voice()
	}
	if r.Language == "" {
		r.Language = t.markup.Language()
	}
}
