// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// maxUtterances is how many channels of a stream have an utterance at once.
const maxUtterances = 16

// maxTranscript is how many bytes of an utterance's transcript are kept.
const maxTranscript = 64 << 10

// A hearing records a stream in a session that no call assembles.
type hearing struct {
	session  *otelvoice.Session
	stream   *otelvoice.STTStream
	language string

	closing atomic.Pointer[ending] // That the stream has ended.

	// mu is held while turns are started, whose observers are the program's. They may send on the stream: AddAudio and Closed do not
	// wait for it.
	mu         sync.Mutex
	isClosed   bool
	utterances map[string]*utterance // By channel.
	began      map[string]beginning  // Speech of which no words are known, by channel.
	turn       *otelvoice.Turn       // The newest one that the hearing started.
}

// An ending is how the stream ended.
type ending struct{ err error }

// An utterance is what the user says up to a final result.
type utterance struct {
	stt        *otelvoice.STT
	transcript []byte
	confidence float64
	finals     float64 // Those with a confidence.
	start      time.Duration
	hasStart   bool
}

// A beginning is when speech began: at an offset, unless it is negative, and when that was reported.
type beginning struct {
	offset   time.Duration
	reported time.Time
}

func newHearing(session *otelvoice.Session, model otelvoice.Model, r request, started time.Time) *hearing {
	h := &hearing{
		session: session, language: r.language,
		utterances: make(map[string]*utterance, 1), began: make(map[string]beginning, 1),
	}
	_, h.stream = session.StartSTTStream(session.Context(context.Background()), model, otelvoice.WithStartTime(started))
	h.stream.SetAudio(r.format)
	return h
}

// Opened records that the stream is open.
func (h *hearing) Opened(string) { h.stream.Connected() }

// AddRequestID adds the ID of the stream.
func (h *hearing) AddRequestID(id string) { h.stream.AddRequestID(id) }

// AddAudio records audio that is sent.
func (h *hearing) AddAudio(data []byte) { h.stream.AddAudio(data) }

// SetBilled records what is billed.
func (h *hearing) SetBilled(audio time.Duration) { h.stream.SetBilled(audio) }

// NotUnderstood does nothing: only calls count what they do not understand.
func (h *hearing) NotUnderstood(string) {}

// SpeechStarted keeps when speech began. It begins no utterance: noise is reported as speech, too.
func (h *hearing) SpeechStarted(channel string, at time.Duration) {
	h.mu.Lock()
	defer h.unlock()
	if h.utterances[channel] == nil && len(h.began) < maxUtterances {
		h.began[channel] = beginning{at, time.Now()}
	}
}

// Partial counts an interim transcript.
func (h *hearing) Partial(t *voicews.Transcript) {
	h.mu.Lock()
	defer h.unlock()
	if u := h.utterance(t); u != nil {
		u.stt.Partial()
	}
}

// Final adds a final transcript to its utterance.
func (h *hearing) Final(t *voicews.Transcript) {
	h.mu.Lock()
	defer h.unlock()
	if u := h.utterance(t); u != nil {
		u.add(t)
	}
}

// Committed ends an utterance.
func (h *hearing) Committed(channel string, end time.Duration) {
	h.mu.Lock()
	defer h.unlock()
	if u := h.utterances[channel]; u != nil && end > 0 {
		u.stt.SpeechStopped(end)
	}
	h.finish(channel, nil)
}

// Closed ends the utterances, their turn and the stream. If the lock is held, what holds it does.
func (h *hearing) Closed(err error) {
	h.closing.CompareAndSwap(nil, &ending{err})
	h.closeIfEnded()
}

func (h *hearing) unlock() {
	h.mu.Unlock()
	h.closeIfEnded()
}

func (h *hearing) closeIfEnded() {
	end := h.closing.Load()
	if end == nil || !h.mu.TryLock() {
		return
	}
	defer h.mu.Unlock()
	if h.isClosed {
		return
	}
	h.isClosed = true
	for channel := range h.utterances {
		h.finish(channel, end.err)
	}
	h.turn.End()
	h.stream.End(end.err)
}

// utterance returns the utterance of a transcript, and starts it if there is none. It is nil without words and after the end.
func (h *hearing) utterance(t *voicews.Transcript) *utterance {
	if t.Text == "" || h.isClosed {
		return nil
	}
	if u := h.utterances[t.Channel]; u != nil {
		return u
	}
	if len(h.utterances) == maxUtterances {
		return nil
	}
	u := &utterance{start: t.Start, hasStart: t.End > 0}
	began, isKnown := h.began[t.Channel]
	delete(h.began, t.Channel)
	if isKnown && began.offset >= 0 && (!u.hasStart || began.offset < u.start) {
		u.start, u.hasStart = began.offset, true
	}
	at := time.Now()
	if isKnown {
		at = began.reported
	}
	if u.hasStart {
		if heard, ok := h.stream.At(u.start); ok {
			at = heard
		}
	}
	ctx, turn := h.openTurn(at)
	_, u.stt = h.stream.Utterance(ctx, turn, otelvoice.WithStartTime(at))
	if u.hasStart {
		u.stt.SpeechStarted(u.start)
	}
	if h.language != "" {
		u.stt.SetLanguage(h.language)
	}
	h.utterances[t.Channel] = u
	return u
}

// openTurn returns the turn of an utterance that began at a time: the newest one that the program has open, or a new one.
func (h *hearing) openTurn(at time.Time) (context.Context, *otelvoice.Turn) {
	h.turn.End()
	h.turn = nil
	ctx := h.session.Context(context.Background())
	if turn := otelvoice.TurnFromContext(ctx); turn != nil {
		return ctx, turn
	}
	ctx, h.turn = h.session.StartTurn(ctx, otelvoice.WithStartTime(at))
	return ctx, h.turn
}

// add adds a final transcript.
func (u *utterance) add(t *voicews.Transcript) {
	if len(u.transcript) > 0 {
		u.transcript = append(u.transcript, ' ')
	}
	u.transcript = append(u.transcript, t.Text[:min(len(t.Text), max(maxTranscript-len(u.transcript), 0))]...)
	u.stt.SetTranscript(string(u.transcript))
	if t.Confidence != nil {
		u.confidence += *t.Confidence
		u.finals++
		u.stt.SetConfidence(u.confidence / u.finals)
	}
	if t.Language != "" {
		u.stt.SetLanguage(t.Language)
	}
	if t.End > 0 {
		if !u.hasStart {
			u.start, u.hasStart = t.Start, true
			u.stt.SpeechStarted(u.start)
		}
		u.stt.SpeechStopped(t.End)
		if t.End > u.start {
			u.stt.SetAudioDuration(t.End - u.start)
		}
	}
	u.stt.Final()
}

// finish ends the utterance of a channel, if there is one.
func (h *hearing) finish(channel string, err error) {
	if u := h.utterances[channel]; u != nil {
		u.stt.End(err)
	}
	delete(h.utterances, channel)
}
