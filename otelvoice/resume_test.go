// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// request records one HTTP request of a conversation: a turn in a part of its session.
func request(tel *voicesdk.SDK, id string, opts ...otelvoice.SessionOption) (index int) {
	ctx, session := tel.ResumeSession(context.Background(), id, opts...)
	defer session.Suspend()
	_, turn := session.StartTurn(ctx)
	wait(1000)
	turn.Mark(otelvoice.AgentStarted)
	turn.End()
	return turn.Index()
}

// The turn numbers of a conversation over several requests continue, and it counts once.
func TestResumeSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		for want := 1; want <= 3; want++ {
			if got := request(tel, "conv-1"); got != want {
				t.Errorf("request %d has turn %d", want, got)
			}
			wait(4000)
		}
		ctx, session := tel.ResumeSession(t.Context(), "conv-1")
		_, turn := session.StartTurn(ctx)
		turn.Mark(otelvoice.AgentStarted)
		turn.End()
		if turn.Index() != 4 {
			t.Errorf("the last request has turn %d, want 4", turn.Index())
		}
		session.SetEndReason(otelvoice.EndCompleted)
		session.End()
		session.Suspend() // A late Suspend does nothing.

		// Three requests of 1 s with 4 s in between: the last one begins and ends within 15 s.
		if got, want := points(rec, "voice.session.duration"), "voice.session.end_reason=completed n=1 sum=15.000"; got != want {
			t.Errorf("durations: got %q, want %q", got, want)
		}
		if got := points(rec, "voice.session.active"); got != "0" {
			t.Errorf("active: got %q, want 0", got)
		}
		parts := rec.Named(semconv.SpanVoiceSession)
		if len(parts) != 4 {
			t.Fatalf("%d spans of the session, want 4", len(parts))
		}
		for i, part := range parts {
			var number int64
			for _, kv := range part.Attributes() {
				if kv.Key == semconv.VoiceSessionPartKey {
					number = kv.Value.AsInt64()
				}
			}
			if number != int64(i+1) {
				t.Errorf("part %d has the number %d", i+1, number)
			}
			switch links := part.Links(); {
			case i == 0 && len(links) != 0:
				t.Error("the first part has a link")
			case i > 0 && (len(links) != 1 || links[0].SpanContext.SpanID() != parts[i-1].SpanContext().SpanID()):
				t.Errorf("part %d links to %v, want the part before", i+1, links)
			}
		}
		line := lastLine(t, rec)
		if line["message"] != "session ended" || line["extra_data"].(map[string]any)["voice.session.turn.count"] != 4.0 {
			t.Errorf("the last line is %v", line)
		}
		voicetest.Check(t, rec)

		if got := request(tel, "conv-1"); got != 1 {
			t.Errorf("a conversation that has ended goes on with turn %d", got)
		}
	})
}

// The number of turns identifies parts that ran in other processes.
func TestResumeSessionOfAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		if got := request(tel, "conv-1", otelvoice.WithTurnsBefore(7)); got != 8 {
			t.Errorf("got turn %d, want 8", got)
		}
		if got := request(tel, "conv-1", otelvoice.WithTurnsBefore(8)); got != 9 {
			t.Errorf("got turn %d, want 9", got)
		}
		if got := request(tel, "conv-1", otelvoice.WithTurnsBefore(0)); got != 10 {
			t.Errorf("what the process has seen does not stand: got turn %d, want 10", got)
		}
		if got := request(tel, "conv-2", otelvoice.WithTurnsBefore(-3)); got != 1 {
			t.Errorf("got turn %d, want 1", got)
		}
		// conv-2 is heard for the first time here; conv-1 was heard before.
		if got, want := points(rec, "voice.session.time_to_first_audio"), "n=1 sum=1.000"; got != want {
			t.Errorf("time to first audio: got %q, want %q", got, want)
		}
	})
}

