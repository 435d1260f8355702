// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// maxChannels is how many channels of a connection have an utterance at once.
const maxChannels = 16

// maxTranscript is how many bytes of an utterance's transcript are kept.
const maxTranscript = 64 << 10

// A recognizer records a connection to a recogniser. The connection is a stream of the session, and
// each utterance an STT stage of its turn.
type recognizer struct {
	call     *Call
	model    otelvoice.Model
	language string
	stream   *otelvoice.STTStream
	spoken   []*spoken // The open utterances, one a channel.
	began    map[string]time.Duration
	ended    map[string]interval // Of the newest utterances that have ended.
	waiting  *turn               // Of the newest utterance that ended before its commit.
	err      error               // That the provider sent.
	// recorded is for the metrics that the stream does not record.
	recorded vendorcall.Connection
	isOpen   bool
	// mayBeUnseen is true if the program may not report the audio that it sends.
	mayBeUnseen bool
	hasAudio    bool // Its audio was seen.
	lineFrames  []lineFrame
}

func (r *recognizer) notUnderstood(kind string) {
	r.recorded.NotUnderstood = appendKind(r.recorded.NotUnderstood, kind)
}

// recognizer returns the recorder of a connection. A connection to the same model as one that broke
// goes on with its stream.
func (c *Call) recognizer(request *wire.Request, started time.Time) *recognizer {
	model := otelvoice.Model{Provider: request.Provider, Name: request.Model}
	for i, lost := range c.lost {
		if lost.model == model {
			c.lost = slices.Delete(c.lost, i, i+1)
			return newRecognizer(c, request, lost.stream)
		}
	}
	_, stream := c.session.StartSTTStream(c.sessionCtx, model, otelvoice.WithStartTime(started))
	if f := request.Format; f.Codec != "" {
		stream.SetAudio(formatOf(f))
	}
	return newRecognizer(c, request, stream)
}

func newRecognizer(c *Call, request *wire.Request, stream *otelvoice.STTStream) *recognizer {
	return &recognizer{
		call: c, model: otelvoice.Model{Provider: request.Provider, Name: request.Model}, language: request.Language, stream: stream,
		began: make(map[string]time.Duration), ended: make(map[string]interval),
	}
}

func formatOf(f wire.Format) otelvoice.AudioFormat {
	return otelvoice.AudioFormat{Codec: f.Codec, SampleRate: f.SampleRate, Channels: max(f.Channels, 1)}
}

func (r *recognizer) opened(id string) {
	r.isOpen = true
	r.stream.Connected()
	r.stream.AddRequestID(id)
}

func (r *recognizer) measured(m *Measures) {
	r.stream.SetAttributes(measured(m)...)
	r.recorded.FirstMessage, r.recorded.RoundTrips = m.FirstMessage, m.RoundTrips
}

func (r *recognizer) event(e *wire.Event, now time.Time) {
	if e.Kind != wire.UserAudio {
		r.useLineAudio()
	}
	switch e.Kind {
	case wire.UserAudio:
		r.hasAudio, r.lineFrames = true, nil
		r.stream.AddFrame(e.Audio, now)
	case wire.Answered:
		r.stream.AddRequestID(e.ID)
	case wire.SpeechStarted:
		r.speechStarted(e, now)
	case wire.Partial:
		if e.Characters > 0 && !r.isOld(e) {
			u := r.utterance(e, now)
			u.isFinal = false
			u.stt.Partial()
		}
	case wire.Final:
		if e.Characters > 0 && !r.isOld(e) {
			r.final(e, now)
		}
	case wire.SpeechStopped:
		if u := r.find(e.Of); u != nil && e.Speech.HasOffsets {
			u.stt.SpeechStopped(e.Speech.End)
		}
	case wire.Committed:
		r.committed(e, now)
	case wire.Billed:
		r.stream.SetBilled(e.Audio)
	case wire.Failed:
		r.err = &providerError{class: e.Name}
	default:
	}
}

// speechStarted records that speech began, of which no words are known yet. They are those of another
// utterance if the open one has a final transcript.
func (r *recognizer) speechStarted(e *wire.Event, now time.Time) {
	if u := r.find(e.Of); u != nil && u.isFinal {
		r.finishEarly(u)
	}
	at := now
	if e.Speech.HasOffsets {
		if heard, ok := r.stream.At(e.Speech.Start); ok {
			at = heard
		}
		if len(r.began) < maxChannels {
			r.began[e.Of] = e.Speech.Start
		}
	}
	r.call.spoke(at)
}

// end ends the connection. A connection that broke may be replaced by another, which goes on with its
// stream.
func (r *recognizer) end(err error) {
	if r.err != nil {
		err = r.err
	}
	for len(r.spoken) > 0 {
		r.finish(r.spoken[0], err)
	}
	if n := len(r.recorded.NotUnderstood); n > 0 {
		r.stream.SetAttributes(semconv.VoiceStreamNotUnderstoodCount(n))
	}
	r.recorded.Stage, r.recorded.Provider, r.recorded.Model = string(wire.STT), r.model.Provider, r.model.Name
	if m := vendorcall.MeterFromContext(r.call.sessionCtx); m != nil {
		m.Connection(&r.recorded)
	}
	switch {
	case r.call.ended && err == nil: // The session ends the stream, as abandoned.
		return
	case err == nil, r.call.ended, errors.Is(err, context.Canceled): // The agent gave it up: no other follows.
		r.stream.End(err)
		return
	}
	r.err = err
	r.stream.Reconnecting(err)
	r.call.lost = append(r.call.lost, r)
}
