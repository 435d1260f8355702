// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// process answers two seconds of speech.
func (w *world) process(ctx context.Context, history ...voiceprovider.Message) (voicepipe.Result, turnMetrics, error) {
	pipeline := w.pipeline() //nolint:contextcheck // Taps write with the context of the test.
	res, err := pipeline.Process(ctx, slices.Values([]voiceprovider.Frame{sound(2 * time.Second)}), history, w.out)
	return res, metricsOf(res.Turn), err
}

func TestProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		model := &llm{scripts: [][]step[voiceprovider.Chunk]{pleasure}}
		w.llm = nil
		w.thinks(model)
		w.out = nil
		w.cfg.Instructions = "Be brief."
		history := []voiceprovider.Message{{Role: voiceprovider.User, Text: "hello"}, {Role: voiceprovider.Assistant, Text: "Good evening."}}
		res, m, err := w.process(t.Context(), history...)
		if err != nil {
			t.Fatal(err)
		}
		// All audio is there at 0; final at 150 ms, committed at once, first word at
		// 550, sentence at 750, audio at 850.
		const latency = 900 * ms
		if res.Transcript != said || res.Reply != answered || m.Outcome != otelvoice.Completed || m.Index != 1 || m.TurnID == "" {
			t.Errorf("got %+v, %+v", res, m)
		}
		if m.Latency == nil || m.Latency.Response != latency || m.Latency.Anchor != otelvoice.AnchorManual {
			t.Errorf("latency: got %+v, want %s", m.Latency, latency)
		}
		var length time.Duration
		for _, f := range res.Audio {
			length += f.Duration()
		}
		if length != time.Second {
			t.Errorf("%s of audio, want 1s", length)
		}
		want := []voiceprovider.Message{{Role: voiceprovider.User, Text: said}, {Role: voiceprovider.Assistant, Text: answered}}
		if len(res.Messages) != 2 || res.Messages[0].Text != want[0].Text || res.Messages[1].Text != want[1].Text {
			t.Errorf("messages: got %+v", res.Messages)
		}
		asked := model.requests[0].Messages
		if len(asked) != 4 || asked[0].Role != voiceprovider.System || asked[1].Text != "hello" || asked[3].Text != said {
			t.Errorf("the model was asked %+v", asked)
		}
		voicetest.Check(t, w.rec) // The session is the pipeline's own.
	})
}

