// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// reaction is what a recognizer says once it has heard so much of its connection.
type reaction struct {
	heard time.Duration
	value voiceprovider.Transcript
	err   error
}

// live is a recognizer that stays connected: each connection has the next script.
type live struct {
	mu       sync.Mutex
	dial     time.Duration
	scripts  [][]reaction
	final    string // The answer to requests for what was understood.
	sent     []time.Duration
	requests int
}

func (l *live) connections() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.sent) }

func (l *live) Transcribe(ctx context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		l.mu.Lock()
		l.sent = append(l.sent, 0)
		n := len(l.sent) - 1
		l.mu.Unlock()
		script := take(&l.mu, &l.scripts)
		select {
		case <-time.After(l.dial):
		case <-ctx.Done():
			yield(voiceprovider.Transcript{}, ctx.Err())
			return
		}
		if len(script) > 0 && script[0].heard == 0 { // It can't be reached.
			yield(voiceprovider.Transcript{}, script[0].err)
			return
		}
		var heard time.Duration
		for f := range audio {
			if len(f.Data) == 0 {
				l.mu.Lock()
				l.requests++
				l.mu.Unlock()
				if l.final != "" && !yield(final(l.final), nil) {
					return
				}
				continue
			}
			heard += f.Duration()
			l.mu.Lock()
			l.sent[n] = heard
			l.mu.Unlock()
			for len(script) > 0 && script[0].heard <= heard {
				if !yield(script[0].value, script[0].err) || script[0].err != nil {
					return
				}
				script = script[1:]
			}
		}
		yield(voiceprovider.Transcript{Billed: heard, RequestID: "dg-1"}, nil)
	}
}

func starts(at time.Duration) voiceprovider.Transcript {
	return voiceprovider.Transcript{SpeechStarted: &at}
}

func stops(at time.Duration) voiceprovider.Transcript {
	return voiceprovider.Transcript{SpeechStopped: &at}
}

// ends is the end of a turn whose last word ends at an offset.
func ends(at time.Duration) voiceprovider.Transcript {
	t := final(said)
	t.EndOfTurn = true
	t.Words = []voiceprovider.Word{{Text: "two", End: at}}
	return t
}

// line sends the sound of a call as it is heard: frames of 20 ms.
func (w *world) line(d time.Duration) {
	for range d / (20 * ms) {
		pass(20 * ms)
		w.send(voicepipe.Event{Frame: sound(20 * ms)})
	}
}

// stays has a recognizer that stays connected, first of all.
func (w *world) stays(l *live) {
	w.stt = append([]voiceprovider.Transcriber{voicepipe.InstrumentSTTStream(l, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})}, w.stt...)
}

func anchored(t *testing.T, m turnMetrics, anchor otelvoice.Anchor, latency time.Duration) {
	t.Helper()
	if m.Latency == nil || m.Latency.Response != latency || m.Latency.Anchor != anchor {
		t.Errorf("turn %d: %+v, want %s by %s", m.Index, m.Latency, latency, anchor)
	}
}

// One connection serves three turns, the second of which interrupts the first by the
// recognizer's own start of speech.
func TestStreamServesACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		w.cfg.EndOfTurn = voicepipe.BySTT
		recognizer := &live{dial: 100 * ms, scripts: [][]reaction{{
			{1200 * ms, starts(1000 * ms), nil},
			{1600 * ms, voiceprovider.Transcript{Text: "a table"}, nil},
			{2400 * ms, ends(2000 * ms), nil},
			// The answer is heard from 3.1 to 4.1.
			{3800 * ms, starts(3600 * ms), nil},
			{5000 * ms, ends(4600 * ms), nil},
			// Heard from 5.7 to 6.7.
			{8200 * ms, starts(8000 * ms), nil},
			{9400 * ms, ends(9000 * ms), nil},
		}}}
		w.stays(recognizer)
		w.call(func() { w.line(12 * time.Second) })
		if n := recognizer.connections(); n != 1 || len(w.turns) != 3 {
			t.Fatalf("%d connections, %d turns, want 1 and 3\n%s", n, len(w.turns), w.rec.Timeline())
		}
		for i, m := range w.turns {
			// 400 ms until the recognizer is sure, 700 ms for the answer.
			anchored(t, m, otelvoice.AnchorSTT, 1150*ms)
			if m.Stages[0].Partials == nil && i == 0 || w.results[i].Transcript != said {
				t.Errorf("turn %d: %q, %s", i+1, w.results[i].Transcript, describe(m.Stages[0]))
			}
		}
		// The agent is silent at 3.8, when the recognizer hears the user, and the first
		// turn has ended 300 ms after they began.
		cut := w.turns[0].Interruption
		if w.turns[0].Outcome != otelvoice.Interrupted || cut == nil || cut.PlayedFor == nil || *cut.PlayedFor != 700*ms {
			t.Errorf("the first turn was %s: %+v", w.turns[0].Outcome, cut)
		}
		voicetest.Check(t, w.rec)
		golden(t, "stream_serves_a_call", w.rec.Timeline())
		for _, s := range w.rec.Spans() {
			if !strings.HasPrefix(s.Name(), "speech_to_text_stream") {
				continue
			}
			if sent, billed := value(s, semconv.VoiceStreamAudioSentKey), value(s, semconv.VoiceStreamAudioBilledKey); sent != 12. || billed != 12. {
				t.Errorf("sent %v, billed %v, want 12 s", sent, billed)
			}
			return
		}
		t.Error("no span of the connection")
	})
}