// A conversation that is not resumed ends at the end of its last part, and is counted.
func TestSuspendedSessionExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		request(tel, "conv-1", otelvoice.WithChannel("web"))
		wait(1000 * 60 * 29)
		request(tel, "conv-1", otelvoice.WithChannel("web"))
		wait(1000 * 60 * 31)
		if got := request(tel, "conv-1", otelvoice.WithChannel("web")); got != 1 {
			t.Errorf("after half an hour: turn %d, want 1", got)
		}
		// 29 min between two requests of 1 s each.
		if got, want := points(rec, "voice.session.duration"), "voice.channel=web voice.session.end_reason=timeout n=1 sum=1742.000"; got != want {
			t.Errorf("durations: got %q, want %q", got, want)
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if line := lastLine(t, rec); line["message"] != "session ended" ||
			line["extra_data"].(map[string]any)["voice.session.end_reason"] != "shutdown" {
			t.Errorf("a suspended session at shutdown: %v", line)
		}
	})
}

func TestSuspendedSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // Its clock waits for a slow machine: Shutdown is bounded.
		tel, rec := voicetest.Setup(t)
		for i := range 10_050 {
			_, session := tel.ResumeSession(t.Context(), fmt.Sprint("conv-", i))
			session.Suspend()
		}
		data := points(rec, "voice.session.duration")
		if want := "voice.session.end_reason=timeout n=50"; len(data) < len(want) || data[:len(want)] != want {
			t.Errorf("got %q, want %q", data, want)
		}
		ctx, session := tel.ResumeSession(t.Context(), "conv-10049")
		_, turn := session.StartTurn(ctx)
		turn.End()
		session.End()
		if got := points(rec, "voice.session.active"); got != "0" {
			t.Errorf("active: got %q, want 0", got)
		}
	})
}

// Requests of one conversation may overlap: each turn has a number of its own, and the
// conversation ends once.
func TestResumeSessionConcurrently(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	var mu sync.Mutex
	seen := make(map[int]bool)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			ctx, session := tel.ResumeSession(context.Background(), "conv-1")
			defer session.Suspend()
			_, turn := session.StartTurn(ctx)
			turn.Mark(otelvoice.AgentStarted)
			turn.End()
			mu.Lock()
			seen[turn.Index()] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(seen) != 50 || !seen[1] || !seen[50] {
		t.Errorf("the turns have %d numbers, want 1 to 50", len(seen))
	}
	_, one := tel.ResumeSession(t.Context(), "conv-1")
	_, other := tel.ResumeSession(t.Context(), "conv-1")
	one.End()
	other.End()
	if data, want := points(rec, "voice.session.duration"), "n=1 "; len(data) < len(want) || data[:len(want)] != want {
		t.Errorf("got %q, want one session", data)
	}
	voicetest.Check(t, rec)
}

// StartSession does not resume a session, even if both have the same id.
func TestStartSessionResumesNothing(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	for range 2 {
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("room-1"))
		_, turn := session.StartTurn(ctx)
		turn.Mark(otelvoice.AgentStarted)
		turn.End()
		session.End()
		if turn.Index() != 1 {
			t.Errorf("got turn %d, want 1", turn.Index())
		}
	}
	if data, want := points(rec, "voice.session.duration"), "n=2 "; len(data) < len(want) || data[:len(want)] != want {
		t.Errorf("got %q, want two sessions", data)
	}
}

// A panic in a part is logged, and the conversation can be resumed.
func TestSuspendRecordsPanics(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	func() {
		defer func() { _ = recover() }()
		_, session := tel.ResumeSession(t.Context(), "conv-1")
		defer session.Suspend()
		panic("boom")
	}()
	line := lastLine(t, rec)
	if line["message"] != "session suspended" || line["level"] != "ERROR" {
		t.Errorf("the line is %v", line)
	}
}

func TestResumeSessionOfNilTelemetry(t *testing.T) {
	var tel *otelvoice.Telemetry
	_, session := tel.ResumeSession(nil, "conv-1") //nolint:staticcheck // A nil context is accepted.
	session.Suspend()
	if session != nil {
		t.Error("there is a session")
	}
}

func ExampleTelemetry_ResumeSession() {
	tel, err := voicesdk.Setup(context.Background(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()

	// The handler of one request; it is called three times.
	handle := func(ctx context.Context, conversationID string) {
		ctx, session := tel.ResumeSession(ctx, conversationID)
		defer session.Suspend()
		_, turn := session.StartTurn(ctx)
		defer turn.End()
		fmt.Println("turn", turn.Index())
	}
	for range 3 {
		handle(context.Background(), "conv-4711")
	}
	// Output:
	// turn 1
	// turn 2
	// turn 3
}
