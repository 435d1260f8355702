// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// warnings returns the messages of the lines at WARN.
func warnings(t *testing.T, rec *voicetest.Recorder) (messages []string) {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if line["level"] == "WARN" {
			messages = append(messages, line["message"].(string))
		}
	}
	return messages
}

// Work that starts after its parent has ended is recorded and marked, with one warning for each
// place in the code. voicetest.Check fails.
func TestStartedLate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(context.Context, *otelvoice.Session, *otelvoice.Turn)
		span  string
		want  string
	}{
		{"a stage in a turn that has ended", func(ctx context.Context, _ *otelvoice.Session, turn *otelvoice.Turn) {
			turn.End()
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(nil)
		}, "chat gpt-4o-mini", "llm started after its turn had ended"},
		{"a tool in a turn that has ended", func(ctx context.Context, _ *otelvoice.Session, turn *otelvoice.Turn) {
			turn.End()
			_, tool := turn.StartTool(ctx, "book")
			tool.End(nil)
		}, "execute_tool book", "tool started after its turn had ended"},
		{"a stage in a turn that the session ended", func(ctx context.Context, session *otelvoice.Session, turn *otelvoice.Turn) {
			session.End()
			_, tts := turn.StartTTS(ctx, sonic3)
			tts.End(nil)
		}, "text_to_speech sonic-3", "tts started after its turn had ended"},
		{"a turn in a session that has ended", func(ctx context.Context, session *otelvoice.Session, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.AgentStarted)
			turn.End()
			session.End()
			_, late := session.StartTurn(ctx)
			late.Mark(otelvoice.AgentStarted)
			late.End()
		}, semconv.SpanVoiceTurn, "turn started after its session had ended"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			for range 3 {
				ctx, session := tel.StartSession(t.Context())
				ctx, turn := session.StartTurn(ctx)
				turn.Mark(otelvoice.AgentStarted)
				tt.start(ctx, session, turn)
				session.End()
			}
			if got := warnings(t, rec); count(got, tt.want) != 1 {
				t.Errorf("got the warnings %q, want %q once", got, tt.want)
			}
			late := 0
			for _, s := range rec.Spans() {
				for _, kv := range s.Attributes() {
					if kv.Key == semconv.VoiceStartedLateKey {
						late++
						if s.Name() != tt.span {
							t.Errorf("%q is marked as started late", s.Name())
						}
					}
				}
			}
			if late != 3 {
				t.Errorf("%d spans are marked as started late, want 3", late)
			}
			if err := rec.Verify(); err == nil || !strings.Contains(err.Error(), "started after its parent had ended") {
				t.Errorf("voicetest finds %v", err)
			}
		})
	}
}

func count(list []string, want string) (n int) {
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// Changes to a turn after its end are counted, with one warning for each place in the code.
func TestLateChangesOfATurn(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  func(*otelvoice.Turn)
		want string
	}{
		{"a mark", func(turn *otelvoice.Turn) { turn.Mark(otelvoice.AgentStarted) }, "voice.agent.started"},
		{"the user's silence", func(turn *otelvoice.Turn) { turn.VADStopped(time.Now(), 0) }, "voice.user.stopped"},
		{"a barge-in", func(turn *otelvoice.Turn) { turn.Interrupt(otelvoice.UserTurn) }, "voice.interruption"},
		{"a cough", func(turn *otelvoice.Turn) { turn.FalseInterruption() }, "voice.false_interruption"},
		{"an error", func(turn *otelvoice.Turn) { turn.Fail(errors.New("503")) }, "error"},
		{"an outcome", func(turn *otelvoice.Turn) { turn.SetOutcome(otelvoice.Failed) }, "outcome"},
		{"an attribute", func(turn *otelvoice.Turn) { turn.SetAttributes(semconv.VoiceChannel("web")) }, "attributes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			_, session := tel.StartSession(t.Context())
			for range 3 {
				_, turn := session.StartTurn(t.Context())
				turn.Mark(otelvoice.AgentStarted)
				turn.End()
				tt.say(turn)
				if outcome, _ := turn.Outcome(); outcome != otelvoice.Completed {
					t.Errorf("the outcome changed to %q", outcome)
				}
			}
			if got, want := warnings(t, rec), tt.want+" came after the turn had ended and is not recorded"; count(got, want) != 1 {
				t.Errorf("got the warnings %q, want %q once", got, want)
			}
			if got, want := points(rec, "voice.measurements.dropped"), "voice.drop.reason=late voice.measurement="+tt.want+" 3"; got != want {
				t.Errorf("dropped: got %q, want %q", got, want)
			}
		})
	}
}

