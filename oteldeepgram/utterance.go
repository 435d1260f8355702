// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import (
	"context"
	"time"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"

	"github.com/voice-agents/telemetry/otelvoice"
)

// maxTranscript is how much of the transcript of an utterance is kept.
const maxTranscript = 64 << 10

// An utterance is what the user says without a pause, in one or more final transcripts.
type utterance struct {
	stt        *otelvoice.STT
	transcript []byte
	confidence float64 // The sum over words.
	words      int
	start      time.Duration // As an offset in the audio.
}

// transcribed records a transcript. The lock is held.
func (r *Recognizer) transcribed(mr *listen.MessageResponse) {
	if !r.isOpen {
		return
	}
	r.addRequestID(mr.Metadata.RequestID)
	channel := channelOf(mr.ChannelIndex)
	if len(mr.Channel.Alternatives) > 0 && mr.Channel.Alternatives[0].Transcript != "" {
		best := &mr.Channel.Alternatives[0]
		u := r.utterance(channel, mr, best)
		if mr.IsFinal {
			u.add(mr, best)
		} else {
			u.stt.Partial()
		}
	}
	if mr.SpeechFinal || mr.FromFinalize {
		r.endUtterance(channel, nil)
	}
}

// utterance returns the utterance of a channel, and starts it if there is none. The lock is held.
func (r *Recognizer) utterance(channel int, mr *listen.MessageResponse, best *listen.Alternative) *utterance {
	if u := r.utterances[channel]; u != nil {
		return u
	}
	start := seconds(mr.Start)
	if len(best.Words) > 0 {
		start = seconds(best.Words[0].Start)
	}
	if at, ok := r.started[channel]; ok {
		start = min(start, at)
	}
	delete(r.started, channel)
	u := &utterance{start: start}
	r.utterances[channel] = u
	var opts []otelvoice.StartOption
	if at, ok := r.stream.At(start); ok {
		opts = append(opts, otelvoice.WithStartTime(at))
	} else if at, ok := r.reported[channel]; ok {
		opts = append(opts, otelvoice.WithStartTime(at))
	}
	delete(r.reported, channel)
	ctx, turn := r.turn(opts)
	if turn == nil {
		return u
	}
	stageOpts := make([]otelvoice.StageOption, len(opts))
	for i, opt := range opts {
		stageOpts[i] = opt
	}
	_, u.stt = r.stream.Utterance(ctx, turn, stageOpts...)
	u.stt.SpeechStarted(start)
	switch {
	case len(best.Languages) > 0: // Of a multilingual model.
		u.stt.SetLanguage(best.Languages[0])
	case r.language != "" && r.language != "multi":
		u.stt.SetLanguage(r.language)
	}
	return u
}

// turn returns the turn of an utterance, and its context. The lock is held.
func (r *Recognizer) turn(opts []otelvoice.StartOption) (context.Context, *otelvoice.Turn) {
	ctx := r.session.Context(context.Background())
	if r.config.turn != nil {
		return ctx, r.config.turn(ctx)
	}
	if r.config.turnPerUtterance {
		r.turns.End()
		ctx = r.session.Context(context.Background())
	} else if turn := otelvoice.TurnFromContext(ctx); turn != nil {
		return ctx, turn
	}
	turnOpts := make([]otelvoice.TurnOption, len(opts))
	for i, opt := range opts {
		turnOpts[i] = opt
	}
	ctx, turn := r.session.StartTurn(ctx, turnOpts...)
	if r.config.turnPerUtterance {
		r.turns = turn
	}
	return ctx, turn
}

// add adds a final transcript.
func (u *utterance) add(mr *listen.MessageResponse, best *listen.Alternative) {
	if len(u.transcript) > 0 {
		u.transcript = append(u.transcript, ' ')
	}
	u.transcript = append(u.transcript, best.Transcript[:min(len(best.Transcript), max(maxTranscript-len(u.transcript), 0))]...)
	words, end := 1, mr.Start+mr.Duration
	if n := len(best.Words); n > 0 {
		words, end = n, best.Words[n-1].End
	}
	u.words += words
	u.confidence += best.Confidence * float64(words)
	u.stt.SetTranscript(string(u.transcript))
	u.stt.SetConfidence(u.confidence / float64(u.words))
	u.stopped(seconds(end))
	u.stt.Final()
}

// stopped records the end of the speech.
func (u *utterance) stopped(end time.Duration) {
	u.stt.SpeechStopped(end)
	if end > u.start {
		u.stt.SetAudioDuration(end - u.start)
	}
}

// speechStarted keeps the start of speech that has no transcript yet. The lock is held.
func (r *Recognizer) speechStarted(channel int, at time.Duration) {
	if r.isOpen && r.utterances[channel] == nil {
		r.started[channel], r.reported[channel] = at, time.Now()
	}
}

// utteranceEnded ends an utterance that Deepgram ends by its words. The lock is held.
func (r *Recognizer) utteranceEnded(channel int, lastWordEnd float64) {
	u := r.utterances[channel]
	if u == nil {
		return
	}
	if lastWordEnd > 0 { // It is -1 if Deepgram does not know it.
		u.stopped(seconds(lastWordEnd))
	}
	r.endUtterance(channel, nil)
}

// endUtterance ends the utterance of a channel, if there is one. The lock is held.
func (r *Recognizer) endUtterance(channel int, err error) {
	if u := r.utterances[channel]; u != nil {
		u.stt.End(err)
	}
	delete(r.utterances, channel)
	delete(r.started, channel)
	delete(r.reported, channel)
}
