// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A turn's outcome follows from its audio, its failures and its barge-ins.
func TestOutcomeOfATurn(t *testing.T) {
	errDown := errors.New("503")
	hangUp := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return ctx
	}
	for _, tt := range []struct {
		name string
		turn func(context.Context, *otelvoice.Turn)
		want string
	}{
		{"without a stage, never heard", func(context.Context, *otelvoice.Turn) {}, "abandoned"},
		{"without a stage, heard", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.AgentStarted)
		}, "completed"},
		{"a hang-up while the user speaks", func(ctx context.Context, turn *otelvoice.Turn) {
			ctx, stt := turn.StartSTT(ctx, nova3)
			stt.End(hangUp(ctx).Err())
		}, "abandoned"},
		{"a hang-up while the model answers", func(ctx context.Context, turn *otelvoice.Turn) {
			_, stt := turn.StartSTT(ctx, nova3)
			stt.End(nil)
			ctx, llm := turn.StartLLM(ctx, gpt)
			llm.End(hangUp(ctx).Err())
		}, "abandoned"},
		{"a hang-up that the model's client does not see", func(ctx context.Context, turn *otelvoice.Turn) {
			turn.StartLLM(ctx, gpt)
		}, "abandoned"},
		{"a hang-up, in gRPC's words", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(status.Error(grpccodes.Canceled, "context canceled"))
		}, "abandoned"},
		{"a hang-up, passed to Fail as a gRPC error", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Fail(fmt.Errorf("speak: %w", status.Error(grpccodes.Canceled, "context canceled")))
		}, "abandoned"},
		{"a hang-up that closes the connection", func(ctx context.Context, turn *otelvoice.Turn) {
			ctx, cancel := context.WithCancel(ctx)
			_, tts := turn.StartTTS(ctx, sonic3)
			cancel()
			err := &net.OpError{Op: "read", Err: net.ErrClosed}
			tts.End(err)
			turn.Fail(fmt.Errorf("speak: %w", err))
		}, "abandoned"},
		{"a connection that closes without a hang-up", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			tts.End(&net.OpError{Op: "read", Err: net.ErrClosed})
		}, "failed by read: use of closed network connection"},
		{"a barge-in that closes the connection, passed to Fail", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Interrupt(otelvoice.AudioActivity)
			turn.Fail(fmt.Errorf("speak: %w", net.ErrClosed))
		}, "interrupted, audio_activity"},
		{"a connection that closed before the barge-in", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Fail(net.ErrClosed)
			turn.Interrupt(otelvoice.AudioActivity)
		}, "failed by use of closed network connection, audio_activity"},
		{"a barge-in whose stage error is also passed to Fail", func(ctx context.Context, turn *otelvoice.Turn) {
			ctx, cancel := context.WithCancelCause(ctx)
			_, llm := turn.StartLLM(ctx, gpt)
			cancel(otelvoice.ErrInterrupted)
			llm.End(io.ErrUnexpectedEOF)
			turn.Fail(fmt.Errorf("answer: %w", io.ErrUnexpectedEOF))
		}, "interrupted"},
		{"another error than the one of the stage that was cut", func(ctx context.Context, turn *otelvoice.Turn) {
			ctx, cancel := context.WithCancelCause(ctx)
			_, llm := turn.StartLLM(ctx, gpt)
			cancel(otelvoice.ErrInterrupted)
			llm.End(io.ErrUnexpectedEOF)
			turn.Fail(errDown)
		}, "failed by 503"},
		{"a hang-up while a tool runs", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(nil)
			ctx, tool := turn.StartTool(ctx, "book")
			tool.End(hangUp(ctx).Err())
		}, "abandoned"},
		{"a hang-up while the first sentence is made", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(nil)
			ctx, tts := turn.StartTTS(ctx, sonic3)
			tts.FirstByte()
			tts.End(hangUp(ctx).Err())
		}, "abandoned"},
		{"the newest stage is the one that started last, not the one that ended last", func(ctx context.Context, turn *otelvoice.Turn) {
			sctx, slow := turn.StartLLM(ctx, gpt)
			_, fast := turn.StartLLM(ctx, gpt)
			fast.End(nil)
			slow.End(hangUp(sctx).Err())
		}, "completed"},
		{"a hang-up while the agent speaks", func(ctx context.Context, turn *otelvoice.Turn) {
			ctx, tts := turn.StartTTS(ctx, sonic3)
			tts.FirstByte()
			turn.Mark(otelvoice.AgentStarted)
			tts.End(hangUp(ctx).Err())
		}, "completed"},
		{"an answer without the mark of its playback", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			tts.End(nil)
		}, "completed"},
		{"a request that was given up and made again", func(ctx context.Context, turn *otelvoice.Turn) {
			lctx, llm := turn.StartLLM(ctx, gpt)
			llm.End(hangUp(lctx).Err())
			_, again := turn.StartLLM(ctx, gpt)
			again.End(nil)
		}, "completed"},

		{"an error, then the caller says hello", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Fail(errDown)
			turn.Interrupt(otelvoice.AudioActivity)
		}, "failed by 503, audio_activity"},
		{"the caller says hello, then the error comes", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Interrupt(otelvoice.AudioActivity)
			turn.Fail(errDown)
		}, "failed by 503, audio_activity"},
		{"a model that failed, then the caller says hello", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(errDown)
			turn.Interrupt(otelvoice.UserTurn, otelvoice.PlayedFor(0))
		}, "failed by 503, user_turn"},
		{"the caller says hello into silence, then the model fails", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			turn.Interrupt(otelvoice.UserTurn)
			llm.End(errDown)
		}, "failed by 503, user_turn"},
		{"a voice that failed in mid-sentence, then the caller speaks", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			turn.Mark(otelvoice.AgentStarted)
			tts.End(errDown)
			turn.Interrupt(otelvoice.AudioActivity)
		}, "failed by 503, audio_activity"},
		{"a barge-in, and what the client made of it", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			turn.Mark(otelvoice.AgentStarted)
			turn.Interrupt(otelvoice.AudioActivity)
			tts.End(errors.New("stream reset"))
		}, "interrupted, audio_activity"},
		{"a barge-in that closed the connection before a word was heard", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			turn.Interrupt(otelvoice.AudioActivity)
			llm.End(fmt.Errorf("read tcp: %w", net.ErrClosed))
		}, "interrupted, audio_activity"},
		{"a barge-in that closed the pipe", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			turn.Interrupt(otelvoice.AudioActivity)
			tts.End(io.ErrClosedPipe)
		}, "interrupted, audio_activity"},
		{"a barge-in reported as the turn's error", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Interrupt(otelvoice.AudioActivity)
			turn.Fail(fmt.Errorf("speak: %w", context.Canceled))
		}, "interrupted, audio_activity"},
		{"a barge-in known by its cause alone", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Fail(otelvoice.ErrInterrupted)
		}, "interrupted"},
		{"a barge-in known by a stage alone", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			turn.Mark(otelvoice.AgentStarted)
			tts.End(otelvoice.ErrInterrupted)
		}, "interrupted"},
		{"a cough that stopped a stage, and nothing else", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			turn.Mark(otelvoice.AgentStarted)
			turn.Interrupt(otelvoice.AudioActivity)
			tts.End(otelvoice.ErrInterrupted)
			turn.FalseInterruption()
		}, "completed"},
		{"a cancellation as the turn's error", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Mark(otelvoice.AgentStarted)
			turn.Fail(context.Canceled)
		}, "abandoned"},
		{"an error after a cancellation", func(_ context.Context, turn *otelvoice.Turn) {
			turn.Fail(context.Canceled)
			turn.Fail(errDown)
		}, "failed by 503"},
		{"a recogniser that fails in a barge-in", func(ctx context.Context, turn *otelvoice.Turn) {
			_, stt := turn.StartSTT(ctx, nova3)
			turn.Mark(otelvoice.AgentStarted)
			turn.Interrupt(otelvoice.AudioActivity)
			stt.End(errDown)
		}, "failed by 503, audio_activity"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			tt.turn(ctx, turn)
			turn.End()
			session.End()
			voicetest.Check(t, rec)

			if got := verdict(t, rec); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			outcome, _ := turn.Outcome()
			if got := points(rec, "voice.turn.count"); !strings.Contains(got, "voice.turn.outcome="+string(outcome)+" 1") {
				t.Errorf("an outcome of %q is counted as %s", outcome, got)
			}
			want := strings.Contains(tt.want, "interrupted") || strings.Contains(tt.want, ", ")
			if got := points(rec, "voice.interruption.count"); (got != "") != want {
				t.Errorf("interruptions are counted as %q, want any: %v", got, want)
			}
		})
	}
}

