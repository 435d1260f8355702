// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// What users of other toolkits complain about. Each test is named after one.

// The parts of a latency are less, or more, than the latency.
func TestDefectSumsThatDoNotAddUp(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			d := func(most int) time.Duration { return time.Duration(random.IntN(most)) * time.Microsecond }
			w := newWorld(t)
			w.cfg.Endpointing = d(500_000)
			w.stt, w.llm, w.tts = nil, nil, nil
			w.listens(&stt{partials: true, scripts: [][]step[voiceprovider.Transcript]{{{after: d(900_000), value: final(said)}, {after: d(100_000), value: final("please")}}}})
			w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{after: d(900_000), value: text("With")}, {after: d(300_000), value: text(" pleasure. Now.")}}}})
			w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{{{after: d(400_000), value: sound(d(100_000) + ms)}}}})
			w.call(func() { speakOnce(w) })
			latency := w.turns[0].Latency
			if latency == nil {
				t.Fatal("nothing was measured")
			}
			var sum time.Duration
			for _, s := range latency.Segments {
				sum += s.Duration
			}
			if sum != latency.Response || len(latency.Segments) != 7 {
				t.Errorf("seed %d: %v, the segments sum to %s", seed, latency, sum)
			}
		})
	}
}

// The end of an earlier turn's speech counts for a later turn: waits of minutes.
func TestDefectStaleAnchors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Endpointing = 300 * ms
		w.call(func() {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(10 * time.Minute)
			w.say(2 * time.Second)
			pass(5 * time.Second)
		})
		for i, turn := range w.turns {
			if turn.Latency == nil || turn.Latency.Response != 1250*ms {
				t.Errorf("turn %d: %+v, want 1.25s", i+1, turn.Latency)
			}
		}
	})
}

// A call that was cancelled is the fastest of all.
func TestDefectCancelledCallsThatLookFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Endpointing = 300 * ms
		w.call(func() {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(350 * ms) // The model has been thinking for 50 ms.
			w.say(time.Second)
			pass(5 * time.Second)
		})
		if w.turns[0].Outcome != otelvoice.Interrupted || w.turns[0].Latency != nil {
			t.Errorf("the interrupted turn: %+v", w.turns[0])
		}
		for _, name := range []string{semconv.MetricVoiceTurnResponseLatency().Name, semconv.MetricVoiceStageDuration().Name} {
			eachPoint(t, w.rec, name, func(attrs attribute.Set, lowest float64) {
				for _, key := range []attribute.Key{semconv.VoiceTurnOutcomeKey, semconv.VoiceStageOutcomeKey} {
					if v, ok := attrs.Value(key); ok && v.AsString() == string(otelvoice.Completed) && lowest < 0.2 {
						t.Errorf("%s: %g s among the completed", name, lowest)
					}
				}
				if !attrs.HasValue(semconv.VoiceTurnOutcomeKey) && !attrs.HasValue(semconv.VoiceStageOutcomeKey) {
					t.Errorf("%s has a measurement without an outcome: %v", name, attrs.ToSlice())
				}
			})
		}
	})
}

// Every normal hang-up is one more interruption.
func TestDefectHangUpCountedAsInterruption(t *testing.T) {
	for _, name := range []string{"hang-up in mid turn", "hang-up in mid answer", "normal"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Endpointing = 300 * ms
			i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
			w.call(func() { scenarios[i].drive(w) })
			if _, ok := w.rec.Metric(semconv.MetricVoiceInterruptionCount().Name); ok {
				t.Errorf("%s: an interruption was counted", name)
			}
			if got := value(session(w.rec), semconv.VoiceSessionInterruptionCountKey); got != int64(0) {
				t.Errorf("%s: %v interruptions", name, got)
			}
		})
	}
}

