// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive

import (
	"bytes"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// sent reads a message of the program. The reference says that it has exactly one of these.
func (c *connection) sent() {
	m := c.message
	switch {
	case m.Has(inputBegin):
		c.realtime()
	case m.Has(setup):
		c.parameters()
	case m.Has(content):
		// A turn of the model is one that the program adds to the history.
		isComplete := m.True(contentComplete)
		if isComplete && m.Has(contentTurn) && !m.Is(contentRole, "model") && !c.isHistory {
			c.textSent()
		}
		c.isHistory = c.isHistory && !isComplete
	case m.Has(toolResponse):
		c.results()
	case m.Has(contextUpdate):
	default:
		c.NotUnderstood("event")
	}
}

// parameters reads the setup, which is the first message and the only one of its kind.
func (c *connection) parameters() {
	m, r := c.message, &c.Request
	name := m.Text(setupModel)
	wire.Set(&r.Model, name[bytes.LastIndexByte(name, '/')+1:]) // "models/M", "projects/P/locations/L/publishers/google/models/M".
	wire.Set(&r.Voice, m.Text(setupVoice))
	wire.Set(&r.Language, m.Text(setupLanguage))
	if f, ok := m.Float(setupTemperature); ok {
		r.Temperature = &f
	}
	if f, ok := m.Float(setupTopP); ok {
		r.TopP = &f
	}
	if n, ok := m.Int(setupMaxTokens); ok && n > 0 && n < 1<<31 {
		tokens := int(n)
		r.MaxTokens = &tokens
	}
	c.isManual = m.True(setupDetection)
	if !c.isManual {
		r.Hangover = c.milliseconds(setupSilence)
	}
	if c.lists.isText && !c.lists.isVoice {
		r.Output = wire.Format{}
	}
	c.isSpoken = m.Has(setupSpoken)
	c.isResumed = len(m.Text(setupHandle)) > 0
	c.isHistory = m.True(setupHistory)
	if c.IsAsked() {
		c.Send(wire.Event{Kind: wire.Reopened, Request: r})
		return
	}
	c.Asked()
}

// realtime reads what the program sends as it happens.
func (c *connection) realtime() {
	m := c.message
	for i := range c.lists.chunks {
		c.userAudio(&c.lists.chunks[i])
	}
	if m.Has(inputStart) {
		c.Send(wire.Event{Kind: wire.SpeechStarted})
	}
	if m.Has(inputEnd) {
		c.Send(wire.Event{Kind: wire.Committed})
	}
	if m.Kind(inputText) == jsonscan.String && len(bytes.TrimSpace(m.Text(inputText))) > 0 && !c.isManual { // "Detected voice and text input count as activity."
		c.textSent()
	}
}

// userAudio reads a piece of the user's audio. Chunks can also be images.
func (c *connection) userAudio(k *chunk) {
	format, isAudio := c.inputType.of(c.lists.text(k.name), inputRate)
	if !isAudio {
		return
	}
	if format != c.Request.Format {
		c.Request.Format = format
		if c.IsAsked() {
			c.Send(wire.Event{Kind: wire.Reopened, Request: &c.Request})
		}
	}
	c.Asked()
	c.input.hasAudio = true
	c.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(format, k.digits*3/4)})
}

// textSent reads a text that the model is to answer.
func (c *connection) textSent() {
	c.Asked()
	c.input.hasText = true
	c.Send(wire.Event{Kind: wire.Committed})
}

// results reads the results of tools. A model that waits for them begins another response then.
func (c *connection) results() {
	for i := range c.lists.results {
		r := &c.lists.results[i]
		if r.isMore {
			continue
		}
		c.input.hasTool = c.input.hasTool || !r.isSilent
		c.answer.calls = max(c.answer.calls-1, 0)
		e := wire.Event{Kind: wire.ToolAnswered, ID: string(c.lists.text(r.id))}
		if r.isError {
			e.Name = wire.ToolError
		}
		c.Send(e)
	}
	if c.answer.isWaiting && c.answer.calls == 0 {
		c.responded("completed")
	}
}
