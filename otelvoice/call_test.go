// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var (
	nova3  = otelvoice.Model{Provider: "deepgram", Name: "nova-3"}
	gpt    = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}
	sonic3 = otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
)

// wait advances the clock of a synctest bubble.
func wait(ms int) { <-time.After(time.Duration(ms) * time.Millisecond) }

// drain reads a sequence to its end and ignores what it yields.
func drain[T any](seq iter.Seq2[T, error]) {
	for _, err := range seq {
		_ = err
	}
}

// speak is a successful turn. Tests rely on its times.
func speak(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	turn.Mark(otelvoice.UserStarted)

	_, stt := turn.StartSTT(ctx, nova3)
	stt.SetLanguage("en")
	wait(400)
	stt.Partial()
	wait(600)
	turn.VADStopped(time.Now(), 200*time.Millisecond) // t0 = 0.8 s
	wait(50)
	stt.SetConfidence(.93)
	stt.SetAudioDuration(800 * time.Millisecond)
	stt.Final() // 1.05 s
	stt.End(nil)
	wait(100)
	turn.Mark(otelvoice.TurnCommitted) // 1.15 s
	wait(5)

	_, llm := turn.StartLLM(ctx, gpt) // 1.155 s
	wait(300)
	words := func(yield func(string, error) bool) {
		for _, w := range []string{"We ", "open ", "at ", "nine."} {
			if !yield(w, nil) {
				return
			}
			wait(20)
		}
		llm.SetUsage(otelvoice.Usage{InputTokens: 80, OutputTokens: 4}) // As in a last chunk.
	}
	drain(otelvoice.Stream(llm, words)) // first at 1.455 s

	_, tts := turn.StartTTS(ctx, sonic3) // 1.535 s
	tts.AddText("We open at nine.")
	wait(150)
	tts.FirstByte() // 1.685 s
	wait(10)
	turn.Mark(otelvoice.AgentStarted) // 1.695 s
	wait(900)
	tts.SetAudioDuration(1200 * time.Millisecond)
	tts.End(nil)
	turn.Mark(otelvoice.AgentStopped)
}

func TestCallTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("sess_test"), otelvoice.WithChannel("web"))
		speak(ctx, session)
		session.SetEndReason(otelvoice.EndUserHangup)
		session.End()

		want := strings.TrimPrefix(`
voice.session 2.595s sess_test user_hangup
  +0.000s voice.turn 1 2.595s completed
    +0.000s speech_to_text nova-3 1.050s final after 0.250s confidence 0.93
    +1.155s chat gpt-4o-mini 0.380s first token 0.300s 4 tokens
    +1.535s text_to_speech sonic-3 1.060s first byte 0.150s audio 1.200s
    waited 0.895s = transcription 0.250 + endpointing 0.100 + dispatch 0.005 + generation 0.300 + aggregation 0.080 + synthesis 0.150 + playout 0.010 (vad)
`, "\n")
		if got := rec.Timeline(); got != want {
			t.Errorf("timeline\ngot\n%s\nwant\n%s", got, want)
		}
		voicetest.Check(t, rec)
	})
}

func TestTurnLatencyIsKnownAfterEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		defer session.End()
		_, turn := session.StartTurn(ctx)
		turn.UserStopped(time.Now(), otelvoice.AnchorSTT)
		wait(700)
		turn.Mark(otelvoice.AgentStarted)
		if _, ok := turn.Latency(); ok {
			t.Error("the latency is known before the turn ended")
		}
		turn.End()
		l, ok := turn.Latency()
		if !ok || l.Response != 700*time.Millisecond || l.Anchor != otelvoice.AnchorSTT {
			t.Errorf("got %+v, %v; want 700ms anchored by stt", l, ok)
		}
	})
}

// outcomes lists the recorded spans with their outcomes.
func outcomes(rec *voicetest.Recorder) map[string]string {
	got := make(map[string]string)
	for _, s := range rec.Spans() {
		outcome := ""
		for _, kv := range s.Attributes() {
			switch kv.Key {
			case semconv.VoiceTurnOutcomeKey, semconv.VoiceStageOutcomeKey, semconv.VoiceOperationOutcomeKey:
				outcome = kv.Value.AsString()
			case semconv.ErrorTypeKey:
				outcome += " " + kv.Value.AsString()
			}
		}
		if s.Status().Code == codes.Error {
			outcome += " (error)"
		}
		got[s.Name()] = outcome
	}
	return got
}