// Unknown values are not recorded.
func TestDefectZeroForUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt, w.llm, w.tts = nil, nil, nil
		// A recognizer without confidence, a model without usage, a voice whose
		// audio cannot be measured.
		w.listens(&stt{scripts: [][]step[voiceprovider.Transcript]{{{after: 100 * ms, value: voiceprovider.Transcript{Text: said, Final: true}}}}})
		w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{pleasure}})
		opus := voiceprovider.Frame{Format: otelvoice.AudioFormat{Codec: "opus"}, Data: []byte{1}}
		w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{{{after: 100 * ms, value: opus}}}})
		_, m, err := w.process(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Stages[0]; s.Confidence != nil || s.InputTokens != nil || s.TimeToFirstByte != nil {
			t.Errorf("stt: %s", describe(s))
		}
		if s := m.Stages[1]; s.InputTokens != nil || s.OutputTokens != nil || s.AudioDuration != nil {
			t.Errorf("llm: %s", describe(s))
		}
		if s := m.Stages[2]; s.AudioDuration != nil || s.RealTimeFactor != nil || s.TimeToFirstAudible != nil || s.TimeToFirstByte == nil {
			t.Errorf("tts: %s", describe(s))
		}
		for _, span := range w.rec.Spans() {
			for _, kv := range span.Attributes() {
				count := strings.HasSuffix(string(kv.Key), ".count") || strings.Contains(string(kv.Key), ".segment.")
				if !count && (kv.Value == attribute.Float64Value(0) || kv.Value == attribute.Int64Value(0)) {
					t.Errorf("%s: %s is 0", span.Name(), kv.Key)
				}
			}
		}
	})
}

// Calls at the same time are in each other's traces.
func TestDefectCrossLinkedConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.pipeline() // One for all.
		var calls sync.WaitGroup
		for i := range 50 {
			calls.Go(func() {
				ctx, session := w.tel.StartSession(t.Context(), otelvoice.WithSessionID(fmt.Sprint("call-", i)))
				defer session.End()
				in := make(chan voicepipe.Event)
				var running sync.WaitGroup
				running.Go(func() { _ = p.Run(ctx, in, w.out) })
				for range 2 {
					pass(time.Duration(i) * ms)
					in <- voicepipe.Event{Kind: voicepipe.SpeechStarted}
					in <- voicepipe.Event{Frame: sound(time.Second)}
					in <- voicepipe.Event{Kind: voicepipe.SpeechStopped}
					pass(5 * time.Second)
				}
				close(in)
				running.Wait()
			})
		}
		calls.Wait()
		voicetest.Check(t, w.rec)
		of := make(map[string]string) // The session of each trace.
		for _, span := range w.rec.Spans() {
			trace, id := span.SpanContext().TraceID().String(), fmt.Sprint(value(span, semconv.SessionIDKey))
			if known, ok := of[trace]; ok && known != id {
				t.Fatalf("trace %s has spans of %s and of %s", trace, known, id)
			}
			of[trace] = id
		}
		if len(of) != 50 {
			t.Errorf("%d traces, want 50", len(of))
		}
	})
}

// Spans before the first turn and after the end of the call are traces of their own.
func TestDefectOrphanSpans(t *testing.T) {
	for _, s := range scenarios {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Endpointing = 300 * ms
			if s.setup != nil {
				s.setup(w)
			}
			w.call(func() { s.drive(w) })
			roots := 0
			for _, span := range w.rec.Spans() {
				if !span.Parent().IsValid() {
					roots++
				}
				for _, key := range []attribute.Key{semconv.SessionIDKey, semconv.VoicePipelineIDKey} {
					if value(span, key) == nil {
						t.Errorf("%s: %s has no %s", s.name, span.Name(), key)
					}
				}
			}
			if roots != 1 || len(w.rec.Open()) != 0 {
				t.Errorf("%s: %d roots and %d open spans, want 1 and none", s.name, roots, len(w.rec.Open()))
			}
			lines, err := w.rec.Lines()
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				if line["session_id"] != "call-1" || line["pipeline_id"] != "concierge" {
					t.Errorf("%s: a line without ids: %v", s.name, line)
				}
			}
		})
	}
}

