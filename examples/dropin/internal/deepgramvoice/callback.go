// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package deepgramvoice records the streaming recognition of deepgram-go-sdk, which has no HTTP
// client or dialer that could be replaced.
package deepgramvoice

import (
	"context"
	"time"

	api "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Callback wraps the callback of a connection. Each utterance is a stage. When an utterance is
// final, its turn starts, before next gets the message: the requests that next sends are stages of
// that turn. A turn ends when the next one starts or the connection is closed.
func Callback(session *otelvoice.Session, options *interfaces.LiveTranscriptionOptions, next api.LiveMessageCallback) api.LiveMessageCallback {
	c := &callback{LiveMessageCallback: next, session: session}
	c.ctx, c.stream = session.StartSTTStream(session.Context(context.Background()), otelvoice.Model{Provider: "deepgram", Name: options.Model})
	if options.Encoding == "mulaw" {
		c.stream.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecMuLaw, SampleRate: options.SampleRate, Channels: options.Channels})
	}
	return c
}

type callback struct {
	api.LiveMessageCallback

	ctx     context.Context //nolint:containedctx // The callbacks have no context.
	session *otelvoice.Session
	stream  *otelvoice.STTStream

	turn     *otelvoice.Turn // The newest.
	spoke    time.Time       // When the utterance began.
	partials int
}

// Open records that the connection is open.
func (c *callback) Open(m *api.OpenResponse) error {
	c.stream.Connected()
	return c.LiveMessageCallback.Open(m)
}

// SpeechStarted records when an utterance began.
func (c *callback) SpeechStarted(m *api.SpeechStartedResponse) error {
	if c.spoke.IsZero() {
		c.spoke = time.Now()
	}
	return c.LiveMessageCallback.SpeechStarted(m)
}

// Message records a transcript.
func (c *callback) Message(m *api.MessageResponse) error {
	if len(m.Channel.Alternatives) > 0 {
		switch best := m.Channel.Alternatives[0]; {
		case !m.IsFinal:
			c.partials++
		case m.SpeechFinal && best.Transcript != "":
			c.final(m, &best)
		}
	}
	return c.LiveMessageCallback.Message(m)
}

func (c *callback) final(m *api.MessageResponse, best *api.Alternative) {
	c.turn.End()
	var ctx context.Context
	ctx, c.turn = c.session.StartTurn(c.ctx, otelvoice.WithStartTime(c.spoke))
	_, stt := c.stream.Utterance(ctx, c.turn, otelvoice.WithStartTime(c.spoke))
	for range c.partials {
		stt.Partial()
	}
	stt.SetAudioDuration(time.Duration(m.Duration * float64(time.Second)))
	stt.SetConfidence(best.Confidence)
	stt.SetTranscript(best.Transcript)
	stt.AddRequestID(m.Metadata.RequestID)
	stt.Final()
	stt.End(nil)
	c.spoke, c.partials = time.Time{}, 0
}

// Close records the end of the connection.
func (c *callback) Close(m *api.CloseResponse) error {
	c.turn.End()
	c.stream.End(nil)
	return c.LiveMessageCallback.Close(m)
}
