// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// A load is what the flags ask for.
type load struct {
	calls    int
	duration time.Duration
	turns    int
	turn     time.Duration

	failed, interrupted, slow float64 // Shares of the turns.
}

func (l load) valid() error {
	switch {
	case l.calls < 1:
		return fmt.Errorf("-calls %d: must be at least 1", l.calls)
	case l.turns < 1:
		return fmt.Errorf("-turns %d: must be at least 1", l.turns)
	case l.turn <= 0:
		return fmt.Errorf("-turn %s: must be positive", l.turn)
	case l.duration <= 0:
		return fmt.Errorf("-duration %s: must be positive", l.duration)
	}
	for name, share := range map[string]float64{"failed": l.failed, "interrupted": l.interrupted, "slow": l.slow} {
		if !(share >= 0 && share <= 1) { // NaN is refused as well.
			return fmt.Errorf("-%s %v: must be from 0 to 1", name, share)
		}
	}
	return nil
}

// run holds the calls in progress until the duration is over or ctx ends, and returns when the
// last one has ended.
func (l load) run(ctx context.Context, tel *otelvoice.Telemetry, w *watch) {
	ctx, cancel := context.WithTimeout(ctx, l.duration)
	defer cancel()
	var all sync.WaitGroup
	for range l.calls {
		all.Go(func() {
			// The first calls join within a turn and have the rest of a call left, so that
			// neither starts nor ends come together.
			if !rest(ctx, rand.N(l.turn)) {
				return
			}
			for turns := 1 + rand.IntN(l.turns); ctx.Err() == nil; turns = 1 + rand.IntN(2*l.turns) {
				l.call(ctx, tel, turns, w)
			}
		})
	}
	all.Wait()
}

// call makes one call. Its turns end early if ctx ends.
func (l load) call(ctx context.Context, tel *otelvoice.Telemetry, turns int, w *watch) {
	// Spans are recorded after ctx ended, too.
	inCall, session := tel.StartSession(context.WithoutCancel(ctx))
	defer session.End()
	w.calls.Add(1)
	w.open.Add(1)
	defer w.open.Add(-1)
	w.remember(session.CorrelationID())
	for range turns {
		if ctx.Err() != nil {
			session.SetEndReason(otelvoice.EndShutdown)
			return
		}
		l.exchange(ctx, inCall, session)
		w.turns.Add(1)
	}
	session.SetOutcome("answered")
}

// The models of the turns.
var (
	recogniser  = otelvoice.Model{Provider: "deepgram", Name: "nova-3"}
	model       = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}
	synthesizer = otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
)

var errOverloaded = errors.New("the model is overloaded")

// exchange makes one turn with three stages, and a tool in one turn of five. The parts of its time
// are those of a conversation: the user speaks for three tenths of it and the agent for five.
func (l load) exchange(ctx, inCall context.Context, session *otelvoice.Session) {
	part := func(share float64) { rest(ctx, time.Duration(share*float64(l.turn)*(.5+rand.Float64()))) }
	inTurn, turn := session.StartTurn(inCall)
	defer turn.End()

	_, stt := turn.StartSTT(inTurn, recogniser)
	turn.Mark(otelvoice.UserStarted)
	part(.3)
	turn.UserStopped(time.Time{}, otelvoice.AnchorVAD)
	part(.02)
	stt.SetConfidence(.8 + .2*rand.Float64())
	stt.SetLanguage("en")
	stt.Final()
	stt.End(nil)
	part(.03)
	turn.Mark(otelvoice.TurnCommitted)

	if rand.Float64() < l.failed {
		_, first := turn.StartLLM(inTurn, model)
		part(.02)
		first.End(errOverloaded)
	}
	_, llm := turn.StartLLM(inTurn, model)
	if rand.Float64() < l.slow {
		rest(ctx, 2*time.Second)
	}
	part(.05)
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{InputTokens: 150 + rand.IntN(500), OutputTokens: 20 + rand.IntN(80)})
	llm.End(nil)
	if rand.IntN(5) == 0 {
		_, tool := turn.StartTool(inTurn, "find_table")
		part(.02)
		tool.End(nil)
	}

	_, tts := turn.StartTTS(inTurn, synthesizer)
	tts.AddText("We open at nine, and there is a table by the window.")
	part(.02)
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.SetAudioDuration(3 * time.Second)
	tts.End(nil)
	if rand.Float64() < l.interrupted {
		part(.2)
		turn.Interrupt(otelvoice.AudioActivity)
		return
	}
	part(.5)
	turn.Mark(otelvoice.AgentStopped)
}

// rest waits and reports whether ctx is still in effect.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
