// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

// spoken is an utterance of the user.
type spoken struct {
	of         string
	turn       *turn
	stt        *otelvoice.STT
	start      time.Duration // As an offset.
	hasStart   bool
	isLate     bool     // Others had reported the words.
	heard      interval // Of the newest final transcript.
	isFinal    bool     // No words came after the final transcript.
	transcript []byte
	confidence float64
	finals     float64 // Those with a confidence.
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
	detected := r.detected.take(e.Of)
	if u.hasStart && detected.hasStop && detected.stop <= u.start {
		detected = detection{} // That was a noise.
	}
	if detected.hasStart && (!u.hasStart || detected.start < u.start && u.start-detected.start < maxUnknown) {
		u.start, u.hasStart = detected.start, true
	}
	at, isKnown := r.beginning(u, now)
	if u.turn, u.isLate = r.call.lateTurn(r.model, at, isKnown, now); !u.isLate {
		u.turn = r.call.userTurn(at, now)
	}
	if u.turn != nil {
		r.call.reported(u.turn, r.model)
		ctx := u.turn.ctx
		if u.isLate {
			ctx = vendorcall.Repetition(ctx)
		}
		_, u.stt = r.stream.Utterance(ctx, u.turn.handle, otelvoice.WithStartTime(at))
		if u.hasStart {
			u.stt.SpeechStarted(u.start)
		}
		if detected.hasStop {
			u.stt.SpeechStopped(detected.stop)
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

// beginning returns when an utterance began, or now. It is known from its offset or from a detector.
func (r *recognizer) beginning(u *spoken, now time.Time) (at time.Time, isKnown bool) {
	if u.hasStart {
		if heard, ok := r.stream.At(u.start); ok {
			return heard, true
		}
	}
	return r.call.begun(now), r.call.isSpeaking(now)
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
		u.heard = interval{e.Speech.Start, e.Speech.End}
		if !u.hasStart { // Recognisers that send offsets with final transcripts only.
			u.start, u.hasStart = e.Speech.Start, true
			u.stt.SpeechStarted(u.start)
		}
		u.stt.SpeechStopped(e.Speech.End)
		if e.Speech.End > u.start {
			u.stt.SetAudioDuration(e.Speech.End - u.start)
		}
	}
	u.isFinal = true
	u.stt.Final()
	if u.turn != nil {
		u.turn.isFinal = true
	}
}

// finish ends an utterance.
func (r *recognizer) finish(u *spoken, err error) {
	r.spoken = slices.DeleteFunc(r.spoken, func(o *spoken) bool { return o == u })
	if _, ok := r.ended[u.of]; ok || len(r.ended) < maxChannels {
		r.ended[u.of] = u.heard
	}
	u.stt.End(err)
}

// An interval is a part of the audio, as offsets.
type interval struct{ start, end time.Duration }

// finishEarly ends an utterance that has a final transcript, before the recogniser commits it.
func (r *recognizer) finishEarly(u *spoken) {
	r.finish(u, nil)
	r.waiting = u.turn
}

// isOld reports whether a transcript repeats the end of an utterance that has ended: a recogniser may send
// the final transcript again, with punctuation.
func (r *recognizer) isOld(e *wire.Event) bool {
	return e.Speech.HasOffsets && e.Speech.End > 0 && r.find(e.Of) == nil && r.ended[e.Of] == interval{e.Speech.Start, e.Speech.End}
}

// committed records that the user's turn is complete.
func (r *recognizer) committed(e *wire.Event, now time.Time) {
	t, isLate := r.waiting, false
	if u := r.find(e.Of); u != nil {
		if e.Speech.HasOffsets {
			u.stt.SpeechStopped(e.Speech.End)
		}
		r.finish(u, nil)
		t, isLate = u.turn, u.isLate
	}
	r.waiting = nil
	if t != nil && t == r.call.newest() {
		r.call.commit(t, now)
	}
	if !isLate { // Else a detector may have heard the user since.
		r.call.speaking = time.Time{}
	}
}

// heard ends the utterances of a turn that have a final transcript: the program takes them as complete.
func (r *recognizer) heard(t *turn) {
	for _, u := range slices.Clone(r.spoken) {
		if u.turn == t && u.isFinal {
			r.finishEarly(u)
		}
	}
}
