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
	err      error // That the provider sent.
	// recorded is for the metrics that the stream does not record.
	recorded vendorcall.Connection
	hasAudio bool // Its audio is seen.
	isOpen   bool
}

func (r *recognizer) notUnderstood(kind string) {
	r.recorded.NotUnderstood = appendKind(r.recorded.NotUnderstood, kind)
}

// spoken is an utterance of the user.
type spoken struct {
	of         string
	turn       *turn
	stt        *otelvoice.STT
	start      time.Duration // As an offset.
	hasStart   bool
	transcript []byte
	confidence float64
	finals     float64 // Those with a confidence.
}

// recognizer returns the recorder of a connection. A connection to the same model as one that broke
// goes on with its stream.
func (c *Call) recognizer(request *wire.Request, started time.Time) *recognizer {
	model := otelvoice.Model{Provider: request.Provider, Name: request.Model}
	for i, lost := range c.lost {
		if lost.model == model {
			c.lost = slices.Delete(c.lost, i, i+1)
			return &recognizer{call: c, model: model, language: request.Language, stream: lost.stream, began: make(map[string]time.Duration)}
		}
	}
	r := &recognizer{call: c, model: model, language: request.Language, began: make(map[string]time.Duration)}
	_, r.stream = c.session.StartSTTStream(c.sessionCtx, model, otelvoice.WithStartTime(started))
	if f := request.Format; f.Codec != "" {
		r.stream.SetAudio(formatOf(f))
	}
	return r
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

// lineAudio takes audio of the telephone line for that of a recogniser whose connection no tap sees, such
// as that of an SDK with callbacks. Agents send the audio on as it comes.
func (r *recognizer) lineAudio(d time.Duration, now time.Time) {
	if !r.hasAudio {
		r.stream.AddFrame(d, now)
	}
}

func (r *recognizer) event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.UserAudio:
		r.hasAudio = true
		r.stream.AddFrame(e.Audio, now)
	case wire.Answered:
		r.stream.AddRequestID(e.ID)
	case wire.SpeechStarted:
		r.speechStarted(e, now)
	case wire.Partial:
		if e.Characters > 0 {
			r.utterance(e, now).stt.Partial()
		}
	case wire.Final:
		if e.Characters > 0 {
			r.final(e, now)
		}
	case wire.SpeechStopped:
		if u := r.find(e.Of); u != nil && e.Speech.HasOffsets {
			u.stt.SpeechStopped(e.Speech.End)
		}
	case wire.Committed:
		if u := r.find(e.Of); u != nil {
			if e.Speech.HasOffsets {
				u.stt.SpeechStopped(e.Speech.End)
			}
			r.finish(u, nil)
			r.call.commit(u.turn, now)
		}
		r.call.speaking = time.Time{}
	case wire.Billed:
		r.stream.SetBilled(e.Audio)
	case wire.Failed:
		r.err = &providerError{class: e.Name}
	default:
	}
}

// speechStarted records that speech began, of which no words are known yet.
func (r *recognizer) speechStarted(e *wire.Event, now time.Time) {
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

// utterance returns the open utterance of a channel, and starts it if there is none.
func (r *recognizer) utterance(e *wire.Event, now time.Time) *spoken {
	if u := r.find(e.Of); u != nil {
		return u
	}
	u := &spoken{of: e.Of}
	if e.Speech.HasOffsets {
		u.start, u.hasStart = e.Speech.Start, true
	}
	if began, ok := r.began[e.Of]; ok {
		if !u.hasStart || began < u.start && u.start-began < maxUnknown {
			u.start, u.hasStart = began, true
		}
		delete(r.began, e.Of)
	}
	at := now
	if u.hasStart {
		if heard, ok := r.stream.At(u.start); ok {
			at = heard
		}
	} else {
		at = r.call.begun(now)
	}
	u.turn = r.call.userTurn(at)
	if u.turn != nil {
		_, u.stt = r.stream.Utterance(u.turn.ctx, u.turn.handle, otelvoice.WithStartTime(at))
		if u.hasStart {
			u.stt.SpeechStarted(u.start)
		}
		if r.language != "" {
			u.stt.SetLanguage(r.language)
		}
	}
	if len(r.spoken) == maxChannels {
		r.finish(r.spoken[0], nil)
	}
	r.spoken = append(r.spoken, u)
	return u
}

func (r *recognizer) find(of string) *spoken {
	for _, u := range r.spoken {
		if u.of == of {
			return u
		}
	}
	return nil
}

// final adds a final transcript to its utterance.
func (r *recognizer) final(e *wire.Event, now time.Time) {
	u := r.utterance(e, now)
	if len(e.Text) > 0 {
		if len(u.transcript) > 0 {
			u.transcript = append(u.transcript, ' ')
		}
		u.transcript = append(u.transcript, e.Text[:min(len(e.Text), max(maxTranscript-len(u.transcript), 0))]...)
		u.stt.SetTranscript(string(u.transcript))
	}
	if e.Speech.HasConfidence {
		u.confidence += e.Speech.Confidence
		u.finals++
		u.stt.SetConfidence(u.confidence / u.finals)
	}
	if e.Speech.Language != "" {
		u.stt.SetLanguage(e.Speech.Language)
	}
	if e.Speech.HasOffsets {
		if !u.hasStart { // Recognisers that send offsets with final transcripts only.
			u.start, u.hasStart = e.Speech.Start, true
			u.stt.SpeechStarted(u.start)
		}
		u.stt.SpeechStopped(e.Speech.End)
		if e.Speech.End > u.start {
			u.stt.SetAudioDuration(e.Speech.End - u.start)
		}
	}
	u.stt.Final()
	if u.turn != nil {
		u.turn.isFinal = true
	}
}

// finish ends an utterance.
func (r *recognizer) finish(u *spoken, err error) {
	r.spoken = slices.DeleteFunc(r.spoken, func(o *spoken) bool { return o == u })
	u.stt.End(err)
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
