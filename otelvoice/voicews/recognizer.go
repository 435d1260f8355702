// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"time"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// A Recognizer reports to a call what a recogniser hears, for SDKs that open their connections by
// themselves and have callbacks. It does what a tap does for a WebSocket: the call makes the stages and
// the turns. It is safe for concurrent use, and methods on a nil Recognizer do nothing. After
// [Recognizer.Closed] they do nothing either.
type Recognizer struct {
	conn    *assembler.Connection
	format  otelvoice.AudioFormat
	content bool
}

// A Transcript is what a recogniser hears of an utterance.
type Transcript struct {
	// Channel is the channel of the audio, if each one is transcribed. Else it is "".
	Channel string
	// Text is recorded only if content capture is on. A text that is empty is no speech.
	Text string
	// Start and End are the offsets of the first and the last word in the audio of the connection. They
	// are unknown if End is 0.
	Start, End time.Duration
	// Confidence is from 0 to 1. A nil one is unknown.
	Confidence *float64
	// Language is the language that was recognised, or "".
	Language string
}

// Recognizer reports that a connection to a recogniser is being opened. The language is the one that
// is asked for, or "". The format is that of the audio; it may be zero if [Recognizer.AddAudio] is not
// called. Make one for each connection: a connection to the same model after one that broke goes on
// with its stream.
func (c *Call) Recognizer(model otelvoice.Model, language string, format otelvoice.AudioFormat) *Recognizer {
	return c.RecognizerSince(model, language, format, time.Time{})
}

// RecognizerSince is [Call.Recognizer] for a connection that the program began to open at a time. It is for protocols whose first message
// says the model, so that the model is known when the connection is open. The zero time is now.
func (c *Call) RecognizerSince(model otelvoice.Model, language string, format otelvoice.AudioFormat, started time.Time) *Recognizer {
	if c == nil {
		return nil
	}
	request := &wire.Request{Stage: wire.STT, Provider: model.Provider, Model: model.Name, Language: language, Format: wire.Format(format)}
	r := &Recognizer{conn: c.call.Connect(request, started), format: format, content: c.call.Content()}
	r.conn.MayBeUnseen()
	return r
}

// Opened reports that the connection is open. The id is the provider's, or "".
func (r *Recognizer) Opened(id string) {
	if r != nil {
		r.conn.Opened(id)
	}
}

// AddRequestID adds the ID that the provider gave the connection.
func (r *Recognizer) AddRequestID(id string) {
	if id != "" {
		r.report(&wire.Event{Kind: wire.Answered, ID: id})
	}
}

// AddAudio reports audio that is sent. Its end counts as heard now: that maps offsets to times. It does
// not retain data. If it is never called, the audio of the call's telephone line is taken for it.
func (r *Recognizer) AddAudio(data []byte) {
	if r != nil {
		r.conn.UserAudio(r.format.Duration(int64(len(data))))
	}
}

// SpeechStarted reports that the user began to speak, at an offset. A negative offset is unknown: the user is taken to begin now.
func (r *Recognizer) SpeechStarted(channel string, at time.Duration) {
	r.report(&wire.Event{Kind: wire.SpeechStarted, Of: channel, Speech: wire.Speech{Start: at, End: at, HasOffsets: at >= 0}})
}

// Partial reports an interim transcript.
func (r *Recognizer) Partial(t *Transcript) { r.transcript(wire.Partial, t) }

// Final reports a final transcript. An utterance may have several.
func (r *Recognizer) Final(t *Transcript) { r.transcript(wire.Final, t) }

func (r *Recognizer) transcript(kind wire.Kind, t *Transcript) {
	if r == nil || t == nil {
		return
	}
	e := wire.Event{Kind: kind, Of: t.Channel, Characters: utf8.RuneCountInString(t.Text)}
	e.Speech = wire.Speech{Start: t.Start, End: t.End, HasOffsets: t.End > 0, Language: t.Language}
	if t.Confidence != nil {
		e.Speech.Confidence, e.Speech.HasConfidence = *t.Confidence, true
	}
	if r.content {
		e.Text = []byte(t.Text)
	}
	r.report(&e)
}

// Committed reports that the user's turn is complete. The end is the offset of the last word, or 0 if the
// final transcripts have it.
func (r *Recognizer) Committed(channel string, end time.Duration) {
	r.report(&wire.Event{Kind: wire.Committed, Of: channel, Speech: wire.Speech{End: end, HasOffsets: end > 0}})
}

// SetBilled reports how much audio the provider bills for the connection.
func (r *Recognizer) SetBilled(audio time.Duration) {
	r.report(&wire.Event{Kind: wire.Billed, Audio: audio})
}

// NotUnderstood counts a message that could not be read, in voice.stream.not_understood.count. The kind says what it was. It is a
// dimension of the metric, and must have few values.
func (r *Recognizer) NotUnderstood(kind string) {
	r.report(&wire.Event{Kind: wire.NotUnderstood, Name: kind})
}

// Closed reports that the connection is closed, with the error that closed it, or nil. A connection that
// an error closed is one that broke: the next one to the same model goes on with its stream. One that the program gave up is closed
// with [context.Canceled]: its stream ends, as abandoned.
func (r *Recognizer) Closed(err error) {
	if r != nil {
		r.conn.Closed(err)
	}
}

func (r *Recognizer) report(e *wire.Event) {
	if r != nil {
		r.conn.Event(e)
	}
}