// A false interruption shows, and counts for nothing.
func TestFalseInterruptionIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Endpointing = 300 * ms
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == "false interruption" })
		w.call(func() { scenarios[i].drive(w) })
		var events []string
		for _, span := range w.rec.Spans() {
			if span.Name() == semconv.SpanVoiceTurn {
				for _, e := range span.Events() {
					events = append(events, e.Name)
				}
			}
		}
		if !slices.Contains(events, semconv.EventVoiceFalseInterruption) || slices.Contains(events, semconv.EventVoiceInterruption) {
			t.Errorf("events: %q", events)
		}
	})
}

// The attempt whose result was used is marked, and only where there were several.
func TestChosenAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Retries = -1
		w.llm = nil
		w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{err: errDown}}}})
		w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{pleasure}})
		_, m, err := w.process(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if first, second := m.Stages[1], m.Stages[2]; first.Attempt != 1 || first.Fallback != 0 || second.Attempt != 2 || second.Fallback != 1 {
			t.Errorf("attempts: %+v, %+v", first, second)
		}
		for _, span := range w.rec.Spans() {
			attempt, chosen := value(span, semconv.VoiceStageAttemptKey), value(span, semconv.VoiceStageChosenKey)
			if want := attempt == int64(2); (chosen == true) != want {
				t.Errorf("%s, attempt %v: chosen is %v", span.Name(), attempt, chosen)
			}
		}
	})
}

// What interrupted a turn, and what the user had heard by then, is among its metrics.
func TestInterruptionIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Endpointing = 300 * ms
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == "barge-in during playout" })
		w.call(func() { scenarios[i].drive(w) })
		cut := w.turns[0].Interruption
		if cut == nil || cut.Source != otelvoice.AudioActivity || cut.PlayedFor == nil || *cut.PlayedFor != 300*ms {
			t.Errorf("got %+v", cut)
		}
		if w.turns[1].Interruption != nil {
			t.Errorf("the turn after: %+v", w.turns[1].Interruption)
		}
		stt, llm := w.turns[0].Stages[0], w.turns[0].Stages[1]
		if *stt.AudioBytes != 2*16000*22/10 || stt.Partials != nil || *llm.Chunks != 3 {
			t.Errorf("stt %+v, llm %+v", stt, llm)
		}
	})
}

// streaming is a recognizer that decides on the end of the turn itself: the first
// word after 400 ms of audio, the end after 1.5 s.
type streaming struct{}

func (streaming) Transcribe(_ context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		var heard time.Duration
		for f := range audio {
			heard += f.Duration()
			if heard == 400*ms {
				yield(voiceprovider.Transcript{Text: "a table"}, nil)
			}
			if heard == 1500*ms {
				t := final(said)
				t.EndOfTurn = true
				t.Words = []voiceprovider.Word{{Text: "two", End: time.Second}}
				yield(t, nil)
				return
			}
		}
	}
}

func TestEndOfTurnBySTT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.stt = nil
		w.listens(streaming{})
		w.cfg.EndOfTurn = voicepipe.BySTT
		listen := func(d time.Duration, loud bool) {
			for range d / (100 * ms) {
				f := quiet(100 * ms)
				if loud {
					f = sound(100 * ms)
				}
				pass(100 * ms)
				w.send(voicepipe.Event{Frame: f})
			}
		}
		w.call(func() {
			listen(time.Second, false) // Nobody speaks: no turn.
			listen(time.Second, true)  // From 1.1.
			listen(1500*ms, false)
			listen(time.Second, true) // From 3.6, while the agent is heard from 3.2 to 4.2.
			listen(8*time.Second, false)
		})
		voicetest.Check(t, w.rec)
		golden(t, "end_of_turn_by_stt", w.rec.Timeline())
		if len(w.turns) != 2 || w.turns[0].Outcome != otelvoice.Interrupted || w.turns[1].Outcome != otelvoice.Completed {
			t.Fatalf("turns: %+v", w.turns)
		}
		// The last word ended 1 s into the audio, the recognizer was sure 400 ms
		// later, and the answer took 700 ms.
		if l := w.turns[1].Latency; l == nil || l.Response != 1150*ms || l.Anchor != otelvoice.AnchorSTT {
			t.Errorf("latency: %+v", l)
		}
	})
}

