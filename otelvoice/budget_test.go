// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

const (
	userStarted  = otelvoice.UserStarted
	userStopped  = otelvoice.UserStopped
	transcript   = otelvoice.FinalTranscript
	committed    = otelvoice.TurnCommitted
	requested    = otelvoice.LLMRequested
	firstToken   = otelvoice.FirstToken
	ttsRequested = otelvoice.TTSRequested
	firstByte    = otelvoice.FirstByte
	agentStarted = otelvoice.AgentStarted
)

// budgets are those of the scenarios.
func budgets() []otelvoice.Option {
	return []otelvoice.Option{
		otelvoice.WithLatencyBudget(2 * time.Second),
		otelvoice.WithSegmentBudget(otelvoice.SegmentTranscription, 300*time.Millisecond),
		otelvoice.WithSegmentBudget(otelvoice.SegmentEndpointing, 300*time.Millisecond),
		otelvoice.WithSegmentBudget(otelvoice.SegmentDispatch, 100*time.Millisecond),
		otelvoice.WithSegmentBudget(otelvoice.SegmentGeneration, time.Second),
		otelvoice.WithSegmentBudget(otelvoice.SegmentSynthesis, 400*time.Millisecond),
		otelvoice.WithSegmentBudget(otelvoice.SegmentPlayout, 200*time.Millisecond),
	} // None of aggregation.
}

// A step is what happens at a time after the turn's start, in milliseconds.
type step struct {
	at int
	do func(*otelvoice.Turn)
}

func mark(at int, m otelvoice.Mark) step { return step{at, func(u *otelvoice.Turn) { u.Mark(m) }} }

func interrupt(at int) step {
	return step{at, func(u *otelvoice.Turn) { u.Interrupt(otelvoice.UserTurn) }}
}

func outcomeIs(o otelvoice.Outcome) step {
	return step{0, func(u *otelvoice.Turn) { u.SetOutcome(o) }}
}

