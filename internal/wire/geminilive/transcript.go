// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive

import (
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/wire"
)

// maxTranscript is how many bytes of an utterance's transcript are kept.
const maxTranscript = 64 << 10

// A transcript is what the user said since the newest turn, as far as it is known. The API sends it in pieces.
type transcript struct {
	characters int
	language   string
	text       []byte // Empty without content.
}

// transcribed reads a piece of what the user said. Models of 2025 and 2026 do not send "finished"
// (googleapis/js-genai, issue 1429), so that the end of the turn ends the transcript, too.
func (c *connection) transcribed() {
	m, h := c.message, &c.heard
	if text := m.Text(interimText); len(text) > 0 {
		c.Send(wire.Event{Kind: wire.Partial, Characters: utf8.RuneCount(text), Text: c.shown(text)})
	}
	if text := m.Text(heardText); len(text) > 0 {
		h.characters += utf8.RuneCount(text)
		if c.Target.Content {
			h.text = append(h.text, text[:min(len(text), maxTranscript-len(h.text))]...)
		}
		wire.Set(&h.language, m.Text(heardLanguage))
		c.Send(wire.Event{Kind: wire.Partial, Characters: h.characters, Text: c.shown(text)})
	}
	if m.True(heardFinished) {
		c.said()
	}
}

// said reports what the user said as a whole.
func (c *connection) said() {
	h := &c.heard
	if h.characters == 0 {
		return
	}
	c.Send(wire.Event{Kind: wire.Final, Characters: h.characters, Text: c.shown(h.text), Speech: wire.Speech{Language: h.language}})
	*h = transcript{text: h.text[:0], language: h.language}
}

// spoke reads a piece of what the agent says. It opens no response: Vertex AI sends it before the audio, and a piece
// can also come after the end of its response, since there is no order.
func (c *connection) spoke(text []byte) {
	if c.answer.isOpen && !c.answer.isInterrupted {
		c.token(text)
		return
	}
	if !c.hasSpoken {
		c.hasSpoken, c.spoken = true, c.spoken[:0]
	}
	if c.Target.Content {
		c.spoken = append(c.spoken, text[:min(len(text), maxTranscript-len(c.spoken))]...)
	}
}

// shown returns a text, or nil if no content may be reported.
func (c *connection) shown(text []byte) []byte {
	if !c.Target.Content {
		return nil
	}
	return text
}