// The end of speech is when it was heard, though the sound paused: the recognizer's
// offset alone would be 508 ms early.
func TestStreamAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		w.cfg.EndOfTurn = voicepipe.BySTT
		w.stays(&live{scripts: [][]reaction{{{600 * ms, starts(500 * ms), nil}, {2400 * ms, ends(2000 * ms), nil}}}})
		w.call(func() {
			w.line(time.Second)
			pass(508 * ms)
			w.line(6 * time.Second)
		})
		anchored(t, w.turns[0], otelvoice.AnchorSTT, 1150*ms)
	})
}

// A connection that is lost in mid-utterance is made anew, and hears it from the
// beginning: its offsets begin at 0 again.
func TestStreamReconnects(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
	}{{"error", errDown}, {"end", nil}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.stt = nil
				w.cfg.EndOfTurn = voicepipe.BySTT
				lost := reaction{1500 * ms, voiceprovider.Transcript{}, tt.err}
				if tt.err == nil {
					lost.err = io.EOF
				}
				recognizer := &live{dial: 100 * ms, scripts: [][]reaction{
					{{1200 * ms, starts(1000 * ms), nil}, lost},
					// From 0.5 s of the call on: 500 ms before the speech.
					{{700 * ms, starts(500 * ms), nil}, {1900 * ms, ends(1500 * ms), nil}},
				}}
				w.stays(recognizer)
				w.call(func() { w.line(6 * time.Second) })
				if n := recognizer.connections(); n != 2 || len(w.turns) != 1 {
					t.Fatalf("%d connections, %d turns\n%s", n, len(w.turns), w.rec.Timeline())
				}
				anchored(t, w.turns[0], otelvoice.AnchorSTT, 1150*ms)
				if w.results[0].Transcript != said || w.errs[0] != nil {
					t.Errorf("got %q, %v", w.results[0].Transcript, w.errs[0])
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// With voice activity detection, the recognizer is asked for what it has when the user
// falls silent.
func TestStreamWithVAD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		w.cfg.Endpointing = 300 * ms
		recognizer := &live{final: said}
		w.stays(recognizer)
		w.call(func() {
			for range 2 {
				w.line(time.Second)
				w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
				w.line(2 * time.Second)
				w.line(200 * ms)
				w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped, Hangover: 200 * ms})
				w.line(5 * time.Second)
			}
		})
		if n := recognizer.connections(); n != 1 || len(w.turns) != 2 || recognizer.requests != 2 {
			t.Fatalf("%d connections, %d turns, %d requests\n%s", n, len(w.turns), recognizer.requests, w.rec.Timeline())
		}
		for _, m := range w.turns {
			// Silent 200 ms, then 300 ms to be sure, 700 ms for the answer.
			anchored(t, m, otelvoice.AnchorVAD, 1250*ms)
		}
		voicetest.Check(t, w.rec)
		golden(t, "stream_with_vad", w.rec.Timeline())
	})
}

// A start of speech without words is no interruption, and no turn.
func TestStreamFalseInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		w.cfg.EndOfTurn = voicepipe.BySTT
		w.cfg.Timeouts.STT = 3 * time.Second
		w.stays(&live{scripts: [][]reaction{{
			{1200 * ms, starts(1000 * ms), nil},
			{2400 * ms, ends(2000 * ms), nil},
			// Heard from 3.1 to 4.1.
			{3600 * ms, starts(3500 * ms), nil},
			{3700 * ms, stops(3600 * ms), nil},
			{6200 * ms, starts(6000 * ms), nil}, // And nothing more.
		}}})
		w.call(func() { w.line(12 * time.Second) })
		if len(w.turns) != 2 || w.turns[0].Outcome != otelvoice.Completed || w.turns[1].Outcome != otelvoice.Abandoned || w.errs[1] != nil {
			t.Errorf("turns: %+v\n%s", w.turns, w.rec.Timeline())
		}
		voicetest.Check(t, w.rec)
	})
}

