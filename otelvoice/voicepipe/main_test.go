// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"flag"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A step is what a provider does some time after the step before.
type step[T any] struct {
	after time.Duration
	value T
	err   error
}

// steps yields what is in them at their times.
func steps[T any](ctx context.Context, list []step[T], yield func(T, error) bool) {
	for _, s := range list {
		select {
		case <-time.After(s.after):
		case <-ctx.Done():
			var none T
			yield(none, ctx.Err())
			return
		}
		if !yield(s.value, s.err) {
			return
		}
	}
}

// stt is a recognizer that answers each utterance by the next script, from the end
// of its audio; the last script again and again. Partials come with the audio.
type stt struct {
	mu       sync.Mutex
	scripts  [][]step[voiceprovider.Transcript]
	partials bool
}

func (s *stt) Transcribe(ctx context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		script := take(&s.mu, &s.scripts)
		for range audio {
			if s.partials && !yield(voiceprovider.Transcript{Text: "…"}, nil) {
				return
			}
		}
		steps(ctx, script, yield)
	}
}

// llm is a model that answers each request by the next script.
type llm struct {
	mu       sync.Mutex
	scripts  [][]step[voiceprovider.Chunk]
	requests []voiceprovider.Request
}

func (l *llm) Respond(ctx context.Context, req voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		l.mu.Lock()
		l.requests = append(l.requests, req)
		l.mu.Unlock()
		steps(ctx, take(&l.mu, &l.scripts), yield)
	}
}

// tts is a voice that speaks each sentence by the next script.
type tts struct {
	mu      sync.Mutex
	scripts [][]step[voiceprovider.Frame]
}

func (v *tts) Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		for range text {
		}
		steps(ctx, take(&v.mu, &v.scripts), yield)
	}
}

// take takes the next script; the last one stays.
func take[T any](mu *sync.Mutex, scripts *[][]T) []T {
	mu.Lock()
	defer mu.Unlock()
	if len(*scripts) == 0 {
		return nil
	}
	script := (*scripts)[0]
	if len(*scripts) > 1 {
		*scripts = (*scripts)[1:]
	}
	return script
}

var pcm = otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 16000, Channels: 1}

// sound is a frame that can be heard, quiet one that cannot.
func sound(d time.Duration) voiceprovider.Frame { return frame(d, 0x40) }
func quiet(d time.Duration) voiceprovider.Frame { return frame(d, 0) }

func frame(d time.Duration, loud byte) voiceprovider.Frame {
	data := make([]byte, int(d*16000/time.Second)*2)
	for i := 1; i < len(data); i += 2 {
		data[i] = loud
	}
	return voiceprovider.Frame{Format: pcm, Data: data}
}

func final(text string) voiceprovider.Transcript {
	return voiceprovider.Transcript{Text: text, Final: true, Confidence: new(0.9), Language: "en"}
}

func text(s string) voiceprovider.Chunk { return voiceprovider.Chunk{Text: s} }

// pass lets time pass, which in a synctest bubble it does as soon as all goroutines are blocked.
func pass(d time.Duration) { <-time.After(d) }

// world is a call with its recorder.
type world struct {
	t        *testing.T
	tel      *otelvoice.Telemetry
	rec      *voicetest.Recorder
	stt      []voiceprovider.Transcriber
	llm      []voiceprovider.Responder
	tts      []voiceprovider.Synthesizer
	cfg      voicepipe.Config
	in       chan voicepipe.Event
	out      voicepipe.Output
	began    time.Time
	mu       sync.Mutex
	turns    []turnMetrics
	results  []voicepipe.Result
	errs     []error
	finished error
	taps     *taps // Of the same call; nil unless a test compares.
}

// newWorld returns a call whose providers need 150 ms to recognise, 400 ms to a
// first token and 200 ms more to the end of a sentence, and 100 ms to a first byte.
func newWorld(t *testing.T) *world {
	t.Helper()
	return worldWith(t, nil)
}

