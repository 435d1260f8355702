// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// inTurn runs fn in a turn and returns the recorder.
func inTurn(t *testing.T, fn func(ctx context.Context, turn *otelvoice.Turn), opts ...voicesdk.Option) *voicetest.Recorder {
	t.Helper()
	tel, rec := voicetest.Setup(t, opts...)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	fn(ctx, turn)
	turn.End()
	session.End()
	voicetest.Check(t, rec)
	return rec
}

// span returns the attributes of the first span with a name.
func span(t *testing.T, rec *voicetest.Recorder, name string) map[attribute.Key]attribute.Value {
	t.Helper()
	for _, s := range rec.Spans() {
		if s.Name() == name {
			out := make(map[attribute.Key]attribute.Value)
			for _, kv := range s.Attributes() {
				out[kv.Key] = kv.Value
			}
			return out
		}
	}
	t.Fatalf("no span %q among\n%s", name, rec.Shape())
	return nil
}

// words yields each word after 100 ms, and then the error unless it is nil.
func words(err error, list ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, w := range list {
			wait(100)
			if !yield(w, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

func TestStream(t *testing.T) {
	errCut := errors.New("connection reset")
	for _, tt := range []struct {
		name        string
		use         func(seq iter.Seq2[string, error])
		err         error
		wantOutcome string
		wantChunks  int64 // 0 if none are recorded
	}{
		{"drained", drain[string], nil, "completed", 3},
		{"dropped", func(seq iter.Seq2[string, error]) {
			for _, err := range seq {
				_ = err
				break
			}
		}, nil, "abandoned", 1},
		{"failed", drain[string], errCut, "failed", 3},
		{"never ranged over", func(iter.Seq2[string, error]) {}, nil, "abandoned", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
					_, llm := turn.StartLLM(ctx, gpt)
					tt.use(otelvoice.Stream(llm, words(tt.err, "a", "b", "c")))
				})
				got := span(t, rec, "chat gpt-4o-mini")
				if outcome := got[semconv.VoiceStageOutcomeKey].AsString(); outcome != tt.wantOutcome {
					t.Errorf("outcome %s, want %s", outcome, tt.wantOutcome)
				}
				chunks, known := got[semconv.VoiceLLMChunkCountKey]
				if known != (tt.wantChunks > 0) || known && chunks.AsInt64() != tt.wantChunks {
					t.Errorf("chunks %v, want %d", chunks.AsInterface(), tt.wantChunks)
				}
				first, known := got[semconv.VoiceLLMTimeToFirstTokenKey]
				if known != (tt.wantChunks > 0) || known && first.AsFloat64() != .1 {
					t.Errorf("time to first token %v, want 0.1", first.AsInterface())
				}
			})
		})
	}
}

// Thinking and tool calls are chunks, but not first tokens of the answer.
func TestFirstTokenIsTheAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn *otelvoice.Turn
		rec := inTurn(t, func(ctx context.Context, started *otelvoice.Turn) {
			turn = started
			turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
			_, llm := turn.StartLLM(ctx, gpt)
			wait(100)
			llm.Chunk() // A tool call.
			llm.End(nil)
			_, tool := turn.StartTool(ctx, "check_availability")
			wait(200)
			tool.End(nil)
			_, llm = turn.StartLLM(ctx, gpt)
			wait(300)
			llm.FirstToken()
			llm.End(nil)
			turn.Mark(otelvoice.AgentStarted)
		})
		got := span(t, rec, semconv.SpanVoiceTurn)
		if g := got[semconv.VoiceTurnSegmentGenerationKey].AsFloat64(); g != .6 {
			t.Errorf("generation %v, want 0.6: tools and both rounds", g)
		}
		if g := got[semconv.VoiceTurnToolTimeKey].AsFloat64(); g != .2 {
			t.Errorf("tool time %v, want 0.2", g)
		}
		first := span(t, rec, "chat gpt-4o-mini")
		if _, known := first[semconv.VoiceLLMTimeToFirstTokenKey]; known || first[semconv.GenAIResponseTimeToFirstChunkKey].AsFloat64() != .1 {
			t.Errorf("the round that called the tool has %v", first)
		}
	})
}