func TestNew(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name string
		cfg  voicepipe.Config
		want []string
	}{
		{"nothing", voicepipe.Config{}, []string{"stt", "llm", "tts"}},
		{"a nil fallback", voicepipe.Config{STT: w.stt, LLM: append(w.llm, nil), TTS: w.tts}, []string{"provider 2 for llm is nil"}},
		{"no voice", voicepipe.Config{STT: w.stt, LLM: w.llm}, []string{"no provider for tts"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := voicepipe.New(tt.cfg)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

// Without telemetry, and with providers that are not instrumented, it is a pipeline
// all the same.
func TestWithoutTelemetry(t *testing.T) {
	p, err := voicepipe.New(voicepipe.Config{
		STT: []voiceprovider.Transcriber{voiceprovider.TranscribeFunc(func(_ context.Context, f otelvoice.AudioFormat, audio []byte) (voiceprovider.Transcript, error) {
			return voiceprovider.Transcript{Text: f.Codec + " of " + f.Duration(int64(len(audio))).String()}, nil
		})},
		LLM: []voiceprovider.Responder{voiceprovider.RespondFunc(func(_ context.Context, req voiceprovider.Request) (voiceprovider.Chunk, error) {
			return text("You sent " + req.Messages[0].Text), nil
		})},
		TTS: []voiceprovider.Synthesizer{voiceprovider.SynthesizeFunc(func(context.Context, string) (voiceprovider.Frame, error) {
			return sound(time.Second), nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Process(t.Context(), slices.Values([]voiceprovider.Frame{sound(time.Second), sound(time.Second)}), nil, nil)
	if err != nil || res.Reply != "You sent pcm_s16le of 2s" || len(res.Audio) != 10 {
		t.Errorf("got %q, %d frames, %v", res.Reply, len(res.Audio), err)
	}
}

// wav is a WAV file of a second; edit changes its header.
func wav(edit func(h []byte) []byte) voiceprovider.Frame {
	file, err := fs.ReadFile(speech.Files(), "book_table.wav")
	if err != nil {
		panic(err)
	}
	return voiceprovider.Frame{Data: edit(slices.Clone(file))}
}

func TestInvalidAudio(t *testing.T) {
	for _, tt := range []struct {
		name   string
		frames []voiceprovider.Frame
		want   string
	}{
		{"none", nil, "stt: voiceprovider: invalid audio: no audio"},
		{"empty frames", []voiceprovider.Frame{{Format: pcm}, {}}, "no audio"},
		{"neither format nor header", []voiceprovider.Frame{{Data: make([]byte, 100)}}, "no WAV header"},
		{"8 bits", []voiceprovider.Frame{wav(func(h []byte) []byte { h[34] = 8; return h })}, "encoding 1 of 8 bits"},
		{"floats", []voiceprovider.Frame{wav(func(h []byte) []byte { h[20], h[34] = 3, 32; return h })}, "encoding 3 of 32 bits"},
		{"no channels", []voiceprovider.Frame{wav(func(h []byte) []byte { h[22] = 200; return h })}, "200 channels"},
		{"rate of 1 Hz", []voiceprovider.Frame{{Format: otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 1}, Data: []byte{0, 0}}}, "sample rate of 1 Hz"},
		{"header cut short", []voiceprovider.Frame{wav(func(h []byte) []byte { return h[:30] })}, "invalid audio"},
		{"too much", slices.Repeat([]voiceprovider.Frame{sound(time.Minute)}, 10), "too much audio"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				res, err := w.pipeline().Process(t.Context(), slices.Values(tt.frames), nil, nil)
				m := metricsOf(res.Turn)
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "stt: ") {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				if m.Outcome != otelvoice.Failed || m.Latency != nil {
					t.Errorf("got %+v", m)
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// Audio that panics is the turn's trouble, and not the program's.
func TestAudioThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		res, err := w.pipeline().Process(t.Context(), func(yield func(voiceprovider.Frame) bool) {
			yield(sound(time.Second))
			panic("boom")
		}, nil, nil)
		m := metricsOf(res.Turn)
		if !errors.Is(err, voiceprovider.ErrAudio) || !strings.HasPrefix(err.Error(), "stt: ") || m.Outcome != otelvoice.Failed {
			t.Errorf("got %v, %s", err, m.Outcome)
		}
		voicetest.Check(t, w.rec)
	})
}

// A header that promises more than there is, as those of streams do, does not make
// the audio longer.
func TestLyingHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		honest := wav(func(h []byte) []byte { return h })
		lying := wav(func(h []byte) []byte { copy(h[40:], "\xff\xff\xff\xff"); return h })
		want, err := voiceprovider.ReadWAV(honest.Data)
		if err != nil {
			t.Fatal(err)
		}
		res, err := w.pipeline().Process(t.Context(), slices.Values([]voiceprovider.Frame{lying}), nil, nil)
		m := metricsOf(res.Turn)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Stages[0].AudioDuration; got == nil || *got != want.Duration() || *got < time.Second {
			t.Errorf("audio of %v, want %v", got, want.Duration())
		}
	})
}

// rogue is a provider of any kind that does as it likes.
type rogue func(ctx context.Context, yield func() bool)

func (r rogue) Transcribe(ctx context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		for range audio {
		}
		r(ctx, func() bool { return yield(final(said), nil) })
	}
}

func (r rogue) Respond(ctx context.Context, _ voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		r(ctx, func() bool { return yield(text("Yes, please. "), nil) })
	}
}

func (r rogue) Synthesize(ctx context.Context, _ iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		r(ctx, func() bool { return yield(sound(100*ms), nil) })
	}
}

// Whatever a provider does, the call goes on in bounded time, the error names the
// stage, and the spans are whole.
func TestRogueProviders(t *testing.T) {
	never := make(chan struct{})
	behaviours := []struct {
		name string
		do   rogue
		want error // Of all stages.
		stt  otelvoice.Outcome
	}{
		{"returns nothing", func(context.Context, func() bool) {}, voiceprovider.ErrNothing, otelvoice.Abandoned},
		{"never returns", func(context.Context, func() bool) { <-never }, voiceprovider.ErrTimeout, otelvoice.Failed},
		{"panics", func(context.Context, func() bool) { panic("boom") }, errPanic, otelvoice.Failed},
		{"panics in the middle", func(_ context.Context, yield func() bool) { yield(); panic("boom") }, errPanic, otelvoice.Failed},
		{"yields after the end", func(_ context.Context, yield func() bool) {
			for yield() {
				pass(time.Second)
			}
			yield()
			yield()
		}, context.Canceled, otelvoice.Abandoned},
		{"does not heed its context", func(ctx context.Context, yield func() bool) {
			<-ctx.Done()
			pass(time.Minute)
			yield()
		}, context.Canceled, otelvoice.Abandoned},
	}
	for _, tt := range behaviours {
		for stage, set := range map[string]func(*world){
			"stt": func(w *world) { w.stt = nil; w.listens(tt.do) },
			"llm": func(w *world) { w.llm = nil; w.thinks(tt.do) },
			"tts": func(w *world) { w.tts = nil; w.speaks(tt.do) },
		} {
			t.Run(tt.name+"/"+stage, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					never = make(chan struct{})
					w := newWorld(t)
					w.cfg.Retries = -1
					set(w)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if errors.Is(tt.want, context.Canceled) {
						time.AfterFunc(5*time.Second, cancel) // The user has had enough.
					}
					began := time.Now()
					_, m, err := w.process(ctx)
					took := time.Since(began)
					close(never)
					pass(2 * time.Minute) // Those who do not heed their context.

					wantErr, wantOutcome := tt.want, otelvoice.Failed
					if stage == "stt" {
						if wantOutcome = tt.stt; errors.Is(tt.want, voiceprovider.ErrNothing) {
							wantErr = nil // Nobody spoke.
						}
					} else if errors.Is(tt.want, context.Canceled) {
						wantOutcome = otelvoice.Abandoned
					}
					if m.Outcome != wantOutcome || took > 30*time.Second {
						t.Errorf("the turn is %s after %s, want %s", m.Outcome, took, wantOutcome)
					}
					switch {
					case wantErr == nil || errors.Is(wantErr, context.Canceled):
					case err == nil || !strings.HasPrefix(err.Error(), stage+": "):
						t.Errorf("got error %v, want one that names the stage", err)
					case !errors.Is(wantErr, errPanic) && !errors.Is(err, wantErr), errors.Is(wantErr, errPanic) && !strings.Contains(err.Error(), "boom"):
						t.Errorf("got error %v, want %v", err, wantErr)
					}
					voicetest.Check(t, w.rec)
				})
			})
		}
	}
}

