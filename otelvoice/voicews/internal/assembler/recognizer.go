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
	request  *wire.Request // The decoder writes it: it is read in events only.
	model    otelvoice.Model
	format   wire.Format
	language string
	stream   *otelvoice.STTStream
	observed vendorcall.Stream // The same.
	spoken   []*spoken         // The open utterances, one a channel.
	detected detections
	ended    map[string]interval // Of the newest utterances that have ended.
	waiting  *turn               // Of the newest utterance that ended before its commit.
	fault    fault
	closed   Side
	err      error // That ended a connection which may be replaced.
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
	r := &recognizer{
		call: c, request: request, model: otelvoice.Model{Provider: request.Provider, Name: request.Model},
		ended: make(map[string]interval),
	}
	for i, lost := range c.lost {
		if lost.model == r.model || lost.model.Provider == request.Provider && request.Model == "" { // It may say its model later.
			c.lost = slices.Delete(c.lost, i, i+1)
			r.model, r.format, r.stream, r.observed = lost.model, lost.format, lost.stream, lost.observed
			break
		}
	}
	if r.stream == nil {
		ctx, stream := c.session.StartSTTStream(c.sessionCtx, r.model, otelvoice.WithStartTime(started))
		r.stream, r.observed = stream, vendorcall.StreamFromContext(ctx)
	}
	r.asked()
	return r
}

// asked takes what is known of the request by now. Some protocols say it after the connection is open.
func (r *recognizer) asked() {
	if r.model.Name == "" && r.request.Model != "" {
		r.model.Name = r.request.Model
		r.observed.ModelObserved(r.model.Name)
	}
	r.language = r.request.Language
	if f := r.request.Format; f.Codec != "" && f != r.format {
		r.format = f
		r.stream.SetAudio(formatOf(f))
	}
}

func formatOf(f wire.Format) otelvoice.AudioFormat {
	return otelvoice.AudioFormat{Codec: f.Codec, SampleRate: f.SampleRate, Channels: max(f.Channels, 1)}
}

func (r *recognizer) opened(id string, at time.Time) {
	r.isOpen = true
	r.observed.ConnectedObserved(at)
	r.stream.AddRequestID(id)
}

func (r *recognizer) measured(m *Measures) {
	r.stream.SetAttributes(measured(m)...)
	r.recorded.FirstMessage, r.recorded.RoundTrips, r.closed = m.FirstMessage, m.RoundTrips, m.ClosedBy
}

func (r *recognizer) event(e *wire.Event, now time.Time) {
	if e.Kind != wire.UserAudio {
		r.useLineAudio()
		r.fault.follow(e)
	}
	switch e.Kind {
	case wire.UserAudio:
		r.hasAudio, r.lineFrames = true, nil
		r.stream.AddFrame(e.Audio, now)
	case wire.Requested, wire.Reopened:
		r.asked()
	case wire.Answered:
		r.asked()
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
		r.speechStopped(e)
	case wire.Committed:
		r.committed(e, now)
	case wire.Billed:
		r.stream.SetBilled(e.Audio)
	case wire.Used:
		r.observed.UsedObserved(e.Usage)
	case wire.Refused:
		r.refused(e)
	default:
	}
}

// refused records an error after which the stream goes on. That of an utterance ends it.
func (r *recognizer) refused(e *wire.Event) {
	err := r.fault.refused()
	if err != nil {
		r.observed.RefusedObserved(err)
	}
	if u := r.find(e.Of); u != nil && e.Of != "" {
		r.finish(u, &providerError{class: e.Name})
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
		r.detected.add(e)
	}
	r.call.spoke(at)
}

// speechStopped records that speech stopped. Some recognisers send its words later.
func (r *recognizer) speechStopped(e *wire.Event) {
	if !e.Speech.HasOffsets {
		return
	}
	if u := r.find(e.Of); u != nil {
		u.stt.SpeechStopped(e.Speech.End)
		return
	}
	r.detected.add(e)
}

// end ends the connection. A connection that broke may be replaced by another, which goes on with its
// stream.
func (r *recognizer) end(err error) {
	err = r.fault.cause(err, r.closed)
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
