// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	api "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
)

// Message hears a transcript. The last one of an utterance is answered.
func (c *call) Message(m *api.MessageResponse) error {
	if !m.IsFinal || len(m.Channel.Alternatives) == 0 {
		return nil
	}
	if text := m.Channel.Alternatives[0].Transcript; text != "" {
		c.heard = append(c.heard, text)
	}
	if !m.SpeechFinal || len(c.heard) == 0 {
		return nil
	}
	question := strings.Join(c.heard, " ")
	c.heard = nil
	ctx, cancel := context.WithCancelCause(c.ctx)
	c.mu.Lock()
	c.answers++
	c.interrupt, c.playing = cancel, false
	c.mu.Unlock()
	go c.answer(ctx, question)
	return nil
}

// SpeechStarted stops the agent's answer.
func (c *call) SpeechStarted(*api.SpeechStartedResponse) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.interrupt == nil {
		return nil
	}
	c.interrupt(errBargeIn)
	c.interrupt = nil
	if c.playing {
		c.playing = false
		c.send(map[string]any{"event": "clear"})
		slog.Info("caller interrupts")
	}
	return nil
}

// played hears that the audio before a mark was played, or cleared.
func (c *call) played(mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if mark == c.mark() {
		c.interrupt, c.playing = nil, false
	}
}

// mark is the name of the mark after an answer.
func (c *call) mark() string { return "answer-" + strconv.Itoa(c.answers) }

// Error logs a fault of the recogniser.
func (c *call) Error(e *api.ErrorResponse) error {
	slog.Error("recogniser failed", "code", e.ErrCode, "error", e.ErrMsg)
	return nil
}

// Open, Metadata, UtteranceEnd, Close and UnhandledEvent ignore the other messages.
func (c *call) Open(*api.OpenResponse) error { return nil }

// Metadata ignores the summary of the connection.
func (c *call) Metadata(*api.MetadataResponse) error { return nil }

// UtteranceEnd ignores the end of an utterance: the transcripts have it.
func (c *call) UtteranceEnd(*api.UtteranceEndResponse) error { return nil }

// Close ignores the end of the connection.
func (c *call) Close(*api.CloseResponse) error { return nil }

// UnhandledEvent ignores messages that the SDK does not know.
func (c *call) UnhandledEvent([]byte) error { return nil }
