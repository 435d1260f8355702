// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func passes(seconds float64) { <-time.After(time.Duration(seconds * float64(time.Second))) }

// What the agent does in the silence between the user's speech and its answer.
func TestActivityInDeadAir(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(ctx context.Context, turn *otelvoice.Turn)
		want   string // The activity and the seconds.
	}{
		{"a model", func(ctx context.Context, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.TurnCommitted)
			_, llm := turn.StartLLM(ctx, gpt)
			passes(4)
			llm.FirstToken()
			llm.End(nil)
			passes(1)
		}, "generation 5"},
		{"a tool within the model's answer", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			passes(1)
			_, tool := turn.StartTool(ctx, "look_up")
			passes(4)
			tool.End(nil)
			passes(1)
			llm.FirstToken()
			llm.End(nil)
		}, "tool 6"},
		{"a recogniser", func(ctx context.Context, turn *otelvoice.Turn) {
			_, stt := turn.StartSTT(ctx, nova3)
			passes(4)
			stt.Final()
			stt.End(nil)
			turn.Mark(otelvoice.TurnCommitted)
			passes(1)
		}, "transcription 5"},
		{"the end of the turn", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.FinalTranscript)
			passes(4)
			turn.Mark(otelvoice.TurnCommitted)
			turn.Mark(otelvoice.LLMRequested)
		}, "endpointing 4"},
		{"a voice", func(ctx context.Context, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.TurnCommitted)
			turn.Mark(otelvoice.LLMRequested)
			turn.Mark(otelvoice.FirstToken)
			_, tts := turn.StartTTS(ctx, sonic3)
			passes(4)
			tts.FirstByte()
			tts.End(nil)
		}, "synthesis 4"},
		{"a model that gives up, and no answer", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			passes(4)
			llm.End(context.Canceled)
			turn.End()
		}, "generation 4"},
		{"a turn that waits, and no answer", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.FinalTranscript)
			passes(4)
			turn.Mark(otelvoice.TurnCommitted)
			turn.End()
		}, "endpointing 4"},
		{"nothing", func(_ context.Context, turn *otelvoice.Turn) {
			turn.End()
			passes(4)
		}, "idle 4"},
		{"as long as the bound", func(context.Context, *otelvoice.Turn) { passes(3) }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				ctx, session := tel.StartSession(t.Context())
				ctx, turn := session.StartTurn(ctx)
				turn.Mark(otelvoice.UserStarted)
				passes(2)
				turn.Mark(otelvoice.UserStopped)
				tt.answer(ctx, turn)
				_, next := session.StartTurn(ctx, otelvoice.AgentInitiated())
				if _, ended := turn.Outcome(); !ended {
					next.End()
					next = turn
				}
				next.Mark(otelvoice.AgentStarted)
				passes(1)
				next.Mark(otelvoice.AgentStopped)
				next.End()
				session.End()
				got := strings.TrimPrefix(points(rec, "voice.dead_air.duration"), "voice.dead_air.activity=")
				if got = strings.TrimSuffix(got, ".000"); got != tt.want {
					t.Errorf("got %q, want %q\n%s", got, tt.want, rec.Timeline())
				}
			})
		})
	}
}