// Words interrupt at once, however little was heard of them.
func TestStreamWordsInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		w.cfg.EndOfTurn = voicepipe.BySTT
		w.stays(&live{scripts: [][]reaction{{
			{1200 * ms, starts(1000 * ms), nil},
			{2400 * ms, ends(2000 * ms), nil},
			{3400 * ms, voiceprovider.Transcript{Text: "wait", Words: []voiceprovider.Word{{Text: "wait", Start: 3200 * ms, End: 3300 * ms}}}, nil},
			{4000 * ms, ends(3300 * ms), nil},
		}}})
		w.call(func() { w.line(8 * time.Second) })
		if len(w.turns) != 2 || w.turns[0].Outcome != otelvoice.Interrupted || w.turns[1].Outcome != otelvoice.Completed {
			t.Fatalf("turns: %+v\n%s", w.turns, w.rec.Timeline())
		}
		// Sure after 700 ms, the answer takes 700 ms, and begins with 50 ms of silence.
		anchored(t, w.turns[1], otelvoice.AnchorSTT, 1450*ms)
		voicetest.Check(t, w.rec)
	})
}

func TestStreamHangUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  time.Duration
		want otelvoice.Outcome
	}{
		{"in mid-utterance", 1500 * ms, otelvoice.Abandoned},
		{"while the model thinks", 2500 * ms, otelvoice.Abandoned},
		{"in mid-answer", 3500 * ms, otelvoice.Abandoned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.stt = nil
				w.cfg.EndOfTurn = voicepipe.BySTT
				w.stays(&live{dial: 100 * ms, scripts: [][]reaction{{{1200 * ms, starts(1000 * ms), nil}, {2400 * ms, ends(2000 * ms), nil}}}})
				w.call(func() { w.line(tt.end) })
				if len(w.turns) != 1 || w.turns[0].Outcome != tt.want || w.finished != nil {
					t.Errorf("%+v, %v", w.turns, w.finished)
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// A call whose context ends does not wait for its recognizer.
func TestStreamOfACancelledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stays(&live{})
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(time.Second, cancel)
		if err := w.pipeline().Run(ctx, w.in, w.out); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

// While no connection can be had, the other provider is asked; without one the turn
// fails with the reason.
func TestStreamFallsBack(t *testing.T) {
	unreachable := [][]reaction{{{0, voiceprovider.Transcript{}, errDown}}}
	for _, tt := range []struct {
		name     string
		by       voicepipe.EndOfTurn
		live     *live
		fallback voiceprovider.Transcriber
		want     otelvoice.Outcome
	}{
		{"by VAD", voicepipe.ByVAD, &live{scripts: unreachable}, &stt{scripts: [][]step[voiceprovider.Transcript]{{{value: final(said)}}}}, otelvoice.Completed},
		{"by STT", voicepipe.BySTT, &live{scripts: unreachable}, streaming{}, otelvoice.Completed},
		{"no fallback", voicepipe.ByVAD, &live{scripts: unreachable}, nil, otelvoice.Failed},
		{
			"lost in mid-utterance", voicepipe.ByVAD,
			&live{scripts: [][]reaction{{{1500 * ms, voiceprovider.Transcript{}, errDown}}, unreachable[0]}},
			&stt{scripts: [][]step[voiceprovider.Transcript]{{{value: final(said)}}}}, otelvoice.Completed,
		},
		{
			"refused for good", voicepipe.ByVAD, &live{scripts: [][]reaction{{{0, voiceprovider.Transcript{}, permanent{errDown}}}}},
			&stt{scripts: [][]step[voiceprovider.Transcript]{{{value: final(said)}}}}, otelvoice.Completed,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.stt = nil
				w.cfg.EndOfTurn = tt.by
				w.stays(tt.live)
				if tt.fallback != nil {
					w.stt = append(w.stt, voicepipe.InstrumentSTT(tt.fallback, otelvoice.Model{Provider: "openai", Name: "whisper-1"}))
				}
				w.call(func() {
					for range 50 {
						pass(20 * ms)
						w.send(voicepipe.Event{Frame: quiet(20 * ms)})
					}
					if tt.by == voicepipe.ByVAD {
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
					}
					if tt.by == voicepipe.BySTT {
						w.line(900 * ms) // And 500 ms before: it is sure after 1.5 s.
					} else {
						w.line(1600 * ms)
					}
					if tt.by == voicepipe.ByVAD {
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped})
					}
					for range 250 {
						pass(20 * ms)
						w.send(voicepipe.Event{Frame: quiet(20 * ms)})
					}
				})
				if len(w.turns) == 0 || w.turns[0].Outcome != tt.want {
					t.Fatalf("turns: %+v\n%s", w.turns, w.rec.Timeline())
				}
				if tt.want == otelvoice.Failed {
					if err := w.errs[0]; !errors.Is(err, errDown) || !strings.HasPrefix(err.Error(), "stt: ") {
						t.Errorf("got %v", err)
					}
					return
				}
				last := w.turns[0].Stages[0]
				for _, s := range w.turns[0].Stages {
					if s.Stage == "stt" {
						last = s
					}
				}
				if last.Model.Name != "whisper-1" || last.Fallback != 1 || w.results[0].Transcript != said {
					t.Errorf("%q by %s", w.results[0].Transcript, describe(last))
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// A recognizer that is connected again is used again.
func TestStreamIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		none := []reaction{{0, voiceprovider.Transcript{}, errDown}}
		recognizer := &live{final: said, scripts: [][]reaction{none, none, none, none, nil}}
		w.stays(recognizer)
		w.stt = append(w.stt, voicepipe.InstrumentSTT(&stt{scripts: [][]step[voiceprovider.Transcript]{{{value: final(said)}}}}, otelvoice.Model{Name: "whisper-1"}))
		w.call(func() {
			for range 2 {
				w.line(500 * ms)
				w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
				w.line(time.Second)
				w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped})
				w.line(3 * time.Second)
			}
		})
		// It pauses 100, 200, 400 and 800 ms: the fifth connection is made at 1.5 s.
		if n := recognizer.connections(); n != 5 || len(w.turns) != 2 {
			t.Fatalf("%d connections, %d turns\n%s", n, len(w.turns), w.rec.Timeline())
		}
		for i, want := range []string{"whisper-1", "nova-3"} {
			if got := w.turns[i].Stages[0].Model.Name; got != want || w.turns[i].Outcome != otelvoice.Completed {
				t.Errorf("turn %d: %s by %s, want %s", i+1, w.turns[i].Outcome, got, want)
			}
		}
		voicetest.Check(t, w.rec)
	})
}