// The format is said once a call: by the first frame, or by a WAV header in it. Turns
// that begin later have it, too.
func TestFormatIsSaidOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		by   voicepipe.EndOfTurn
	}{{"vad", voicepipe.ByVAD}, {"stt", voicepipe.BySTT}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.cfg.EndOfTurn = tt.by
				if tt.by == voicepipe.BySTT {
					w.stt = nil
					w.listens(streaming{})
				}
				header := wav(func(h []byte) []byte { return append(h[:44:44], quiet(100*ms).Data...) })
				w.call(func() {
					w.send(voicepipe.Event{Frame: header}) // Silence before the user speaks.
					for range 2 {
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
						for range 15 {
							w.send(voicepipe.Event{Frame: voiceprovider.Frame{Data: sound(100 * ms).Data}})
							pass(100 * ms)
						}
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped})
						for range 50 {
							w.send(voicepipe.Event{Frame: voiceprovider.Frame{Data: quiet(100 * ms).Data}})
							pass(100 * ms)
						}
					}
				})
				completed := 0
				for i, turn := range w.turns {
					if w.errs[i] != nil {
						t.Errorf("turn %d: %v", i+1, w.errs[i])
					}
					if turn.Outcome == otelvoice.Completed {
						completed++
					}
				}
				if completed != 2 {
					t.Errorf("%d turns were completed, want 2\n%s", completed, w.rec.Timeline())
				}
			})
		})
	}
}

// Of a codec whose samples can't be seen, any audio may be speech.
func TestCodecThatCannotBeSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.EndOfTurn = voicepipe.BySTT
		w.stt = nil
		w.listens(voiceprovider.Transcriber(rogue(func(_ context.Context, yield func() bool) { yield() })))
		w.call(func() {
			w.send(voicepipe.Event{Frame: voiceprovider.Frame{Format: otelvoice.AudioFormat{Codec: "opus"}, Data: []byte{1}}})
			pass(time.Second)
		})
		if len(w.turns) != 1 || w.turns[0].Outcome != otelvoice.Abandoned {
			t.Errorf("turns: %+v", w.turns)
		}
	})
}

// A loop of one's own, with instrumented providers in it.
func TestProvidersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, session := w.tel.StartSession(t.Context(), otelvoice.WithSessionID("call-1"))
		ctx, turn := session.StartTurn(ctx)
		for _, err := range w.stt[0].Transcribe(ctx, slices.Values([]voiceprovider.Frame{sound(time.Second)})) {
			if err != nil {
				t.Error(err)
			}
		}
		for _, err := range w.llm[0].Respond(ctx, voiceprovider.Request{}) {
			if err != nil {
				t.Error(err)
			}
			break // Enough.
		}
		for _, err := range w.tts[0].Synthesize(ctx, slices.Values([]string{"With ", "pleasure."})) {
			if err != nil {
				t.Error(err)
			}
		}
		turn.End()
		session.End()
		voicetest.Check(t, w.rec)
		golden(t, "providers_alone", w.rec.Timeline())
		// And without a turn they pass on.
		n := 0
		for _, err := range w.tts[0].Synthesize(t.Context(), slices.Values([]string{"x"})) {
			if err == nil {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d frames, want 3", n)
		}
	})
}

func session(rec *voicetest.Recorder) sdktrace.ReadOnlySpan {
	for _, s := range rec.Spans() {
		if s.Name() == semconv.SpanVoiceSession {
			return s
		}
	}
	return nil
}

func value(s sdktrace.ReadOnlySpan, key attribute.Key) any {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value.AsInterface()
		}
	}
	return nil
}

// eachPoint calls do for each measurement of a histogram, with its lowest value.
func eachPoint(t *testing.T, rec *voicetest.Recorder, name string, do func(attribute.Set, float64)) {
	t.Helper()
	data, ok := rec.Metric(name)
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	histogram, ok := data.(metricdata.Histogram[float64])
	if !ok {
		t.Fatalf("%s is a %T", name, data)
	}
	for _, p := range histogram.DataPoints {
		lowest, _ := p.Min.Value()
		do(p.Attributes, lowest)
	}
}
