// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// queued records audio of the agent that is to be played.
func (c *Call) queued(e *wire.Event, f wire.Format, now time.Time) {
	t := c.audioTurn(now)
	if t == nil || t.isCut {
		return // What is sent after an interruption is the rest of the old answer.
	}
	isPart := !t.isAudible() || c.endPart(t, now)
	plays := t.queue.Add(now, durationOf(e, f))
	if isPart {
		t.part = plays
	}
	t.onset.add(audioFormat(f), e.Data, plays)
	c.hear(t, now)
}

// audioTurn returns the turn of the agent's audio: the newest that is being answered, else the newest
// whose user has spoken. Else the agent speaks first. It is nil for the rest of an answer that was interrupted.
func (c *Call) audioTurn(now time.Time) *turn {
	for _, t := range slices.Backward(c.turns) {
		if t.isAnswering {
			return t
		}
	}
	if t := c.newest(); t != nil && (t.isProgram() || t.isCommitted || t.isFinal) || c.config.ProgramTurns {
		return t
	}
	if now.Sub(c.cutByUser) < straggling {
		return nil
	}
	t := c.startTurn(now, true)
	t.isAnswering = true
	return t
}

// straggling is how long after an interruption by the user audio without a request is the rest of the answer: a frame that
// was under way when the program cleared the line.
const straggling = 250 * time.Millisecond

// arrived records audio of the agent that a provider sent. If the call has a line, the line says when
// it is played. Else its arrival is all that is known.
func (c *Call) arrived(e *wire.Event, f wire.Format, now time.Time) {
	if !c.hasLine {
		c.queued(e, f, now)
	}
}

// playing records that a provider begins to play the answer of a turn, whose audio is not seen. It plays one answer at a
// time.
func (c *Call) playing(t *turn, now time.Time) {
	for _, o := range c.turns {
		o.played(now)
	}
	if t == nil || t.isCut {
		return
	}
	isPart := !t.isAudible() || c.endPart(t, now)
	t.queue.Begin(now)
	if isPart {
		t.part = now
	}
	if t.onset.at.IsZero() {
		t.onset.at = now
	}
	t.isPlaying = true
	c.hear(t, now)
}

// played records that a provider has played the answer until now.
func (t *turn) played(now time.Time) {
	if t.isPlaying {
		t.isPlaying = false
		t.queue.Extend(now)
	}
}

// interrupt records that the answer of a turn was given up. played is how much the user heard, or
// negative if only the clock says it. It does nothing if the answer was over.
func (c *Call) interrupt(t *turn, played time.Duration, now time.Time) {
	if t == nil || t.isCut || !t.isWorking() && !t.queue.Waiting(now) && t.unsent() < rounding {
		return
	}
	c.cut(t, played, now)
}

// rounding is how much the audio that is sent may be shorter than what the provider sent, for example
// because it was resampled in frames.
const rounding = 100 * time.Millisecond

// trimmed is how much an agent may leave out of an answer without giving it up: silence at its end.
const trimmed = 500 * time.Millisecond

// cutOff records that a turn that is over was interrupted, if its audio was not sent to its end because the
// user spoke. An agent that sends its audio as it plays need not clear the line.
func (c *Call) cutOff(t *turn) {
	if t.isCut || !t.isAudible() || t.unsent() < trimmed {
		return
	}
	stopped := t.queue.Ends()
	if n := c.newest(); n != t && !n.byAgent || c.isSpeaking(stopped) {
		c.cut(t, -1, stopped)
	}
}

// cut records that the answer of a turn was given up at a time.
func (c *Call) cut(t *turn, played time.Duration, now time.Time) {
	t.isCut, t.cut = true, now
	isUnknown := t.isPlaying && !t.isAudible() // How much was played.
	t.played(now)
	dropped := t.queue.Clear(now)
	opts := []otelvoice.InterruptOption{otelvoice.InterruptedAt(now)}
	if played < 0 && !isUnknown && (t.isAudible() || c.hasLine) { // On a line, an answer without audio was not heard.
		played = t.queue.Played(now)
	}
	if played >= 0 {
		opts = append(opts, otelvoice.PlayedFor(played))
	}
	source := otelvoice.Programmatic
	if c.isSpeaking(now) {
		source = otelvoice.AudioActivity
		opts = append(opts, otelvoice.SpokenSince(c.speaking))
		if t.observed != nil && c.speaking.Before(now) { // Else the interruption is all that is known of the speech.
			t.observed.SpokenObserved(c.speaking)
		}
	} else if n := c.newest(); n != t && !n.byAgent {
		source = otelvoice.UserTurn
	}
	if source != otelvoice.Programmatic {
		c.cutByUser = now
	}
	t.handle.Interrupt(source, opts...)
	if dropped > 0 {
		trace.SpanFromContext(t.ctx).AddEvent(semconv.EventVoicePlayoutCleared, trace.WithTimestamp(now),
			trace.WithAttributes(semconv.VoicePlayoutPosition(t.queue.Played(now).Seconds())))
	}
}

// answered returns the newest turn that is being answered and not cut, or nil.
func (c *Call) answered() *turn {
	for _, t := range slices.Backward(c.turns) {
		if !t.isCut && (t.isAnswering || t.isAudible()) {
			return t
		}
	}
	return nil
}

// maxUnknown is how long a detector may hear speech of which no words become known. After that it was noise:
// recognisers do not say that a noise has ended.
const maxUnknown = 10 * time.Second

// spoke records that the user's speech began at a time, before words are known.
func (c *Call) spoke(at time.Time) { c.speaking = at }

// isSpeaking reports whether the user speaks of whom no words are known yet.
func (c *Call) isSpeaking(now time.Time) bool {
	return !c.speaking.IsZero() && now.Sub(c.speaking) < maxUnknown
}

// isSpokenOver reports whether the user's words have started a turn after t that is not being answered yet.
func (c *Call) isSpokenOver(t *turn) bool {
	n := c.newest()
	return t != nil && n != nil && n != t && !n.byAgent && !n.isAnswering
}

// record sets what is known of the playing of a turn's audio, which stopped at a time.
func (c *Call) record(t *turn, stopped time.Time) {
	t.recordMedia()
	if !t.isAudible() {
		return
	}
	c.hearAll(t, stopped)
	if t.isHeard {
		t.mark(otelvoice.AgentStopped, stopped)
	}
	source := semconv.VoicePlayoutSourceReceived
	if t.queue.Confirmed {
		source = semconv.VoicePlayoutSourceMark
	} else if c.hasLine {
		source = semconv.VoicePlayoutSourceClock
	}
	t.handle.SetAttributes(semconv.VoicePlayoutSource(source))
	if queued := t.queue.Added(); queued > 0 { // Else the codec does not say how long its audio is.
		t.handle.SetAttributes(
			semconv.VoicePlayoutQueued(queued.Seconds()),
			semconv.VoicePlayoutPlayed(t.queue.Played(stopped).Seconds()))
	}
	if u := t.queue.Underruns; u.Count > 0 {
		t.handle.SetAttributes(
			semconv.VoicePlayoutUnderrunCount(u.Count),
			semconv.VoicePlayoutUnderrunDuration(u.Total.Seconds()),
			semconv.VoicePlayoutUnderrunLongest(u.Longest.Seconds()),
		)
		if m := vendorcall.MeterFromContext(c.sessionCtx); m != nil {
			m.Underruns(source, t.queue.Pauses)
		}
	}
}
