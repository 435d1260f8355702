// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// slowReader takes 80 ms for each chunk.
type slowReader struct{ r io.Reader }

func (s slowReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p[:min(len(p), 160)])
	if n > 0 {
		wait(80)
	}
	return n, err
}

// pulled is a stream with a Next method, as SDKs have.
type pulled[T any] struct {
	chunks []T
	every  int
	err    error
	at     int
	closed bool
}

func (p *pulled[T]) Next() bool {
	if p.at == len(p.chunks) {
		return false
	}
	wait(p.every)
	p.at++
	return true
}

func (p *pulled[T]) Current() T { return p.chunks[p.at-1] }

func (p *pulled[T]) Err() error {
	if p.at == len(p.chunks) {
		return p.err
	}
	return nil
}

func (p *pulled[T]) Close() error { p.closed = true; return nil }

// The provider takes 80 ms for each of 7 chunks, 0.56 s in all. The agent processes 6 of the
// chunks for 110 ms each, 0.66 s in all. The span lasts 1.22 s.
func TestStageIsNotBlamedForItsConsumer(t *testing.T) {
	seven := []string{"a", "b", "c", "d", "e", "f", "g"}
	busy := func(i int) {
		if i < 6 {
			wait(110)
		}
	}
	for _, tt := range []struct {
		name, span, metric string
		run                func(ctx context.Context, turn *otelvoice.Turn)
	}{
		{"a sequence of words", "chat gpt-4o-mini", "gen_ai.client.inference.duration", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			i := 0
			for _, err := range otelvoice.Stream(llm, func(yield func(string, error) bool) {
				for _, w := range seven {
					wait(80)
					if !yield(w, nil) {
						return
					}
				}
			}) {
				_ = err
				busy(i)
				i++
			}
		}},
		{"an SDK's stream", "chat gpt-4o-mini", "gen_ai.client.inference.duration", func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			stream := otelvoice.WrapStream(llm, &pulled[string]{chunks: seven, every: 80})
			for i := 0; stream.Next(); i++ {
				busy(i)
			}
		}},
		{"a voice that is read", "text_to_speech sonic-3", "voice.stage.duration", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			r := tts.Reader(slowReader{bytes.NewReader(make([]byte, 7*160))})
			buf := make([]byte, 160)
			for i := 0; ; i++ {
				if _, err := r.Read(buf); err != nil {
					return
				}
				busy(i)
			}
		}},
		{"a voice whose player is cut off while it plays", "text_to_speech sonic-3", "voice.stage.duration", func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			for _, err := range otelvoice.StreamAudio(tts, func(yield func([]byte, error) bool) {
				wait(560)
				_ = yield(make([]byte, 160), nil)
			}) {
				_ = err
				wait(660)
				turn.Interrupt(otelvoice.AudioActivity)
				turn.End()
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := inTurn(t, tt.run)
				if got := points(rec, tt.metric); !strings.HasSuffix(got, "n=1 sum=0.560") {
					t.Errorf("%s: %s, want 0.56", tt.metric, got)
				}
				if held := span(t, rec, tt.span)[semconv.VoiceStageHeldUpKey].AsFloat64(); math.Abs(held-.66) > 1e-9 {
					t.Errorf("held up for %v s, want 0.66", held)
				}
				s := rec.Named(tt.span)[0]
				if d := s.EndTime().Sub(s.StartTime()); d != 1220*time.Millisecond {
					t.Errorf("the span is %v long, want 1.22 s", d)
				}
			})
		})
	}
}

// Half a second of audio that was synthesised in a quarter of a second has a factor of 0.5,
// however long the player takes.
func TestRealTimeFactorOfAVoiceIsTheProviders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
			_, tts := turn.StartTTS(ctx, sonic3)
			tts.SetAudio(pcm8)
			for _, err := range otelvoice.StreamAudio(tts, func(yield func([]byte, error) bool) {
				for range 5 {
					wait(50)
					if !yield(voice(100), nil) {
						return
					}
				}
			}) {
				_ = err
				wait(100)
			}
		})
		if f := span(t, rec, "text_to_speech sonic-3")[semconv.VoiceTTSRealTimeFactorKey].AsFloat64(); math.Abs(f-.5) > 1e-9 {
			t.Errorf("got %v, want 0.25 / 0.5", f)
		}
	})
}

// The real-time factor of a recognition is recorded only for recordings.
func TestRealTimeFactorOfARecognition(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(stt *otelvoice.STT)
		want float64 // 0 for none.
	}{
		{"a recording at once", func(stt *otelvoice.STT) { stt.AddAudio(silence(2000)); wait(400) }, .2},
		{"a recording in pieces", func(stt *otelvoice.STT) {
			for range 20 {
				stt.AddAudio(silence(100))
				wait(10)
			}
			wait(200)
		}, .2},
		{"a recording by its duration alone", func(stt *otelvoice.STT) { stt.SetAudioDuration(2 * time.Second); wait(400) }, .2},
		{"a slow machine", func(stt *otelvoice.STT) { stt.AddAudio(silence(1000)); wait(1300) }, 1.3},
		{"live", func(stt *otelvoice.STT) {
			for range 20 {
				wait(100)
				stt.AddAudio(silence(100))
			}
			wait(200)
		}, 0},
		{"live, caught up by a half", func(stt *otelvoice.STT) {
			for range 20 {
				wait(60)
				stt.AddAudio(silence(100))
			}
			wait(200)
		}, 0},
		{"with interim transcripts", func(stt *otelvoice.STT) { stt.SetAudioDuration(time.Second); stt.Partial(); wait(1100) }, 0},
		{"live, as said", func(stt *otelvoice.STT) { stt.SetLive(true); stt.AddAudio(silence(1000)); wait(1100) }, 0},
		{"a recording, as said", func(stt *otelvoice.STT) { stt.SetLive(false); stt.Partial(); stt.AddAudio(silence(1000)); wait(500) }, .5},
		{"no audio", func(*otelvoice.STT) { wait(100) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
					_, stt := turn.StartSTT(ctx, nova3)
					stt.SetAudio(pcm8)
					tt.run(stt)
					stt.End(nil)
				})
				got := span(t, rec, "speech_to_text nova-3")[semconv.VoiceSTTRealTimeFactorKey].AsFloat64()
				if math.Abs(got-tt.want) > 1e-9 {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				if counted := points(rec, "voice.stt.real_time_factor") != ""; counted != (tt.want > 0) {
					t.Errorf("in the metric: %v", counted)
				}
			})
		})
	}
}