func TestOutcomes(t *testing.T) {
	errDown := errors.New("503")
	for _, tt := range []struct {
		name string
		turn func(ctx context.Context, turn *otelvoice.Turn)
		want map[string]string
	}{
		{
			name: "an error fails stage and turn",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, stt := turn.StartSTT(ctx, nova3)
				stt.End(errDown)
			},
			want: map[string]string{
				"speech_to_text nova-3": "failed _OTHER (error)",
				"voice.turn":            "failed _OTHER (error)",
			},
		},
		{
			name: "a retry makes it good",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, llm := turn.StartLLM(ctx, gpt)
				llm.End(errDown)
				_, llm = turn.StartLLM(ctx, otelvoice.Model{Provider: "other", Name: "fallback"})
				llm.End(nil)
			},
			want: map[string]string{
				"chat gpt-4o-mini": "failed _OTHER (error)",
				"chat fallback":    "completed",
				"voice.turn":       "completed",
			},
		},
		{
			name: "a tool may fail and the turn go well",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, tool := turn.StartTool(ctx, "book")
				tool.End(errDown)
				_, llm := turn.StartLLM(ctx, gpt)
				llm.End(nil)
			},
			want: map[string]string{
				"execute_tool book": "failed _OTHER (error)",
				"chat gpt-4o-mini":  "completed",
				"voice.turn":        "completed",
			},
		},
		{
			name: "a barge-in is no error",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				ctx, cancel := context.WithCancelCause(ctx)
				_, llm := turn.StartLLM(ctx, gpt)
				_, tts := turn.StartTTS(ctx, sonic3)
				turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(time.Second))
				cancel(otelvoice.ErrInterrupted)
				llm.End(fmt.Errorf("read: %w", ctx.Err()))
				tts.End(errors.New("use of closed network connection"))
			},
			want: map[string]string{
				"chat gpt-4o-mini":       "interrupted",
				"text_to_speech sonic-3": "interrupted",
				"voice.turn":             "interrupted",
			},
		},
		{
			name: "a cause is enough",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				ctx, cancel := context.WithCancelCause(ctx)
				_, llm := turn.StartLLM(ctx, gpt)
				cancel(otelvoice.ErrInterrupted)
				llm.End(ctx.Err())
				turn.Interrupt(otelvoice.UserTurn)
			},
			want: map[string]string{"chat gpt-4o-mini": "interrupted", "voice.turn": "interrupted"},
		},
		{
			name: "what ends well though cut short was interrupted",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, tts := turn.StartTTS(ctx, sonic3)
				turn.Interrupt(otelvoice.AudioActivity)
				tts.End(nil)
			},
			want: map[string]string{"text_to_speech sonic-3": "interrupted", "voice.turn": "interrupted"},
		},
		{
			name: "a cough is no interruption",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, tts := turn.StartTTS(ctx, sonic3)
				turn.Interrupt(otelvoice.AudioActivity)
				turn.FalseInterruption()
				tts.End(nil)
			},
			want: map[string]string{"text_to_speech sonic-3": "completed", "voice.turn": "completed"},
		},
		{
			name: "a deadline is a failure",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, llm := turn.StartLLM(ctx, gpt)
				llm.End(context.DeadlineExceeded)
			},
			want: map[string]string{"chat gpt-4o-mini": "failed timeout (error)", "voice.turn": "failed timeout (error)"},
		},
		{
			name: "a deadline is a timeout, in the program's own words",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				ctx, llm := turn.StartLLM(past(ctx, t, errors.New("no answer in time")), gpt)
				llm.End(fmt.Errorf("ask: %w", context.Cause(ctx)))
			},
			want: map[string]string{"chat gpt-4o-mini": "failed timeout (error)", "voice.turn": "failed timeout (error)"},
		},
		{
			name: "a deadline is a timeout, in an error of the program's own type",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				ctx, llm := turn.StartLLM(past(ctx, t, slowError{}), gpt)
				llm.End(context.Cause(ctx))
			},
			want: map[string]string{"chat gpt-4o-mini": "failed timeout (error)", "voice.turn": "failed timeout (error)"},
		},
		{
			name: "an error that says its type, as the cause of a deadline",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				ctx, llm := turn.StartLLM(past(ctx, t, typedError("slow_model")), gpt)
				llm.End(context.Cause(ctx))
			},
			want: map[string]string{"chat gpt-4o-mini": "failed slow_model (error)", "voice.turn": "failed slow_model (error)"},
		},
		{
			name: "another error after the deadline",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, llm := turn.StartLLM(past(ctx, t, errors.New("no answer in time")), gpt)
				llm.End(errors.New("no JSON"))
			},
			want: map[string]string{"chat gpt-4o-mini": "failed _OTHER (error)", "voice.turn": "failed _OTHER (error)"},
		},
		{
			name: "a panic with a cancellation is a failure",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, llm := turn.StartLLM(ctx, gpt)
				defer func() { _ = recover() }()
				defer llm.End(nil)
				panic(context.Canceled)
			},
			want: map[string]string{"chat gpt-4o-mini": "failed panic (error)", "voice.turn": "failed panic (error)"},
		},
		{
			name: "a panic in a barge-in, with an error of a closed connection",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				_, llm := turn.StartLLM(ctx, gpt)
				turn.Interrupt(otelvoice.AudioActivity)
				defer func() { _ = recover() }()
				defer llm.End(nil)
				panic(io.ErrClosedPipe)
			},
			want: map[string]string{"chat gpt-4o-mini": "failed panic (error)", "voice.turn": "failed panic (error)"},
		},
		{
			name: "any other cancellation abandons",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				ctx, cancel := context.WithCancel(ctx)
				_, llm := turn.StartLLM(ctx, gpt)
				cancel()
				llm.End(ctx.Err())
			},
			want: map[string]string{"chat gpt-4o-mini": "abandoned", "voice.turn": "abandoned"},
		},
		{
			name: "stages left open are closed by the turn",
			turn: func(ctx context.Context, turn *otelvoice.Turn) {
				turn.StartTTS(ctx, sonic3)
				turn.StartTool(ctx, "book")
			},
			want: map[string]string{
				"text_to_speech sonic-3": "abandoned", "execute_tool book": "abandoned", "voice.turn": "abandoned",
			},
		},
		{
			name: "the agent's own verdict",
			turn: func(_ context.Context, turn *otelvoice.Turn) {
				turn.Fail(errDown)
				turn.SetOutcome(otelvoice.Completed)
			},
			want: map[string]string{"voice.turn": "completed"},
		},
		{
			name: "failed without an error still has a type",
			turn: func(_ context.Context, turn *otelvoice.Turn) { turn.SetOutcome(otelvoice.Failed) },
			want: map[string]string{"voice.turn": "failed _OTHER (error)"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			tt.turn(ctx, turn)
			turn.End()
			session.End()
			got := outcomes(rec)
			delete(got, semconv.SpanVoiceSession)
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("\ngot  %v\nwant %v", got, tt.want)
			}
			voicetest.Check(t, rec)
		})
	}
}