// Each scenario has the budgets that functions are called for, when they are called, and what is recorded of the turn.
func TestBudgets(t *testing.T) {
	answered := []step{
		mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(900, firstToken),
		mark(950, ttsRequested), mark(1200, firstByte), mark(1250, agentStarted),
	}
	for _, tt := range []struct {
		name  string
		opts  []otelvoice.TurnOption
		steps []step
		end   int
		told  []string // Each as "budget at milliseconds".
		level string
		over  []string // voice.turn.over_budget
		slow  string   // voice.turn.slowest_segment
	}{
		{name: "within all budgets", steps: answered, end: 3000, level: "INFO"},
		{
			name: "each budget to the millisecond", end: 3000, level: "INFO",
			steps: []step{
				mark(0, userStopped), mark(299, transcript), mark(598, committed), mark(697, requested), mark(1000, firstToken),
				mark(1100, ttsRequested), mark(1499, firstByte), mark(1698, agentStarted),
			},
		},
		{ // Generation runs from 410 to 1700: 1290 ms.
			name: "one segment", end: 3000, level: "WARN", over: []string{"generation"}, told: []string{"generation 1410"},
			steps: []step{
				mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(1700, firstToken),
				mark(1750, ttsRequested), mark(1900, firstByte), mark(1950, agentStarted),
			},
		},
		{ // Endpointing 350, generation 1350, synthesis 450; the response 2400, of which generation took most.
			name: "two segments and the response", end: 3000, level: "WARN", slow: "generation",
			over: []string{"response", "endpointing", "generation", "synthesis"},
			told: []string{"endpointing 500", "generation 1560", "response 2000", "synthesis 2360"},
			steps: []step{
				mark(0, userStopped), mark(200, transcript), mark(550, committed), mark(560, requested), mark(1910, firstToken),
				mark(1960, ttsRequested), mark(2410, firstByte), mark(2450, agentStarted),
			},
		},
		{ // Transcription and endpointing have 600 ms together, and took 550.
			name: "a merged segment within the sum of the budgets", end: 3000, level: "INFO", told: []string{"transcription 300"},
			steps: []step{mark(0, userStopped), mark(550, committed), mark(560, requested), mark(900, firstToken), mark(950, ttsRequested), mark(1000, firstByte), mark(1010, agentStarted)},
		},
		{ // They took 700.
			name: "a merged segment beyond the sum of the budgets", end: 3000, level: "WARN", over: []string{"endpointing"}, told: []string{"transcription 300"},
			steps: []step{mark(0, userStopped), mark(700, committed), mark(710, requested), mark(900, firstToken), mark(950, ttsRequested), mark(1000, firstByte), mark(1010, agentStarted)},
		},
		{ // Aggregation, which is merged into synthesis, has no budget: 900 ms of both say nothing.
			name: "a merged segment of which one has no budget", end: 3000, level: "INFO",
			steps: []step{mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(600, firstToken), mark(1500, firstByte), mark(1600, agentStarted)},
		},
		{ // 2100 ms of an unknown segment.
			name: "both ends alone", end: 3000, level: "WARN", over: []string{"response"}, slow: "playout", told: []string{"transcription 300", "response 2000"},
			steps: []step{mark(0, userStopped), mark(2100, agentStarted)},
		},
		{
			name: "interrupted after the answer came late", end: 4000, level: "WARN", over: []string{"response", "generation"}, slow: "generation",
			told:  []string{"generation 1410", "response 2000"},
			steps: []step{mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(2300, firstToken), mark(2310, ttsRequested), mark(2320, firstByte), mark(2330, agentStarted), interrupt(3000)},
		},
		{ // The user waits no longer at 1500: generation so far is 1090 ms.
			name: "interrupted before the agent was heard", end: 9000, level: "WARN", over: []string{"generation"}, told: []string{"generation 1410"},
			steps: []step{mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(1500, userStarted), interrupt(1500)},
		},
		{
			name: "interrupted in time, and ended late", end: 9000, level: "INFO",
			steps: []step{mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(1200, userStarted), interrupt(1200)},
		},
		{ // The program interrupts at 1000, when generation had taken 590 ms, and takes it back in the second case.
			name: "interrupted by the program", end: 9000, level: "INFO",
			steps: []step{mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), interrupt(1000)},
		},
		{
			name: "a false interruption", end: 9000, level: "WARN", over: []string{"response", "generation"}, slow: "generation",
			told: []string{"generation 1410", "response 2000"},
			steps: []step{
				mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), interrupt(1000),
				{1100, func(u *otelvoice.Turn) { u.FalseInterruption() }},
				mark(3000, firstToken), mark(3010, ttsRequested), mark(3020, firstByte), mark(3030, agentStarted),
			},
		},
		{
			name: "hung up while the model is asked", end: 2500, level: "WARN", over: []string{"response", "generation"}, slow: "generation",
			told:  []string{"generation 1410", "response 2000"},
			steps: []step{outcomeIs(otelvoice.Abandoned), mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested)},
		},
		{ // The agent had not begun to answer: a cough, perhaps.
			name: "abandoned without work on an answer", end: 9000, level: "WARN", told: []string{"transcription 300", "response 2000"},
			steps: []step{outcomeIs(otelvoice.Abandoned), mark(0, userStopped)},
		},
		{ // Whether audio that had arrived was heard is unknown.
			name: "abandoned, audio arrived", end: 9000, level: "WARN", told: []string{"playout 1200", "response 2000"},
			steps: []step{outcomeIs(otelvoice.Abandoned), mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(900, firstToken), mark(950, ttsRequested), mark(1000, firstByte)},
		},
		{ // An answer as text. The segments that are over count.
			name: "completed without audio", end: 9000, level: "WARN", over: []string{"generation"}, told: []string{"generation 1410", "response 2000"},
			steps: []step{outcomeIs(otelvoice.Completed), mark(0, userStopped), mark(200, transcript), mark(400, committed), mark(410, requested), mark(1500, firstToken)},
		},
		{
			name: "the user goes on", end: 3000, level: "INFO", told: []string{"transcription 300"},
			steps: []step{
				mark(0, userStopped), mark(350, userStarted), mark(1000, userStopped), mark(1200, transcript), mark(1400, committed),
				mark(1410, requested), mark(1900, firstToken), mark(1950, ttsRequested), mark(2200, firstByte), mark(2250, agentStarted),
			},
		},
		{ // The user goes on. Until the second request it is not known whether the first token of the first counts.
			name: "marks from before the end of speech", end: 4000, level: "INFO",
			steps: []step{
				mark(0, userStopped), mark(100, transcript), mark(200, committed), mark(210, requested), mark(500, firstToken), mark(510, ttsRequested), mark(550, userStarted),
				mark(1500, userStopped), mark(1700, transcript), mark(1900, committed), mark(1910, requested), mark(2100, firstToken), mark(2110, ttsRequested), mark(2300, firstByte), mark(2310, agentStarted),
			},
		},
		{
			name: "marks that come late and in another order", end: 2000, level: "WARN", over: []string{"generation"}, told: []string{"transcription 300"},
			steps: []step{
				mark(0, userStopped), {1600, func(u *otelvoice.Turn) {
					now := time.Now()
					u.MarkAt(agentStarted, now)
					u.MarkAt(firstByte, now.Add(-50*time.Millisecond))
					u.MarkAt(firstToken, now.Add(-100*time.Millisecond))  // 1500
					u.MarkAt(requested, now.Add(-1200*time.Millisecond))  // 400
					u.MarkAt(committed, now.Add(-1210*time.Millisecond))  // 390
					u.MarkAt(transcript, now.Add(-1400*time.Millisecond)) // 200
					u.MarkAt(ttsRequested, now.Add(-95*time.Millisecond)) // 1505
				}},
			},
		},
		{
			name: "a clock ahead", end: 9000, level: "WARN",
			steps: []step{{0, func(u *otelvoice.Turn) { u.MarkAt(userStopped, time.Now().Add(time.Hour)) }}, mark(400, committed), mark(410, requested)},
		},
		{
			name: "a clock behind", end: 9000, level: "WARN",
			steps: []step{{0, func(u *otelvoice.Turn) { u.MarkAt(userStopped, time.Now().Add(-2*time.Hour)) }}, mark(400, committed), mark(410, requested)},
		},
		{
			name: "the agent starts", opts: []otelvoice.TurnOption{otelvoice.AgentInitiated()}, end: 9000, level: "INFO",
			steps: []step{mark(0, userStopped), mark(400, committed), mark(410, requested), mark(3000, agentStarted)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(budgets()...))
				_, session := tel.StartSession(t.Context())
				told := toldTo(session)
				_, turn := session.StartTurn(t.Context(), tt.opts...)
				began := time.Now()
				for _, s := range tt.steps {
					<-time.After(time.Until(began.Add(time.Duration(s.at) * time.Millisecond)))
					s.do(turn)
				}
				if strings.Contains(tt.name, "clock") {
					turn.SetOutcome(otelvoice.Abandoned)
				}
				<-time.After(time.Until(began.Add(time.Duration(tt.end) * time.Millisecond)))
				turn.End()
				session.End()
				synctest.Wait()
				if !slices.Equal(*told, tt.told) {
					t.Errorf("told %v, want %v", *told, tt.told)
				}
				checkOverBudget(t, rec, tt.level, tt.over, tt.slow)
			})
		})
	}
}