// worldWith returns a call whose connections have taps.
func worldWith(t *testing.T, taps *taps) *world {
	t.Helper()
	w := &world{t: t, taps: taps, in: make(chan voicepipe.Event), out: voicepipe.Paced(func(voiceprovider.Frame) error { return nil }), began: time.Now()}
	tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
	w.tel, w.rec = tel.Telemetry, rec
	w.listens(&stt{scripts: [][]step[voiceprovider.Transcript]{{{after: 150 * time.Millisecond, value: final("a table for two")}}}})
	w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{
		{after: 400 * time.Millisecond, value: text("With")},
		{after: 200 * time.Millisecond, value: text(" pleasure. ")},
		{value: voiceprovider.Chunk{
			Usage: &otelvoice.Usage{InputTokens: 40, OutputTokens: 2}, ID: "resp_1", Model: "gpt-4o-mini-2024", FinishReason: "stop",
		}},
	}}})
	w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{{
		{after: 100 * time.Millisecond, value: quiet(50 * time.Millisecond)},
		{after: 50 * time.Millisecond, value: sound(450 * time.Millisecond)},
		{after: 50 * time.Millisecond, value: sound(500 * time.Millisecond)},
	}}})
	return w
}

func (w *world) listens(provider voiceprovider.Transcriber) {
	if w.taps != nil {
		provider = &tappedSTT{w.taps, provider}
	}
	w.stt = append(w.stt, voicepipe.InstrumentSTT(provider, otelvoice.Model{Provider: "deepgram", Name: "nova-3"}))
}

func (w *world) thinks(provider voiceprovider.Responder) {
	w.thinksWith(provider, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
}

func (w *world) thinksWith(provider voiceprovider.Responder, model otelvoice.Model) {
	if w.taps != nil {
		provider = &tappedLLM{w.taps, provider, model}
	}
	w.llm = append(w.llm, voicepipe.InstrumentLLM(provider, model))
}

func (w *world) speaks(provider voiceprovider.Synthesizer) {
	if w.taps != nil {
		provider = &tappedTTS{w.taps, provider}
	}
	w.tts = append(w.tts, voicepipe.InstrumentTTS(provider, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}))
}

func (w *world) pipeline() *voicepipe.Pipeline {
	w.t.Helper()
	cfg := w.cfg
	cfg.Telemetry, cfg.STT, cfg.LLM, cfg.TTS, cfg.ID = w.tel, w.stt, w.llm, w.tts, "concierge"
	cfg.OnTurn = func(res voicepipe.Result, err error) {
		if outcome, _ := res.Turn.Outcome(); w.taps != nil && outcome == otelvoice.Interrupted {
			w.taps.clear()
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.results, w.turns, w.errs = append(w.results, res), append(w.turns, metricsOf(res.Turn)), append(w.errs, err)
	}
	p, err := voicepipe.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// call runs a call while drive speaks, and hangs up.
func (w *world) call(drive func()) {
	w.t.Helper()
	ctx, session := w.tel.StartSession(w.t.Context(), otelvoice.WithSessionID("call-1"), otelvoice.WithPipelineID("concierge"))
	var running sync.WaitGroup
	pipeline := w.pipeline()
	running.Go(func() { w.finished = pipeline.Run(ctx, w.in, w.out) })
	drive()
	if w.taps != nil {
		w.taps.hangUp()
	}
	close(w.in)
	running.Wait()
	session.End()
}

func (w *world) send(e voicepipe.Event) {
	if w.taps != nil {
		w.taps.sent(e)
	}
	w.in <- e
}

// say is the user speaking for d, which the detector reports 200 ms after the end.
func (w *world) say(d time.Duration) {
	w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
	w.hear(d)
	w.hear(200 * ms)
	w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped, Hangover: 200 * ms})
}

// hear sends the sound of the next d.
func (w *world) hear(d time.Duration) {
	for range d / (100 * ms) {
		w.send(voicepipe.Event{Frame: sound(100 * ms)})
		pass(100 * ms)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew)\ngot\n%s\nwant\n%s", path, got, want)
	}
}