// A misbehaving recognizer does not block the call.
func TestStreamOfARogue(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   transcribing
	}{
		{"never connects", func(ctx context.Context, _ iter.Seq[voiceprovider.Frame], _ func(voiceprovider.Transcript, error) bool) {
			<-ctx.Done()
		}},
		{"panics", func(context.Context, iter.Seq[voiceprovider.Frame], func(voiceprovider.Transcript, error) bool) {
			panic("boom")
		}},
		{"says nothing", func(_ context.Context, audio iter.Seq[voiceprovider.Frame], _ func(voiceprovider.Transcript, error) bool) {
			for range audio {
			}
		}},
		{"takes one frame", func(ctx context.Context, audio iter.Seq[voiceprovider.Frame], _ func(voiceprovider.Transcript, error) bool) {
			for range audio {
				<-ctx.Done()
				return
			}
		}},
		{"returns at once", func(context.Context, iter.Seq[voiceprovider.Frame], func(voiceprovider.Transcript, error) bool) {}},
		{"a start in the future", func(_ context.Context, audio iter.Seq[voiceprovider.Frame], yield func(voiceprovider.Transcript, error) bool) {
			for range audio {
				if !yield(starts(time.Hour), nil) || !yield(stops(-time.Hour), nil) {
					return
				}
			}
		}},
	} {
		for _, by := range []voicepipe.EndOfTurn{voicepipe.ByVAD, voicepipe.BySTT} {
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.stt = []voiceprovider.Transcriber{voicepipe.InstrumentSTTStream(tt.do, otelvoice.Model{})}
					w.cfg.EndOfTurn = by
					w.cfg.Timeouts.STT = time.Second
					w.call(func() {
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
						w.line(time.Second)
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped})
						w.line(5 * time.Second)
					})
					if w.finished != nil || len(w.turns) == 0 {
						t.Errorf("%d turns, %v", len(w.turns), w.finished)
					}
					voicetest.Check(t, w.rec)
				})
			})
		}
	}
}

type transcribing func(context.Context, iter.Seq[voiceprovider.Frame], func(voiceprovider.Transcript, error) bool)

func (do transcribing) Transcribe(ctx context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) { do(ctx, audio, yield) }
}
