// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Each step takes a second. The state after it began at the given second.
func TestStatesOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithHeartbeat(time.Second)))
		began := time.Now()
		_, session := tel.StartSession(t.Context())
		_, turn := session.StartTurn(t.Context())
		var stt *otelvoice.STT
		var llm *otelvoice.LLM
		var hold *otelvoice.Hold
		var transfer *otelvoice.Transfer
		steps := []struct {
			name  string
			do    func()
			state otelvoice.State
			since int // Or -1 if it is not known.
		}{
			{"a turn without marks", func() {}, otelvoice.StateIdle, 0},
			{"speech", func() { turn.Mark(otelvoice.UserStarted) }, otelvoice.StateListening, 1},
			{"STT, while the user speaks", func() { _, stt = turn.StartSTT(t.Context(), otelvoice.Model{}) }, otelvoice.StateListening, 1},
			{"end of speech", func() { turn.Mark(otelvoice.UserStopped) }, otelvoice.StateTranscribing, 3},
			{"final transcript", func() { turn.Mark(otelvoice.FinalTranscript); stt.End(nil) }, otelvoice.StateThinking, 3},
			{"LLM", func() { _, llm = turn.StartLLM(t.Context(), otelvoice.Model{}) }, otelvoice.StateThinking, 3},
			{"voice", func() { llm.End(nil); turn.Mark(otelvoice.AgentStarted) }, otelvoice.StateSpeaking, 6},
			{"transfer, while the agent speaks", func() { transfer = session.Transfer(otelvoice.TransferToQueue, "") }, otelvoice.StateSpeaking, 6},
			{"end of the voice", func() { turn.Mark(otelvoice.AgentStopped) }, otelvoice.StateTransferring, 7},
			{"end of the turn", func() { turn.End() }, otelvoice.StateTransferring, 7},
			{"second transfer", func() { session.Transfer(otelvoice.TransferToHuman, "") }, otelvoice.StateTransferring, 7},
			{"hold", func() { hold = session.Hold() }, otelvoice.StateOnHold, 11},
			{"second hold", func() { session.Hold().End() }, otelvoice.StateOnHold, 11},
			{"end of the hold", func() { hold.End() }, otelvoice.StateTransferring, 7},
			{"end of the first transfer", func() { transfer.End(otelvoice.TransferConnected) }, otelvoice.StateTransferring, 10},
		}
		for _, step := range steps {
			step.do()
			of, open := session.Snapshot()
			since := -1
			if !of.Since.IsZero() {
				since = int(of.Since.Sub(began) / time.Second)
			}
			if !open || of.State != step.state || since != step.since {
				t.Errorf("%s: %s since %d, want %s since %d", step.name, of.State, since, step.state, step.since)
			}
			<-time.After(time.Second)
			synctest.Wait()
		}
		session.End()
		beats := 0
		for _, record := range rec.Logs() {
			if record.EventName() == "voice.session.heartbeat" {
				beats++
			}
		}
		if beats != len(steps) {
			t.Errorf("%d records voice.session.heartbeat, want %d", beats, len(steps))
		}
		lines, err := rec.Lines()
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, line := range lines {
			if line["message"] != "session open" {
				continue
			}
			extra := object(line, "extra_data")
			if extra["voice.session.state"] != string(steps[at].state) {
				t.Errorf("line after %s: state %v, want %s", steps[at].name, extra["voice.session.state"], steps[at].state)
			}
			if got, want := extra["voice.session.state_duration"], float64(at+1-steps[at].since); got != want {
				t.Errorf("line after %s: state for %v s, want %v", steps[at].name, got, want)
			}
			at++
		}
	})
}

// A side that speaks over the other does not end its speech. Each step takes a second.
func TestStatesWhileBothSpeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		_, session := tel.StartSession(t.Context())
		defer session.End()
		_, turn := session.StartTurn(t.Context())
		began := time.Now()
		for _, step := range []struct {
			name     string
			mark     otelvoice.Mark
			state    otelvoice.State
			since    int
			isSilent bool
		}{
			{"the user", otelvoice.UserStarted, otelvoice.StateListening, 0, false},
			{"the agent interrupts", otelvoice.AgentStarted, otelvoice.StateSpeaking, 1, false},
			{"the user stops", otelvoice.UserStopped, otelvoice.StateSpeaking, 1, false},
			{"a backchannel", otelvoice.UserStarted, otelvoice.StateListening, 3, false},
			{"its end", otelvoice.UserStopped, otelvoice.StateSpeaking, 1, false},
			{"a barge-in", otelvoice.UserStarted, otelvoice.StateListening, 5, false},
			{"the agent is silent", otelvoice.AgentStopped, otelvoice.StateListening, 5, false},
			{"the user has spoken", otelvoice.UserStopped, otelvoice.StateThinking, 7, true},
			{"the answer", otelvoice.AgentStarted, otelvoice.StateSpeaking, 8, false},
			{"its end", otelvoice.AgentStopped, otelvoice.StateIdle, 9, true},
		} {
			turn.Mark(step.mark)
			of, _ := session.Snapshot()
			if since := int(of.Since.Sub(began) / time.Second); of.State != step.state || since != step.since {
				t.Errorf("%s: %s since %d, want %s since %d", step.name, of.State, since, step.state, step.since)
			}
			if of.SilentSince.IsZero() == step.isSilent {
				t.Errorf("%s: silent since %v", step.name, of.SilentSince)
			}
			passes(1)
		}
	})
}

func ExampleTelemetry_Sessions() {
	tel := setup(voicesdk.WithoutConsole())
	defer func() { _ = tel.Shutdown(context.Background()) }()
	_, session := tel.StartSession(context.Background(), otelvoice.WithSessionID("sess_1"))
	defer session.End()
	_, turn := session.StartTurn(context.Background())
	turn.Mark(otelvoice.UserStarted)
	for _, open := range tel.Sessions() {
		fmt.Println(open.ID, open.State, open.Turns)
	}
	// Output: sess_1 listening 1
}

// A session that only a stopped turn was part of is idle, for an unknown time.
func TestStateBetweenTurns(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	_, session := tel.StartSession(context.Background())
	defer session.End()
	_, turn := session.StartTurn(context.Background())
	turn.Mark(otelvoice.UserStopped)
	turn.End()
	if of, _ := session.Snapshot(); of.State != otelvoice.StateIdle || !of.Since.IsZero() || of.Turns != 1 {
		t.Errorf("got %+v", of)
	}
}