// verdict returns the turn's outcome, its error and who interrupted it.
func verdict(t *testing.T, rec *voicetest.Recorder) string {
	t.Helper()
	attrs := span(t, rec, semconv.SpanVoiceTurn)
	got := attrs[semconv.VoiceTurnOutcomeKey].AsString()
	for _, s := range rec.Spans() {
		if s.Name() == semconv.SpanVoiceTurn && s.Status().Description != "" {
			got += " by " + s.Status().Description
		}
	}
	if source, ok := attrs[semconv.VoiceInterruptionSourceKey]; ok {
		got += ", " + source.AsString()
	}
	return got
}

// A failed turn that the session ends remains failed, because the failure may be the reason for
// the hang-up.
func TestHangupAfterAFailure(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.End(errors.New("503"))
	session.End()
	if got := verdict(t, rec); got != "failed by 503" {
		t.Errorf("got %q, want failed by 503", got)
	}
}

// The response latency of a turn is compared with those of earlier turns, whichever ends first.
func TestOverlappingTurns(t *testing.T) {
	base := time.Now().Add(-time.Minute)
	at := func(seconds float64) time.Time { return base.Add(time.Duration(seconds * float64(time.Second))) }
	const stale = "voice.drop.reason=stale voice.measurement=voice.turn.response_latency 1"
	for _, tt := range []struct {
		name string
		// For each turn: when the user stopped and when the agent was heard, in seconds.
		turns   [][2]float64
		end     []int // The order in which the turns end.
		want    []float64
		dropped string
	}{
		{"the first ends last", [][2]float64{{1, 4}, {2, 2.5}}, []int{1, 0}, []float64{3, .5}, ""},
		{"in order", [][2]float64{{1, 4}, {2, 2.5}}, []int{0, 1}, []float64{3, .5}, ""},
		{"three, the first ends last", [][2]float64{{1, 9}, {2, 8}, {3, 7}}, []int{2, 1, 0}, []float64{8, 6, 4}, ""},
		{
			"the first's end of speech is of another clock",
			[][2]float64{{7200, 1}, {2, 2.5}},
			[]int{0, 1},
			[]float64{0, .5},
			"voice.drop.reason=negative voice.measurement=voice.turn.response_latency 1",
		},
		{"an anchor left over", [][2]float64{{1, 1.5}, {1, 9}}, []int{0, 1}, []float64{.5, 0}, stale},
		{"an anchor left over in a turn between", [][2]float64{{1, 2}, {1, 9}, {3, 4}}, []int{0, 2, 1}, []float64{1, 0, 1}, stale},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context(), otelvoice.WithStartTime(base))
			var turns []*otelvoice.Turn
			for _, marks := range tt.turns {
				_, turn := session.StartTurn(ctx)
				turn.UserStopped(at(marks[0]), otelvoice.AnchorVAD)
				turn.MarkAt(otelvoice.AgentStarted, at(marks[1]))
				turns = append(turns, turn)
			}
			for _, i := range tt.end {
				turns[i].End()
			}
			for i, want := range tt.want {
				l, ok := turns[i].Latency()
				if ok != (want > 0) || l.Response.Round(time.Millisecond).Seconds() != want {
					t.Errorf("turn %d: got %v %v, want %v s", i+1, l.Response, ok, want)
				}
			}
			session.End()
			if got := points(rec, "voice.measurements.dropped"); got != tt.dropped {
				t.Errorf("dropped: got %q, want %q", got, tt.dropped)
			}
		})
	}
}

// past returns a context whose deadline has passed, with the program's own error as its cause.
func past(ctx context.Context, t *testing.T, cause error) context.Context {
	t.Helper()
	ctx, cancel := context.WithDeadlineCause(ctx, time.Now().Add(-time.Second), cause)
	t.Cleanup(cancel)
	return ctx
}

type slowError struct{}

func (slowError) Error() string { return "the model is slow" }

type typedError string

func (e typedError) Error() string     { return "failed: " + string(e) }
func (e typedError) ErrorType() string { return string(e) }