// A hang-up during a turn is neither an interruption nor a failure.
func TestHangupAbandonsTheTurn(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	turn.StartLLM(ctx, gpt)
	session.SetEndReason(otelvoice.EndUserHangup)
	session.End()
	want := map[string]string{"chat gpt-4o-mini": "abandoned", "voice.turn": "abandoned", "voice.session": ""}
	if got := outcomes(rec); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("\ngot  %v\nwant %v", got, want)
	}
	voicetest.Check(t, rec)
	turn.End() // A late End does nothing.
	if n := len(rec.Spans()); n != 3 {
		t.Errorf("%d spans after a second End, want 3", n)
	}
}

// Shutdown in the middle of a call, with a context that is already cancelled,
// still records the call.
func TestShutdownEndsOpenSessions(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(ctx)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := tel.Shutdown(cancelled); err != nil {
		t.Fatalf("Shutdown: %v", err)
	}
	if err := tel.Shutdown(cancelled); err != nil {
		t.Errorf("second Shutdown: %v", err)
	}
	if got := rec.Timeline(); !strings.Contains(got, "shutdown") || !strings.Contains(got, "abandoned") {
		t.Errorf("the open call is not recorded:\n%s", got)
	}
	// All methods remain callable.
	turn.Mark(otelvoice.AgentStarted)
	turn.End()
	session.End()
	ctx, late := tel.StartSession(ctx)
	ctx, lateTurn := late.StartTurn(ctx)
	_, stt := lateTurn.StartSTT(ctx, nova3)
	stt.End(errors.New("late"))
	lateTurn.End()
	late.End()
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Errorf("ForceFlush after Shutdown: %v", err)
	}
}

