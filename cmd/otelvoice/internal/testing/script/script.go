// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package script plays calls with the toolkit itself, on a clock that does not wait, and returns the telemetry
// that it made. The times are the same each time, the random IDs are not.
package script

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/pricing"
)

// Call is a call to play.
type Call struct {
	Session string
	After   time.Duration // When it begins.
	Version string        // Of the agent.
	Channel string
	Outcome string
	Err     error
	Open    bool // It does not end.
	Turns   []Turn
}

// Turn is a turn of the user that is answered after the sum of the durations.
type Turn struct {
	Transcription, Endpointing, Generation, Synthesis time.Duration
	Retries                                           int    // Of the synthesis.
	Tool                                              string // The name of a tool that is called.
	Interrupt                                         bool   // The user barges in.
	Err                                               error  // Of the model.
	Model                                             string // By default "gpt-4o-mini".
}

// Usual is a turn that takes 0.8 s.
var Usual = Turn{Transcription: 150 * time.Millisecond, Endpointing: 200 * time.Millisecond, Generation: 300 * time.Millisecond, Synthesis: 150 * time.Millisecond}

// Calls are two calls with what usually happens, and one that does not end.
func Calls() []Call {
	tool, retried, slow, failed, interrupted := Usual, Usual, Usual, Usual, Usual
	tool.Tool, retried.Retries, interrupted.Interrupt = "check_availability", 1, true
	slow.Generation, slow.Model = 1900*time.Millisecond, "gpt-4o"
	failed.Err = errors.New("openai: 503 Service Unavailable")
	return []Call{
		{Session: "call-1", Version: "1.4.0", Channel: "phone", Outcome: "booked", Turns: []Turn{Usual, tool, interrupted, slow}},
		{Session: "call-2", After: 10 * time.Second, Version: "1.5.0", Channel: "web", Err: failed.Err, Turns: []Turn{Usual, retried, failed}},
		{Session: "call-3", After: 20 * time.Second, Version: "1.5.0", Channel: "web", Open: true, Turns: []Turn{Usual}},
	}
}

// Play plays the calls at once and returns their telemetry.
func Play(t *testing.T, calls ...Call) *Telemetry {
	t.Helper()
	return Record(t, func(ctx context.Context, tel *voicesdk.SDK) {
		var all sync.WaitGroup
		for _, c := range calls {
			all.Go(func() { c.play(ctx, tel) })
		}
		all.Wait()
	})
}

// Record returns the telemetry of a program. Its clock does not wait. The options are added to those of Play.
func Record(t *testing.T, program func(context.Context, *voicesdk.SDK), opts ...otelvoice.Option) *Telemetry {
	t.Helper()
	told := new(Telemetry)
	prices, err := pricing.New(
		pricing.Price{Provider: "openai", Model: "*", Unit: pricing.InputToken, Price: "0.40", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "openai", Model: "*", Unit: pricing.OutputToken, Price: "1.60", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "deepgram", Model: "*", Unit: pricing.InputAudioMinute, Price: "0.0077", Per: 1, Currency: "USD"},
		pricing.Price{Provider: "cartesia", Model: "*", Unit: pricing.Character, Price: "35", Per: 1_000_000, Currency: "USD"},
	)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		rec := voicetest.NewRecorder()
		lines := &told.lines
		tel, err := voicesdk.Setup(t.Context(), append(rec.Options(),
			voicesdk.WithLogWriter(lines), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithServiceName("desk"),
			voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }),
			voicesdk.WithInstrumentation(append([]otelvoice.Option{otelvoice.WithPrices(prices), otelvoice.WithLatencyBudget(2 * time.Second)}, opts...)...))...)
		if err != nil {
			t.Fatal(err)
		}
		program(t.Context(), tel)
		synctest.Wait()
		told.spans, told.records = rec.Spans(), rec.Logs()
		written := told.lines.b.Len()
		if err := tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		told.lines.b.Truncate(written) // Without what is logged of the shutdown.
	})
	return told
}

func wait(d time.Duration) { <-time.After(d) }

func (c *Call) play(ctx context.Context, tel *voicesdk.SDK) {
	wait(c.After)
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID(c.Session), otelvoice.WithChannel(c.Channel), otelvoice.WithAgent("concierge", c.Version))
	session.Connected(time.Now())
	wait(500 * time.Millisecond)
	for _, turn := range c.Turns {
		turn.play(ctx, tel, session)
		wait(time.Second)
	}
	if c.Open {
		return
	}
	if c.Outcome != "" {
		session.SetOutcome(c.Outcome)
	}
	if c.Err != nil {
		session.Fail(c.Err)
	}
	session.End()
}

func (u Turn) play(ctx context.Context, tel *voicesdk.SDK, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	turn.Mark(otelvoice.UserStarted)
	_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	wait(1500 * time.Millisecond)
	turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
	wait(u.Transcription)
	stt.SetConfidence(0.93)
	stt.SetAudioDuration(1500 * time.Millisecond)
	stt.AddRequestID("dg-" + session.ID() + "-" + turn.ID())
	stt.Final()
	stt.End(nil)
	wait(u.Endpointing)
	turn.Mark(otelvoice.TurnCommitted)
	model := otelvoice.Model{Provider: "openai", Name: u.Model}
	if model.Name == "" {
		model.Name = "gpt-4o-mini"
	}
	lctx, llm := turn.StartLLM(ctx, model)
	if u.Tool != "" {
		_, tool := turn.StartTool(ctx, u.Tool)
		wait(50 * time.Millisecond)
		tel.Logger("booking").InfoContext(lctx, "table looked up", "guests", 4)
		tool.End(nil)
	}
	wait(u.Generation)
	if u.Err != nil {
		llm.End(u.Err)
		turn.Fail(u.Err)
		return
	}
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{InputTokens: 120, OutputTokens: 20})
	llm.SetResponse("chatcmpl-"+turn.ID(), model.Name, "stop")
	llm.End(nil)
	sonic := otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
	for range u.Retries {
		_, tts := turn.StartTTS(ctx, sonic)
		wait(40 * time.Millisecond)
		tts.End(errors.New("cartesia: 503 Service Unavailable"))
	}
	_, tts := turn.StartTTS(ctx, sonic)
	tts.AddText("At nine, for four.")
	wait(u.Synthesis)
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.SetAudioDuration(2 * time.Second)
	wait(time.Second)
	if u.Interrupt {
		turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(time.Second))
		tts.End(nil)
		turn.Mark(otelvoice.AgentStopped)
		return
	}
	tts.End(nil)
	wait(time.Second)
	turn.Mark(otelvoice.AgentStopped)
}
