// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// startStreaming assigns what a streaming recognizer transcribes from an instant on to the
// turn. If the user continues before the last words were transcribed, the utterance
// continues.
func (c *call) startStreaming(t *userTurn, at time.Time) {
	t.since = time.Now()
	if t.streaming {
		t.audio, t.flush = t.recording, 0
		return
	}
	t.pending++
	t.audio = audio.NewRecording()
	t.recording = t.audio
	for _, f := range c.conn.feed.Since(at) {
		t.audio.Add(f)
	}
	c.conn.feed.Keep(at)
	t.said, t.partial, t.end, t.flush = stage.Utterance{}, false, 0, 0
	_, t.stt = c.conn.stream.Utterance(t.ctx, t.turn)
	t.streaming = true
}

// endUtterance ends a streamed utterance.
func (c *call) endUtterance(t *userTurn) {
	t.stt.End(nil)
	c.last = lastUtterance{end: t.end, text: t.said.Text, at: time.Now()}
	t.streaming = false
	t.pending--
	t.recording.Close()
	if t.said.Text != "" {
		t.texts = append(t.texts, t.said.Text)
	}
	c.forgetAudio()
}

// forgetAudio releases the audio of an utterance.
func (c *call) forgetAudio() {
	if c.conn != nil {
		c.conn.feed.Keep(time.Time{})
	}
}

// maxUpdates bounds the updates that are kept for a possible interruption.
const maxUpdates = 64

// usesFallback reports whether fallback providers transcribe, because the streaming
// recognizer is not connected.
func (c *call) usesFallback() bool { return c.down && len(c.p.cfg.STT) > 1 }

// updated handles an update from a streaming recognizer.
func (c *call) updated(ctx context.Context, u update) {
	bySTT := c.p.cfg.EndOfTurn == BySTT
	switch {
	case u.connected:
		c.down, c.last = false, lastUtterance{}
		if t := c.turn; t != nil && t.streaming {
			t.said, t.partial, t.end = stage.Utterance{}, false, 0 // It gets the whole utterance again.
		}
		return
	case u.down != nil:
		c.down = true
		c.fallBack(u.down)
		return
	}
	if bySTT && (c.turn == nil || !c.turn.partial) && c.last.isRepeated(u.Transcript) {
		return
	}
	if bySTT {
		c.speechStarted(ctx, u)
	}
	if c.barge != nil {
		if u.SpeechStopped != nil && bySTT && u.Text == "" {
			c.userStopped(time.Now(), 0) // There were no words.
			return
		}
		if len(c.barge.updates) < maxUpdates {
			c.barge.updates = append(c.barge.updates, u)
		}
		return
	}
	if t := c.turn; t != nil && t.streaming {
		c.addTranscript(t, u)
	}
}

// speechStarted starts a turn, or interrupts the agent, if the recognizer detected speech or
// words.
func (c *call) speechStarted(ctx context.Context, u update) {
	if u.SpeechStarted == nil && u.Text == "" {
		return
	}
	at := u.started
	if now := time.Now(); at.IsZero() || at.After(now) {
		at = now
	}
	if c.turn == nil && c.barge == nil {
		c.userStarted(ctx, at, u.SpeechStarted != nil && !u.started.IsZero())
	}
	if c.barge != nil && u.Text != "" {
		c.interrupt(ctx) // Words are not a cough.
	}
}

// addTranscript adds a transcript to the utterance, and ends the utterance if it is complete.
func (c *call) addTranscript(t *userTurn, u update) {
	if u.SpeechStarted != nil {
		t.stt.SpeechStarted(*u.SpeechStarted)
	}
	bySTT := c.p.cfg.EndOfTurn == BySTT
	stopped := u.SpeechStopped
	if n := len(u.Words); stopped == nil && u.EndOfTurn && n > 0 && u.Words[n-1].End > 0 {
		stopped = &u.Words[n-1].End
	}
	if stopped != nil {
		t.stt.SpeechStopped(*stopped)
	} else if u.EndOfTurn && bySTT {
		t.turn.UserStopped(time.Time{}, otelvoice.AnchorSTT)
	}
	t.end = max(t.end, stage.EndOf(u.Transcript))
	if u.Text != "" || u.Final {
		t.said.Add(u.Transcript)
		t.said.Record(t.stt, u.Transcript)
		t.partial = !u.Final
	}
	switch {
	case bySTT && u.EndOfTurn && t.audio != nil:
		t.stopSpeaking(time.Now())
		if t.partial {
			t.since = t.stopped
			return // The final transcript comes after the end of the turn.
		}
		c.endUtterance(t)
	case bySTT && u.Final && !t.stopped.IsZero():
		c.endUtterance(t)
	case t.flush > 0 && u.flushes >= t.flush && (u.Final || u.EndOfTurn):
		c.endUtterance(t)
	default:
		return
	}
	c.commitIfDue()
}

// due is when the timeout of a streaming recognizer passes; zero without one.
func (t *userTurn) due(p *Pipeline) time.Time {
	hasWords := t.partial || t.said.Finals > 0 || len(t.texts) > 0
	if t.stopped.IsZero() && (hasWords || p.cfg.EndOfTurn != BySTT) {
		return time.Time{} // The user is speaking.
	}
	return t.since.Add(p.cfg.Timeouts.STT)
}

// streamingTimedOut ends an utterance after the timeout.
func (c *call) streamingTimedOut() {
	t := c.turn
	if t.partial || c.down {
		c.failStreaming(voiceprovider.ErrTimeout)
		return
	}
	if t.stopped.IsZero() {
		t.stopSpeaking(time.Now())
	}
	c.endUtterance(t)
	c.commitIfDue()
}

// fallBack transcribes the current utterance with the fallback providers.
func (c *call) fallBack(err error) {
	t := c.turn
	if t == nil || !t.streaming {
		return
	}
	if len(c.p.cfg.STT) == 1 {
		c.failStreaming(err)
		return
	}
	t.stt.End(err)
	t.streaming = false
	if t.audio == nil {
		t.recording.Close()
	}
	c.transcribe(t, t.recording, c.p.cfg.STT[1:])
}

// failStreaming ends the turn with an error of the recognizer.
func (c *call) failStreaming(err error) {
	if t := c.turn; t.streaming {
		t.stt.End(err)
		t.streaming = false
		t.recording.Close()
	}
	c.endTurn(stage.Wrap(stage.STT, err))
}