func TestNilHandlesDoNothing(t *testing.T) {
	var tel *otelvoice.Telemetry
	ctx, session := tel.StartSession(t.Context())
	session.Connected(time.Time{})
	session.SetAttributes()
	session.SetEndReason(otelvoice.EndTimeout)
	session.Fail(errors.New("x"))
	ctx, turn := session.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	turn.MarkAt(otelvoice.UserStopped, time.Now())
	turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
	turn.VADStopped(time.Now(), time.Second)
	turn.Interrupt(otelvoice.Programmatic)
	turn.FalseInterruption()
	turn.SetAttributes()
	turn.Fail(errors.New("x"))
	turn.SetOutcome(otelvoice.Failed)
	if _, ok := turn.Latency(); ok || turn.ID() != "" || turn.Index() != 0 || session.ID() != "" || session.CorrelationID() != "" {
		t.Error("a nil handle knows something")
	}
	_, stt := turn.StartSTT(ctx, nova3)
	stt.Partial()
	stt.Final()
	stt.SetConfidence(1)
	stt.SetLanguage("en")
	stt.SetAudio(otelvoice.AudioFormat{})
	stt.SetAudioDuration(time.Second)
	stt.SetTranscript("x")
	stt.AddRequestID("x")
	stt.SetAttributes()
	stt.Reader(strings.NewReader("x")).Close()
	stt.End(nil)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.Chunk()
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{})
	llm.SetResponse("", "")
	llm.SetReply("x")
	llm.AddRequestID("x")
	llm.SetAttributes()
	drain(otelvoice.Stream(llm, func(yield func(int, error) bool) { yield(1, nil) }))
	llm.End(nil)
	_, tts := turn.StartTTS(ctx, sonic3)
	tts.FirstByte()
	tts.FirstAudible()
	tts.SetVoice("x")
	tts.AddText("x")
	tts.SetAudio(otelvoice.AudioFormat{})
	tts.SetAudioDuration(time.Second)
	tts.AddRequestID("x")
	tts.SetAttributes()
	tts.Reader(strings.NewReader("x")).Close()
	drain(otelvoice.StreamAudio(tts, func(yield func([]byte, error) bool) { yield(nil, nil) }))
	tts.End(nil)
	_, tool := turn.StartTool(ctx, "x")
	tool.SetCallID("x")
	tool.SetArguments("x")
	tool.SetResult("x")
	tool.SetAttributes()
	tool.End(nil)
	_, op := tel.StartOperation(ctx, "x")
	op.SetAttributes()
	op.End(nil)
	turn.End()
	session.End()
	tel.Logger("x").Debug("x")
	tel.TracerProvider().Tracer("x")
	tel.MeterProvider().Meter("x")
	tel.LoggerProvider().Logger("x")
	tel.Propagator().Fields()
	if err := errors.Join(tel.ForceFlush(ctx), tel.Shutdown(ctx)); err != nil {
		t.Errorf("nil Telemetry: %v", err)
	}
}