// Changes to a stage after its end are counted, with a warning if it was ended by its own End.
func TestLateChangesOfAStage(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  func(turn *otelvoice.Turn, end error)
		want string
	}{
		{"a final transcript", func(turn *otelvoice.Turn, end error) {
			_, stt := turn.StartSTT(t.Context(), nova3)
			stt.End(end)
			stt.Final()
		}, "voice.transcript.final"},
		{"a confidence", func(turn *otelvoice.Turn, end error) {
			_, stt := turn.StartSTT(t.Context(), nova3)
			stt.End(end)
			stt.SetConfidence(.9)
		}, "voice.stt.confidence"},
		{"a language", func(turn *otelvoice.Turn, end error) {
			_, stt := turn.StartSTT(t.Context(), nova3)
			stt.End(end)
			stt.SetLanguage("en")
		}, "gen_ai.speech.input.language"},
		{"an attribute", func(turn *otelvoice.Turn, end error) {
			_, llm := turn.StartLLM(t.Context(), gpt)
			llm.End(end)
			llm.SetAttributes(semconv.VoiceChannel("web"))
		}, "voice.channel"},
		{"characters", func(turn *otelvoice.Turn, end error) {
			_, tts := turn.StartTTS(t.Context(), sonic3)
			tts.End(end)
			tts.AddText("Good evening.")
		}, "voice.tts.characters"},
		{"a request's id", func(turn *otelvoice.Turn, end error) {
			_, tts := turn.StartTTS(t.Context(), sonic3)
			tts.End(end)
			tts.AddRequestID("req-1")
		}, "voice.provider.request_ids"},
		{"a tool's call", func(turn *otelvoice.Turn, end error) {
			_, tool := turn.StartTool(t.Context(), "book")
			tool.End(end)
			tool.SetCallID("call-1")
		}, "gen_ai.tool.call.id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			_, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(t.Context())
			for _, end := range []error{otelvoice.ErrInterrupted, context.Canceled, nil, nil} {
				tt.say(turn, end)
				want := 0
				if end == nil {
					want = 1
				}
				if got := count(warnings(t, rec), tt.want+" came after the stage had ended and is not recorded"); got != want {
					t.Errorf("after a stage that ended with %v: %d warnings, want %d", end, got, want)
				}
			}
			if got, want := points(rec, "voice.measurements.dropped"), "voice.drop.reason=late voice.measurement="+tt.want+" 4"; got != want {
				t.Errorf("dropped: got %q, want %q", got, want)
			}
		})
	}
}

// A first byte after the stage's end is dropped as late, unless the stage had its first byte
// before or was interrupted: chunks continue to arrive after a barge-in.
func TestFirstByteAfterTheEnd(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(t.Context())
	_, tts := turn.StartTTS(t.Context(), sonic3)
	tts.End(otelvoice.ErrInterrupted)
	tts.FirstByte()
	_, tts = turn.StartTTS(t.Context(), sonic3)
	tts.FirstByte()
	tts.End(nil)
	tts.FirstByte()
	if got := points(rec, "voice.measurements.dropped"); got != "" {
		t.Errorf("dropped: %s", got)
	}
	_, tts = turn.StartTTS(t.Context(), sonic3)
	tts.End(nil)
	tts.FirstByte()
	if got, want := points(rec, "voice.measurements.dropped"), "voice.drop.reason=late voice.measurement=voice.tts.first_byte 1"; got != want {
		t.Errorf("dropped: got %q, want %q", got, want)
	}
}