var errPanic = errors.New("a panic")

// stuck is a line that takes nothing.
type stuck struct{ release chan struct{} }

func (s stuck) Play(context.Context, voiceprovider.Frame) error { <-s.release; return nil }

func TestConsumerThatStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release := make(chan struct{})
		w.out = stuck{release}
		_, m, err := w.process(t.Context())
		close(release)
		synctest.Wait()
		if _, ok := errors.AsType[*voiceprovider.StageError](err); !ok || !errors.Is(err, voiceprovider.ErrTimeout) || !strings.HasPrefix(err.Error(), "playout: ") {
			t.Errorf("got %v", err)
		}
		if m.Outcome != otelvoice.Failed {
			t.Errorf("the turn is %s", m.Outcome)
		}
		voicetest.Check(t, w.rec)
	})
}

func TestLineThatBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		broken := errors.New("broken pipe")
		w.out = voicepipe.Paced(func(voiceprovider.Frame) error { return broken })
		if _, _, err := w.process(t.Context()); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		voicetest.Check(t, w.rec)
	})
}

// The model gets a tool's error, and the turn continues.
func TestToolThatFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		tool func(context.Context, string) (string, error)
		want string
	}{
		{"error", func(context.Context, string) (string, error) { return "", errDown }, "error: bad gateway"},
		{"panic", func(context.Context, string) (string, error) { panic("boom") }, "error: panic: boom"},
		{"none of that name", nil, "error: voicepipe: unknown tool"},
		{"never returns", func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() }, "timeout"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				model := &llm{scripts: [][]step[voiceprovider.Chunk]{{{value: voiceprovider.Chunk{ToolCalls: calls[:1]}}}, pleasure}}
				w.llm = nil
				w.thinks(model)
				w.cfg.Tools = []voiceprovider.Tool{{Name: "look_up", Call: tt.tool}}
				res, m, err := w.process(t.Context())
				if err != nil || res.Reply != answered || m.Outcome != otelvoice.Completed {
					t.Errorf("got %q, %s, %v", res.Reply, m.Outcome, err)
				}
				asked := model.requests[1].Messages
				if got := asked[len(asked)-1]; got.Role != voiceprovider.ToolRole || got.ToolCallID != "call_1" || !strings.Contains(got.Text, tt.want) {
					t.Errorf("the model got %+v, want %q", got, tt.want)
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

func TestModelThatCallsToolsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.llm = nil
		w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{value: voiceprovider.Chunk{ToolCalls: calls}}}}})
		w.cfg.Tools = tools
		if _, m, err := w.process(t.Context()); !errors.Is(err, voiceprovider.ErrRounds) || m.Outcome != otelvoice.Failed {
			t.Errorf("got %v, %s", err, m.Outcome)
		}
		voicetest.Check(t, w.rec)
	})
}

// permanent is an error that will not pass.
type permanent struct{ error }

func (permanent) Temporary() bool { return false }
func (p permanent) Unwrap() error { return p.error }

func TestErrorThatWillNotPassIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		model := &llm{scripts: [][]step[voiceprovider.Chunk]{{{err: permanent{errDown}}}}}
		w.llm = nil
		w.thinks(model)
		if _, _, err := w.process(t.Context()); !errors.Is(err, errDown) || len(model.requests) != 1 {
			t.Errorf("got %v after %d requests", err, len(model.requests))
		}
	})
}

// A voice that streams a WAV file without a size is heard, wherever its header is cut.
func TestVoiceThatStreamsAFile(t *testing.T) {
	whole := wav(func(h []byte) []byte { copy(h[4:], "\x00\x00\x00\x00"); copy(h[40:], "\x00\x00\x00\x00"); return h }).Data
	for _, cut := range []int{3, 12, 30, 44, 47, 50, 1000} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.tts = nil
			w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{{
				{after: 100 * ms, value: voiceprovider.Frame{Data: whole[:cut]}}, {after: 50 * ms, value: voiceprovider.Frame{Data: whole[cut:]}},
			}}})
			_, m, err := w.process(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := pcm.Duration(int64(len(whole) - 44))
			if got := m.Stages[2].AudioDuration; got == nil || *got != want {
				t.Errorf("cut at %d: audio of %v, want %v", cut, got, want)
			}
		})
	}
}