// toldTo records the calls for slow turns of a session.
func toldTo(session *otelvoice.Session) *[]string {
	var told []string
	began := time.Now()
	session.OnSlowTurn(func(slow otelvoice.SlowTurn) {
		name := string(slow.Segment)
		if name == "" {
			name = "response"
		}
		now := time.Now()
		if got := now.Sub(slow.Since); got != slow.Budget {
			name += fmt.Sprintf(" (after %s of %s)", got, slow.Budget)
		}
		told = append(told, fmt.Sprintf("%s %d", name, now.Sub(began).Milliseconds()))
	})
	return &told
}

// checkOverBudget compares the end line, the span and the counter of a turn.
func checkOverBudget(t *testing.T, rec *voicetest.Recorder, level string, over []string, slowest string) {
	t.Helper()
	line := lineOf(t, rec, "turn_end")
	extra := object(line, "extra_data")
	var named []string
	if list, ok := extra["voice.turn.over_budget"].([]any); ok {
		for _, name := range list {
			named = append(named, fmt.Sprint(name))
		}
	}
	if line["level"] != level || !slices.Equal(named, over) {
		t.Errorf("%v, over budget %v, want %s, %v", line["level"], named, level, over)
	}
	if got, _ := extra["voice.turn.slowest_segment"].(string); got != slowest {
		t.Errorf("slowest segment %q, want %q", got, slowest)
	}
	_, hasBudget := extra["voice.turn.latency_budget"]
	if want := slices.Contains(over, "response"); hasBudget != want {
		t.Errorf("line with the latency budget: %v, want %v", hasBudget, want)
	}
	onSpan, ok := spanAttribute(rec.Named("voice.turn")[0], semconv.VoiceTurnOverBudgetKey)
	if ok != (over != nil) || ok && !slices.Equal(onSpan.AsStringSlice(), over) {
		t.Errorf("the span has %v, want %v", onSpan.AsStringSlice(), over)
	}
	counted := make(map[string]int64)
	all, _ := rec.Metric(semconv.MetricVoiceTurnOverBudgetCount().Name)
	if sum, ok := all.(metricdata.Sum[int64]); ok {
		for _, point := range sum.DataPoints {
			name, _ := point.Attributes.Value(semconv.VoiceBudgetKey)
			counted[name.AsString()] += point.Value
		}
	}
	if len(counted) != len(over) {
		t.Errorf("counted %v, want %v", counted, over)
	}
	for _, name := range over {
		if counted[name] != 1 {
			t.Errorf("counted %v, want 1 of %s", counted, name)
		}
	}
	voicetest.Check(t, rec)
}

func ExampleWithSegmentBudget() {
	told := make(chan otelvoice.SlowTurn, 1)
	tel := setup(voicesdk.WithoutConsole(), voicesdk.WithInstrumentation(
		otelvoice.WithSegmentBudget(otelvoice.SegmentGeneration, time.Second),
		otelvoice.WithSlowTurn(func(slow otelvoice.SlowTurn) { told <- slow })))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	_, session := tel.StartSession(context.Background())
	defer session.End()
	ctx, turn := session.StartTurn(context.Background())
	turn.MarkAt(otelvoice.UserStopped, time.Now().Add(-2*time.Second))
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o"}, otelvoice.WithStartTime(time.Now().Add(-1200*time.Millisecond)))
	slow := <-told
	fmt.Println(slow.Segment, "takes longer than", slow.Budget, "with", slow.Stages[0].Model)
	llm.End(nil)
	turn.End()
	// Output: generation takes longer than 1s with gpt-4o
}