// A tool between two parts of an answer, and the user who does not answer a question.
func TestActivityAfterTheAgentsSpeech(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx, otelvoice.AgentInitiated())
		turn.Mark(otelvoice.AgentStarted)
		passes(1)
		turn.Mark(otelvoice.AgentStopped)
		_, tool := turn.StartTool(ctx, "look_up")
		passes(5)
		tool.End(nil)
		turn.Mark(otelvoice.AgentStarted)
		passes(1)
		turn.Mark(otelvoice.AgentStopped)
		turn.End()
		_, next := session.StartTurn(ctx)
		_, stt := next.StartSTT(ctx, nova3) // It waits for the user.
		passes(20)
		next.Mark(otelvoice.UserStarted)
		passes(1)
		next.Mark(otelvoice.UserStopped)
		stt.Final()
		stt.End(nil)
		next.End()
		session.End()
		want := "voice.dead_air.activity=listening 20.000\nvoice.dead_air.activity=tool 5.000"
		if got := points(rec, "voice.dead_air.duration"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Time on hold is no silence, whatever ends the hold.
func TestHoldIsNoDeadAir(t *testing.T) {
	const heard = "dead_air.activity=listening dead_air.count=1 dead_air.duration=4 dead_air.longest=4 silence.duration=6"
	const none = "dead_air.count=0 dead_air.duration=0 silence.duration=2"
	for _, tt := range []struct {
		name string
		hold func(tel *voicesdk.SDK, session *otelvoice.Session, speak func())
		want string
	}{
		{"until its end", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			hold := session.Hold()
			passes(60)
			hold.End()
			passes(4)
			speak()
			session.End()
		}, heard},
		{"two that overlap", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			first := session.Hold()
			passes(20)
			second := session.Hold()
			passes(20)
			first.End()
			passes(20)
			second.End()
			passes(4)
			speak()
			session.End()
		}, heard},
		{"until the session's end", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			session.Hold()
			passes(60)
			speak()
			session.End()
		}, none},
		{"one of two until the session's end", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			first := session.Hold()
			session.Hold()
			passes(30)
			first.End()
			passes(30)
			speak()
			session.End()
		}, none},
		{"until the end of a part", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			session.Hold()
			passes(60)
			speak()
			session.Suspend()
		}, none},
		{"until Shutdown", func(tel *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			session.Hold()
			passes(60)
			speak()
			if err := tel.Shutdown(context.Background()); err != nil {
				panic(err)
			}
		}, none},
		{"with a transfer that is open", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			session.Hold()
			session.Transfer(otelvoice.TransferToHuman, "")
			passes(60)
			speak()
			session.End()
		}, none},
		{"a transfer alone is silence", func(_ *voicesdk.SDK, session *otelvoice.Session, speak func()) {
			session.Transfer(otelvoice.TransferToHuman, "")
			passes(2)
			speak()
			session.End()
		}, "dead_air.activity=listening dead_air.count=1 dead_air.duration=4 dead_air.longest=4 silence.duration=4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				ctx, session := tel.StartSession(t.Context())
				speak := func() {
					_, turn := session.StartTurn(ctx, otelvoice.AgentInitiated())
					turn.Mark(otelvoice.AgentStarted)
					passes(1)
					turn.Mark(otelvoice.AgentStopped)
					turn.End()
				}
				speak()
				passes(2)
				tt.hold(tel, session, speak)
				if got := toldOf(rec, "voice.session", "dead_air", "silence"); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// The time between two parts of a conversation is no silence, and the session ends once.
func TestTalkOfParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		part := func(end func(*otelvoice.Session)) {
			ctx, session := tel.ResumeSession(t.Context(), "conv-1")
			_, turn := session.StartTurn(ctx)
			turn.Mark(otelvoice.UserStarted)
			passes(2)
			turn.Mark(otelvoice.UserStopped)
			passes(4)
			turn.Mark(otelvoice.AgentStarted)
			passes(3)
			turn.Mark(otelvoice.AgentStopped)
			turn.End()
			passes(1)
			end(session)
		}
		part((*otelvoice.Session).Suspend)
		if got := points(rec, "voice.talk.duration"); got != "" {
			t.Errorf("a suspended session was counted: %s", got)
		}
		passes(600)
		part((*otelvoice.Session).Suspend)
		want := "dead_air.activity=idle dead_air.count=1 dead_air.duration=4 dead_air.longest=4 session.time_since_speech=1 silence.duration=4 talk.agent.duration=3\n" +
			"dead_air.activity=idle dead_air.count=2 dead_air.duration=8 dead_air.longest=4 session.time_since_speech=1 silence.duration=8 talk.agent.duration=6"
		if got := toldOf(rec, "voice.session", "dead_air", "silence", "session.time_since", "talk.agent.duration"); got != want {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
		passes(3600) // It is not resumed within 30 minutes.
		_, other := tel.StartSession(t.Context())
		other.End()
		if got := points(rec, "voice.talk.duration"); got != "voice.talk.side=agent 6.000\nvoice.talk.side=user 4.000" {
			t.Errorf("got %s", got)
		}
		lines, err := rec.Lines()
		if err != nil {
			t.Fatal(err)
		}
		told := false
		for _, line := range lines {
			told = told || line["message"] == "session ended" && object(line, "extra_data")["voice.dead_air.duration"] == 8.0
		}
		if !told {
			t.Error("the end line has no dead air")
		}
	})
}

func TestBoundsOfDeadAir(t *testing.T) {
	for bound, valid := range map[time.Duration]bool{-1: false, 0: true, time.Second: true, time.Hour: true, time.Hour + 1: false} {
		_, err := otelvoice.New(otelvoice.WithDeadAir(bound))
		if (err == nil) != valid || err != nil && !strings.Contains(err.Error(), "bound of dead air "+bound.String()+" is out of range") {
			t.Errorf("%s: %v", bound, err)
		}
	}
}

// The heartbeat and the snapshot have the time since the last speech.
func TestSinceWhenNobodySpeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithHeartbeat(10*time.Second)))
		ctx, session := tel.StartSession(t.Context())
		start := time.Now()
		check := func(want time.Duration) {
			t.Helper()
			snapshot, _ := session.Snapshot()
			got := snapshot.SilentSince
			if want == 0 && !got.IsZero() || want != 0 && !got.Equal(start.Add(want)) {
				t.Errorf("silent since %v, want %v after the start", got, want)
			}
		}
		check(0)
		passes(11) // A beat at 10 s, before the first speech.
		_, turn := session.StartTurn(ctx)
		turn.Mark(otelvoice.UserStarted)
		check(0)
		passes(10) // A beat at 20 s: the user speaks.
		turn.Mark(otelvoice.UserStopped)
		check(21 * time.Second)
		passes(10) // At 30 s: for 9 s.
		turn.Mark(otelvoice.AgentStarted)
		check(0)
		passes(2)
		turn.Mark(otelvoice.AgentStopped)
		check(33 * time.Second)
		turn.End()
		check(33 * time.Second)
		passes(10) // At 40 s: for 7 s.
		_, unknown := session.StartTurn(ctx)
		unknown.Mark(otelvoice.AgentStarted)
		unknown.End()
		check(0)
		passes(10) // At 50 s: unknown.
		session.End()
		lines, err := rec.Lines()
		if err != nil {
			t.Fatal(err)
		}
		var got []any
		for _, line := range lines {
			if line["message"] == "session open" {
				got = append(got, object(line, "extra_data")["voice.session.time_since_speech"])
			}
		}
		if want := []any{nil, 0.0, 9.0, 7.0, nil}; len(got) != len(want) || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] || got[0] != nil || got[4] != nil {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
