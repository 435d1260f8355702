// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// slowTurn starts a turn whose budget was spent a second ago.
func slowTurn(session *otelvoice.Session, budget time.Duration) *otelvoice.Turn {
	_, turn := session.StartTurn(context.Background())
	turn.MarkAt(otelvoice.UserStopped, time.Now().Add(-budget-time.Second))
	return turn
}

// A function that blocks holds up its own calls in its session, and nothing else: not the other
// functions, the turn, End, Shutdown or other sessions.
func TestSlowTurnFunctionThatBlocks(t *testing.T) {
	released := make(chan struct{})
	blocked := make(chan string, 100)
	var calls sync.WaitGroup
	defer calls.Wait()
	defer close(released)
	tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(
		otelvoice.WithLatencyBudget(2*time.Second),
		otelvoice.WithSlowTurn(func(slow otelvoice.SlowTurn) {
			calls.Add(1)
			defer calls.Done()
			blocked <- slow.Turn.ID()
			<-released
		})))
	other := make(chan string, 100)
	start := func() *otelvoice.Session {
		_, session := tel.StartSession(t.Context())
		session.OnSlowTurn(func(slow otelvoice.SlowTurn) { other <- slow.Turn.ID() })
		return session
	}
	first, second := start(), start()

	for i, session := range []*otelvoice.Session{first, second} { // Each has a call that blocks.
		turn := slowTurn(session, 2*time.Second)
		if got := <-blocked; got != turn.ID() {
			t.Errorf("session %d: blocked for %s, want %s", i, got, turn.ID())
		}
		if got := <-other; got != turn.ID() {
			t.Errorf("session %d: the other function has %s, want %s", i, got, turn.ID())
		}
		turn.End()
	}
	const turns = 20 // Sixteen calls wait, and four are left out.
	open := make([]*otelvoice.Turn, turns)
	for i := range open {
		open[i] = slowTurn(first, 2*time.Second)
		<-other
	}
	for droppedOf(t, rec, semconv.VoiceTurnOverBudgetKey) < turns-16 {
		runtime.Gosched() // The calls of a turn are made in turn, that of the other function first.
	}
	for _, turn := range open {
		turn.End()
	}
	first.End()
	second.End()
	if err := tel.Telemetry.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if len(blocked) != 0 {
		t.Errorf("%d more calls of functions that block", len(blocked))
	}
}

// droppedOf returns how many values of a measurement were dropped.
func droppedOf(t *testing.T, rec *voicetest.Recorder, key attribute.Key) (n int64) {
	t.Helper()
	all, _ := rec.Metric(semconv.MetricVoiceMeasurementsDropped().Name)
	if sum, ok := all.(metricdata.Sum[int64]); ok {
		for _, point := range sum.DataPoints {
			if of, _ := point.Attributes.Value(semconv.VoiceMeasurementKey); of.AsString() == string(key) {
				n += point.Value
			}
		}
	}
	return n
}

// A call that ends in a panic, or ends its goroutine, is followed by the next one. A call that waited
// until its turn had ended is left out.
func TestSlowTurnFunctionThatFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func()
	}{
		{"panic", func() { panic("no") }},
		{"end of the goroutine", runtime.Goexit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, _ := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(2*time.Second)))
				_, session := tel.StartSession(t.Context())
				defer session.End()
				var called []int
				released := make(chan struct{})
				session.OnSlowTurn(func(slow otelvoice.SlowTurn) {
					called = append(called, slow.Turn.Index())
					<-released
					tt.fail()
				})
				var turns []*otelvoice.Turn
				for range 4 {
					turns = append(turns, slowTurn(session, 2*time.Second))
					synctest.Wait()
				}
				turns[1].End()
				close(released)
				synctest.Wait()
				if want := []int{1, 3, 4}; !slices.Equal(called, want) {
					t.Errorf("called for turns %v, want %v", called, want)
				}
				for _, turn := range turns {
					turn.End()
				}
			})
		})
	}
}

func ExampleSession_OnSlowTurn() {
	tel := setup(voicesdk.WithoutConsole(), voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(3*time.Second)))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	_, session := tel.StartSession(context.Background())
	defer session.End()
	said := make(chan string)
	session.OnSlowTurn(func(slow otelvoice.SlowTurn) {
		said <- fmt.Sprintf("One moment, please. (after %s)", slow.Budget)
	})
	_, turn := session.StartTurn(context.Background())
	turn.MarkAt(otelvoice.UserStopped, time.Now().Add(-3*time.Second))
	fmt.Println(<-said)
	turn.End()
	// Output: One moment, please. (after 3s)
}

// A thousand sessions whose turns exceed their budgets while they are marked and ended.
func TestSlowTurnsConcurrentSafe(t *testing.T) {
	var all, one atomic.Int64
	tel, _ := voicetest.Setup(t, voicesdk.WithoutConsole(), voicesdk.WithInstrumentation(
		otelvoice.WithLatencyBudget(time.Millisecond),
		otelvoice.WithSegmentBudget(otelvoice.SegmentGeneration, time.Microsecond),
		otelvoice.WithSlowTurn(func(otelvoice.SlowTurn) { all.Add(1) })))
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			_, session := tel.StartSession(t.Context(), otelvoice.WithSessionID(fmt.Sprintf("sess_%d", i)))
			defer session.End()
			session.OnSlowTurn(func(slow otelvoice.SlowTurn) {
				one.Add(1)
				slow.Turn.SetAttributes()
				session.Snapshot()
			})
			turn := slowTurn(session, time.Millisecond)
			defer turn.End()
			turn.Mark(otelvoice.LLMRequested)
			for all.Load() == 0 {
				runtime.Gosched()
			}
			turn.Mark(otelvoice.FirstToken)
			turn.Mark(otelvoice.AgentStarted)
		})
	}
	wg.Wait()
	if all.Load() > 2000 || one.Load() > 2000 {
		t.Errorf("%d and %d calls for 1,000 turns with two budgets each", all.Load(), one.Load())
	}
}