// If a call ends while its work is running, the program has made no mistake: later changes by its
// goroutines are counted without a warning.
func TestChangesAfterTheHangup(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(t.Context())
	session.End()
	turn.Mark(otelvoice.AgentStopped)
	turn.Fail(context.Canceled)
	turn.End()
	for _, message := range warnings(t, rec) {
		if message != "turn abandoned" {
			t.Errorf("a warning: %s", message)
		}
	}
	voicetest.Check(t, rec)
}

// A start time in the future or too long ago comes from another clock. It counts as now, so that durations are
// neither negative nor decades.
func TestStartOfAnotherClock(t *testing.T) {
	for _, tt := range []struct {
		name    string
		start   time.Time
		dropped string
	}{
		{"in an hour", time.Now().Add(time.Hour), "negative"},
		{"in the last year", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "negative"},
		{"25 hours ago", time.Now().Add(-25 * time.Hour), "too_long"},
		{"the epoch", time.Unix(0, 0), "too_long"},
		{"the first year", time.Time{}.Add(time.Second), "too_long"},
	} {
		t.Run(tt.name, func(t *testing.T) { startedBy(t, otelvoice.WithStartTime(tt.start), tt.dropped) })
	}
}

func startedBy(t *testing.T, ahead otelvoice.StartOption, reason string) {
	t.Helper()
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context(), ahead)
	_, stream := session.StartSTTStream(ctx, nova3, ahead)
	stream.Connected()
	tctx, turn := session.StartTurn(ctx, ahead)
	_, llm := turn.StartLLM(tctx, gpt, ahead)
	llm.FirstToken()
	llm.End(nil)
	_, tool := turn.StartTool(tctx, "book", ahead)
	tool.End(nil)
	_, stt := stream.Utterance(tctx, turn, ahead)
	stt.End(nil)
	_, op := tel.StartOperation(tctx, "load", ahead)
	op.End(nil)
	turn.End()
	session.End()
	voicetest.Check(t, rec)

	for _, s := range rec.Spans() {
		if took := s.EndTime().Sub(s.StartTime()); took < 0 || took > time.Minute {
			t.Errorf("%s took %v", s.Name(), took)
		}
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if ms, ok := line["duration_ms"].(float64); ok && ms < 0 {
			t.Errorf("%q took %v ms", line["message"], ms)
		}
	}
	if _, known := turn.Stages()[0].Float(semconv.VoiceLLMTimeToFirstTokenKey); !known {
		t.Error("the time to the first token is unknown")
	}
	if got := points(rec, "voice.measurements.dropped"); got != "voice.drop.reason="+reason+" voice.measurement=voice.duration 7" {
		t.Errorf("dropped: %s", got)
	}
}

// A call, a stream and an operation may last a day, a turn and a stage an hour.
func TestStartLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ago := func(d time.Duration) otelvoice.StartOption { return otelvoice.WithStartTime(time.Now().Add(-d)) }
		ctx, session := tel.StartSession(t.Context(), ago(24*time.Hour))
		_, stream := session.StartSTTStream(ctx, nova3, ago(24*time.Hour))
		ctx, turn := session.StartTurn(ctx, ago(time.Hour))
		_, tool := turn.StartTool(ctx, "book", ago(time.Hour))
		_, llm := turn.StartLLM(ctx, gpt, ago(time.Hour+1))
		_, op := tel.StartOperation(ctx, "load", ago(24*time.Hour))
		op.End(nil)
		llm.End(nil)
		tool.End(nil)
		turn.End()
		stream.End(nil)
		session.End()
		var got []string
		for _, s := range rec.Spans() {
			got = append(got, s.EndTime().Sub(s.StartTime()).String())
		}
		if got, want := strings.Join(got, " "), "24h0m0s 0s 1h0m0s 1h0m0s 24h0m0s 24h0m0s"; got != want {
			t.Errorf("the spans took %s, want %s", got, want)
		}
		if got := points(rec, "voice.measurements.dropped"); got != "voice.drop.reason=too_long voice.measurement=voice.duration 1" {
			t.Errorf("dropped: %s", got)
		}
	})
}