func TestPanicEndsTheStageAndIsNotRecovered(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(ctx context.Context, tel *voicesdk.SDK)
		span string
	}{
		{"stage", func(ctx context.Context, tel *voicesdk.SDK) {
			ctx, s := tel.StartSession(ctx)
			ctx, turn := s.StartTurn(ctx)
			_, stt := turn.StartSTT(ctx, nova3)
			defer stt.End(nil)
			panic("boom")
		}, "speech_to_text nova-3"},
		{"turn", func(ctx context.Context, tel *voicesdk.SDK) {
			ctx, s := tel.StartSession(ctx)
			_, turn := s.StartTurn(ctx)
			defer turn.End()
			panic("boom")
		}, "voice.turn"},
		{"session", func(ctx context.Context, tel *voicesdk.SDK) {
			_, s := tel.StartSession(ctx)
			defer s.End()
			panic("boom")
		}, "voice.session"},
		{"operation", func(ctx context.Context, tel *voicesdk.SDK) {
			_, op := tel.StartOperation(ctx, "warm up")
			defer op.End(nil)
			panic("boom")
		}, "warm up"},
		{"stream", func(ctx context.Context, tel *voicesdk.SDK) {
			ctx, s := tel.StartSession(ctx)
			ctx, turn := s.StartTurn(ctx)
			_, llm := turn.StartLLM(ctx, gpt)
			drain(otelvoice.Stream(llm, func(func(int, error) bool) { panic("boom") }))
		}, "chat gpt-4o-mini"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			func() {
				defer func() {
					if r := recover(); r != "boom" {
						t.Errorf("recovered %v, want the panic to go on", r)
					}
				}()
				tt.run(t.Context(), tel)
			}()
			got := outcomes(rec)[tt.span]
			if !strings.HasSuffix(got, "panic (error)") {
				t.Errorf("%s ended as %q, want error.type panic", tt.span, got)
			}
			lines, err := rec.Lines()
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, line := range lines {
				if e, ok := line["exception"].(map[string]any); ok && line["level"] == "ERROR" {
					stack, _ := e["stacktrace"].(string)
					found = found || strings.Contains(stack, "TestPanicEndsTheStageAndIsNotRecovered")
				}
			}
			if !found {
				t.Errorf("no ERROR line has the panic and its stack: %v", lines)
			}
		})
	}
}

// With a thousand concurrent calls, each with a barge-in, no span is a child of another call's
// span, and every turn has its own ids.
func TestThousandSessionsAtOnce(t *testing.T) {
	const n = 1000
	tel, rec := voicetest.Setup(t, voicesdk.WithoutConsole())
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID(fmt.Sprintf("s%d", i)))
			defer session.End()
			for range 2 {
				tctx, turn := session.StartTurn(ctx)
				tctx, cancel := context.WithCancelCause(tctx)
				_, stt := turn.StartSTT(tctx, nova3)
				turn.UserStopped(time.Now(), otelvoice.AnchorManual)
				stt.Final()
				stt.End(nil)
				_, llm := turn.StartLLM(tctx, gpt)
				_, tts := turn.StartTTS(tctx, sonic3)
				var talk sync.WaitGroup
				talk.Go(func() { llm.FirstToken(); llm.End(context.Cause(tctx)) })
				talk.Go(func() { tts.FirstByte(); turn.Mark(otelvoice.AgentStarted); <-tctx.Done(); tts.End(tctx.Err()) })
				talk.Go(func() { turn.Interrupt(otelvoice.AudioActivity); cancel(otelvoice.ErrInterrupted) })
				talk.Wait()
				turn.End()
			}
		})
	}
	wg.Wait()
	voicetest.Check(t, rec)
	if got, want := len(rec.Spans()), n*(1+2*4); got != want {
		t.Errorf("%d spans, want %d", got, want)
	}
	traces := make(map[trace.TraceID]string)
	for _, s := range rec.Spans() {
		id := sessionOf(s)
		if other, ok := traces[s.SpanContext().TraceID()]; ok && other != id {
			t.Fatalf("sessions %s and %s share a trace", id, other)
		}
		traces[s.SpanContext().TraceID()] = id
	}
	if len(traces) != n {
		t.Errorf("%d traces for %d sessions", len(traces), n)
	}
}

func sessionOf(s sdktrace.ReadOnlySpan) string {
	for _, kv := range s.Attributes() {
		if kv.Key == semconv.SessionIDKey {
			return kv.Value.AsString()
		}
	}
	return ""
}
