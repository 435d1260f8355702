// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/reply"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/wait"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// userTurn is a turn in which the user speaks or may continue to speak.
type userTurn struct {
	ctx     context.Context //nolint:containedctx // The context of the turn.
	cancel  context.CancelCauseFunc
	turn    *otelvoice.Turn
	begun   time.Time
	audio   *audio.Recording // Nil while the user is silent.
	pending int              // How many transcriptions are in progress.
	texts   []string
	stopped time.Time // When the end of speech was reported; zero while the user speaks.

	// With a streaming recognizer:
	streaming bool             // It transcribes the current utterance.
	stt       *otelvoice.STT   // The stage of the utterance.
	said      stage.Utterance  // What was recognized of it.
	partial   bool             // The last transcript was not final.
	end       time.Duration    // Its end as an offset in the connection's audio.
	recording *audio.Recording // Its audio, for fallback providers.
	since     time.Time        // When the recognizer was last expected to answer.
	flush     int              // The number of the flush request after the end of speech.
}

// turnTranscript is a transcript of a turn, or the end of a transcription.
type turnTranscript struct {
	turn       *userTurn
	transcript voiceprovider.Transcript
	ended      bool
	text       string // At the end: the whole text.
	err        error
}

// startTurn starts a turn of the user.
func (c *call) startTurn(ctx context.Context, at time.Time, marked bool) {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.WithStartTime(at))
	ctx, cancel := context.WithCancelCause(ctx)
	if !marked {
		turn.MarkAt(otelvoice.UserStarted, at)
	}
	c.turn = &userTurn{ctx: ctx, cancel: cancel, turn: turn, begun: at}
	c.recognize(c.turn, at)
}

// recognize starts to transcribe what the user says from an instant on.
func (c *call) recognize(t *userTurn, at time.Time) {
	if c.conn != nil && !c.usesFallback() {
		c.startStreaming(t, at)
		return
	}
	recording := audio.NewRecording()
	t.audio = recording
	t.pending++
	providers := c.p.cfg.STT
	if c.conn != nil {
		providers = providers[1:]
		for _, f := range c.conn.feed.Since(at) {
			recording.Add(f)
		}
	}
	c.transcribe(t, recording, providers)
}

// transcribe transcribes a recording while it is made.
func (c *call) transcribe(t *userTurn, recording *audio.Recording, providers []voiceprovider.Transcriber) {
	go func() {
		text, err := c.p.transcribe(t.ctx, providers, recording, func(transcript voiceprovider.Transcript) {
			if transcript.EndOfTurn && c.p.cfg.EndOfTurn == BySTT {
				t.turn.UserStopped(t.lastWord(transcript), otelvoice.AnchorSTT) // Before the stage ends, which needs it.
			}
			_ = wait.Send(t.ctx, c.transcripts, turnTranscript{turn: t, transcript: transcript}) // A call that has ended ignores it.
		})
		recording.Close()
		_ = wait.Send(t.ctx, c.transcripts, turnTranscript{turn: t, ended: true, text: text, err: err})
	}()
}

func (t *userTurn) stopSpeaking(at time.Time) {
	t.stopped = at
	if !t.streaming { // A streamed utterance may continue.
		t.audio.Close()
	}
	t.audio = nil
}

// transcribed handles a transcript of the user's turn.
func (c *call) transcribed(t turnTranscript) {
	if t.turn != c.turn {
		return // The turn is over.
	}
	if t.ended {
		c.turn.pending--
		if t.text != "" {
			c.turn.texts = append(c.turn.texts, t.text)
		}
		if t.err != nil {
			c.endTurn(t.err)
			return
		}
		if c.p.cfg.EndOfTurn == BySTT && c.turn.audio != nil {
			// A recognizer that ends its sequence has detected the end of the turn.
			c.turn.turn.UserStopped(time.Time{}, otelvoice.AnchorSTT)
			c.turn.stopSpeaking(time.Now())
		}
		if c.turn.audio != nil && t.text != "" {
			c.recognize(c.turn, time.Now()) // The user continues.
		}
		c.commitIfDue()
		return
	}
	if c.p.cfg.EndOfTurn != BySTT {
		return
	}
	if c.agent != nil && t.transcript.Text != "" {
		c.agent.Turn.Interrupt(otelvoice.UserTurn, otelvoice.PlayedFor(c.agent.Position()))
		c.agent.cancel(otelvoice.ErrInterrupted)
	}
	if t.transcript.EndOfTurn && c.turn.audio != nil {
		c.turn.stopSpeaking(time.Now())
	}
}

// lastWord returns when the last word of a transcript ended, or now if that is unknown.
func (t *userTurn) lastWord(transcript voiceprovider.Transcript) time.Time {
	now := time.Now()
	if n := len(transcript.Words); n > 0 && transcript.Words[n-1].End > 0 {
		if end := t.begun.Add(transcript.Words[n-1].End); end.Before(now) {
			return end
		}
	}
	return now
}

// isTranscribed reports whether the user is silent and all that they said is transcribed.
func (t *userTurn) isTranscribed() bool { return !t.stopped.IsZero() && t.pending == 0 }

// commitIfDue starts the reply if the user's turn is over.
func (c *call) commitIfDue() {
	t := c.turn
	if t == nil || !t.isTranscribed() || time.Until(t.stopped.Add(c.p.cfg.Endpointing)) > 0 {
		return
	}
	transcript := strings.Join(t.texts, " ")
	if transcript == "" {
		t.turn.SetOutcome(otelvoice.Abandoned) // There were no words.
		c.endTurn(nil)
		return
	}
	c.waitForAgent() // An interrupted reply is about to end.
	t.turn.Mark(otelvoice.TurnCommitted)
	c.turn = nil
	c.forgetAudio()
	r := c.p.reply(t.turn, c.messages, c.out)
	c.speak(t.ctx, t.cancel, r, Result{Transcript: transcript}, func(ctx context.Context) error {
		return r.Answer(ctx, transcript)
	})
}

// endTurn ends a turn of the user that gets no answer.
func (c *call) endTurn(err error) {
	t := c.turn
	c.turn = nil
	c.forgetAudio()
	t.cancel(reply.ErrHungUp)
	reply.EndTurn(t.turn, err)
	c.report(Result{Turn: t.turn}, err)
}