func TestTTSReader(t *testing.T) {
	pcm := otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 16000, Channels: 1}
	for _, tt := range []struct {
		name         string
		read         func(r io.ReadCloser) error
		body         io.Reader
		want         string
		wantDuration float64
	}{
		{
			"to the end", func(r io.ReadCloser) error { _, err := io.Copy(io.Discard, r); return err },
			bytes.NewReader(make([]byte, 32000)), "completed", 1,
		},
		{
			"a byte at a time", func(r io.ReadCloser) error { _, err := io.Copy(io.Discard, r); return err },
			iotest.OneByteReader(bytes.NewReader(make([]byte, 320))), "completed", .01,
		},
		{
			"error in the middle", func(r io.ReadCloser) error { _, _ = io.Copy(io.Discard, r); return nil },
			io.MultiReader(bytes.NewReader(make([]byte, 16000)), iotest.ErrReader(errors.New("reset"))), "failed", .5,
		},
		{"closed before the end", func(r io.ReadCloser) error {
			_, err := io.ReadFull(r, make([]byte, 16000))
			return errors.Join(err, r.Close())
		}, bytes.NewReader(make([]byte, 32000)), "completed", .5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
				_, tts := turn.StartTTS(ctx, sonic3)
				tts.SetAudio(pcm)
				if err := tt.read(tts.Reader(tt.body)); err != nil {
					t.Error(err)
				}
			})
			got := span(t, rec, "text_to_speech sonic-3")
			if got[semconv.VoiceStageOutcomeKey].AsString() != tt.want || got[semconv.VoiceTTSAudioDurationKey].AsFloat64() != tt.wantDuration {
				t.Errorf("outcome %v and audio %v s, want %s and %v",
					got[semconv.VoiceStageOutcomeKey].AsString(), got[semconv.VoiceTTSAudioDurationKey].AsFloat64(), tt.want, tt.wantDuration)
			}
			if _, known := got[semconv.VoiceTTSTimeToFirstByteKey]; !known {
				t.Error("no time to first byte")
			}
		})
	}
}

func TestSTTReaderCountsAndGoesOn(t *testing.T) {
	rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
		_, stt := turn.StartSTT(ctx, nova3)
		stt.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecMuLaw, SampleRate: 8000})
		if _, err := io.Copy(io.Discard, stt.Reader(bytes.NewReader(make([]byte, 4000)))); err != nil {
			t.Error(err)
		}
		stt.SetConfidence(0) // 0 is a known confidence.
		stt.End(nil)
	})
	got := span(t, rec, "speech_to_text nova-3")
	if got[semconv.VoiceAudioSizeKey].AsInt64() != 4000 || got[semconv.VoiceSTTAudioDurationKey].AsFloat64() != .5 {
		t.Errorf("got %v", got)
	}
	if c, known := got[semconv.VoiceSTTConfidenceKey]; !known || c.AsFloat64() != 0 {
		t.Error("a confidence of 0 is lost")
	}
}

func TestStreamAudio(t *testing.T) {
	rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
		_, tts := turn.StartTTS(ctx, sonic3)
		frames := func(yield func([]byte, error) bool) {
			_ = yield(nil, nil) && yield(make([]byte, 10), nil) && yield(make([]byte, 20), nil)
		}
		drain(otelvoice.StreamAudio(tts, frames))
	})
	got := span(t, rec, "text_to_speech sonic-3")
	if got[semconv.VoiceAudioSizeKey].AsInt64() != 30 || got[semconv.VoiceStageOutcomeKey].AsString() != "completed" {
		t.Errorf("got %v", got)
	}
}

func TestContentIsRecordedOnlyWhenAsked(t *testing.T) {
	const said = "my card is 4111"
	say := func(ctx context.Context, turn *otelvoice.Turn) {
		_, stt := turn.StartSTT(ctx, nova3)
		stt.SetTranscript(said)
		stt.End(nil)
		_, llm := turn.StartLLM(ctx, gpt)
		llm.SetReply(said)
		llm.End(nil)
		_, tool := turn.StartTool(ctx, "pay")
		tool.SetArguments(said)
		tool.SetResult(said)
		tool.End(nil)
		_, tts := turn.StartTTS(ctx, sonic3)
		tts.AddText(said)
		tts.End(nil)
	}
	count := func(rec *voicetest.Recorder) (n int) {
		for _, s := range rec.Spans() {
			for _, kv := range s.Attributes() {
				if kv.Value.String() == said {
					n++
				}
			}
		}
		return n
	}
	const variable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
	for _, tt := range []struct {
		name string
		opts []voicesdk.Option
		want int
	}{
		{"off by default", nil, 0},
		{"on by option", []voicesdk.Option{voicesdk.WithInstrumentation(otelvoice.WithContentCapture())}, 5},
		{"on by variable", []voicesdk.Option{variables(variable, "true")}, 5},
		{"the option beats the variable", []voicesdk.Option{variables(variable, "true"), voicesdk.WithInstrumentation(otelvoice.WithoutContentCapture())}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := count(inTurn(t, say, tt.opts...)); got != tt.want {
				t.Errorf("%d attributes hold what was said, want %d", got, tt.want)
			}
		})
	}
}
