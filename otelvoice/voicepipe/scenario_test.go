// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

const ms = time.Millisecond

var errDown = errors.New("bad gateway")

// want is a turn as worked out by hand. The clock begins with the call; a user who
// speaks does so from 1 s to 3 s, which the detector reports at 3.2 s, unless the
// scenario says otherwise. The turn is committed at 3.5 s, 300 ms later.
type want struct {
	outcome    otelvoice.Outcome
	err        string
	transcript string
	reply      string
	latency    string
	stages     []string
}

// The stages of an ordinary turn.
const (
	said     = "a table for two"
	answered = "With pleasure."

	// From 1.0 to 3.35: 2.2 s of audio, and 150 ms.
	heardWell = "stt nova-3 completed took=2.35s final=350ms audio=2.2s confidence=0.9"
	// From 3.5 to 4.1.
	thoughtWell = "llm gpt-4o-mini completed took=600ms chunk=400ms token=400ms in=40 out=2"
	// From 4.1 to 4.3: 1 s of audio, the first 50 ms of it silence.
	spokenWell = "tts sonic-3 completed took=200ms audio=1s rtf=0.2 byte=100ms audible=150ms characters=14"
	// From 3.0 to 4.25, when the voice is audible.
	ordinary = "1.25s = transcription 350ms + endpointing 150ms + dispatch 0s + generation 400ms + aggregation 200ms + synthesis 100ms + playout 50ms vad"
	// The same, of a voice without leading silence.
	atOnce = "1.2s = transcription 350ms + endpointing 150ms + dispatch 0s + generation 400ms + aggregation 200ms + synthesis 100ms + playout 0s vad"
)

var normal = want{otelvoice.Completed, "", said, answered, ordinary, []string{heardWell, thoughtWell, spokenWell}}

// once is the user who speaks once, and listens to the end of the answer.
func speakOnce(w *world) {
	pass(time.Second)
	w.say(2 * time.Second)
	pass(5 * time.Second)
}

var calls = []voiceprovider.ToolCall{{ID: "call_1", Name: "look_up", Arguments: "{}"}, {ID: "call_2", Name: "book", Arguments: "{}"}}

// tools are a look-up of 200 ms and a booking of 100 ms.
var tools = []voiceprovider.Tool{
	{Name: "look_up", Call: func(context.Context, string) (string, error) { pass(200 * ms); return "free", nil }},
	{Name: "book", Call: func(context.Context, string) (string, error) { pass(100 * ms); return "booked", nil }},
}

// pleasure is the model's usual answer.
var pleasure = []step[voiceprovider.Chunk]{
	{after: 400 * ms, value: text("With")},
	{after: 200 * ms, value: text(" pleasure. ")},
}

// A scenario is a call and what it comes to.
type scenario struct {
	name  string
	setup func(w *world)
	drive func(w *world)
	turns []want
}

var scenarios = []scenario{
	{"normal", nil, speakOnce, []want{normal}},
	{
		"no speech",
		func(w *world) { w.stt = nil; w.listens(&stt{}) },
		speakOnce,
		// Recognised from 1.0 to 3.2, given up at 3.5.
		[]want{{outcome: otelvoice.Abandoned, stages: []string{"stt nova-3 completed took=2.2s audio=2.2s"}}},
	},
	{
		"stt failure",
		func(w *world) {
			w.cfg.Retries = -1
			w.stt = nil
			w.listens(&stt{scripts: [][]step[voiceprovider.Transcript]{{{after: 100 * ms, err: errDown}}}})
		},
		speakOnce,
		[]want{{
			outcome: otelvoice.Failed, err: "stt: bad gateway",
			stages: []string{"stt nova-3 failed took=2.3s audio=2.2s"},
		}},
	},
	{
		"llm failure after tokens",
		func(w *world) {
			w.llm = nil
			w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{append(slices.Clone(pleasure), step[voiceprovider.Chunk]{after: 120 * ms, err: errDown})}})
		},
		speakOnce,
		// The model breaks off at 4.22, while the first 50 ms are being played, which are
		// silent: the user has not heard the agent. What has begun to play is not begun again.
		[]want{{
			otelvoice.Failed, "llm: bad gateway", said, answered, "",
			[]string{
				heardWell, "llm gpt-4o-mini failed took=720ms chunk=400ms token=400ms",
				"tts sonic-3 abandoned took=120ms audio=50ms rtf=2.4 byte=100ms characters=14",
			},
		}},
	},
	{
		"tts failure after audio",
		func(w *world) {
			w.tts = nil
			w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{{{after: 100 * ms, value: sound(500 * ms)}, {after: 100 * ms, err: errDown}}}})
		},
		speakOnce,
		[]want{{
			otelvoice.Failed, "tts: bad gateway", said, answered, atOnce,
			[]string{heardWell, thoughtWell, "tts sonic-3 failed took=200ms audio=500ms rtf=0.4 byte=100ms audible=100ms characters=14"},
		}},
	},
	{
		"retry",
		func(w *world) {
			w.llm = nil
			w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{after: 100 * ms, err: errDown}}, pleasure}})
		},
		speakOnce,
		// Asked at 3.5, refused at 3.6, asked again at 3.7.
		[]want{{
			otelvoice.Completed, "", said, answered,
			"1.45s = transcription 350ms + endpointing 150ms + dispatch 0s + generation 600ms + aggregation 200ms + synthesis 100ms + playout 50ms vad",
			[]string{
				heardWell, "llm gpt-4o-mini failed took=100ms",
				"llm gpt-4o-mini completed attempt=2 took=600ms chunk=400ms token=400ms", spokenWell,
			},
		}},
	},
	{
		"fallback",
		func(w *world) {
			w.cfg.Retries = -1
			w.llm = nil
			w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{after: 100 * ms, err: errDown}}}})
			w.thinksWith(&llm{scripts: [][]step[voiceprovider.Chunk]{pleasure}}, otelvoice.Model{Provider: "anthropic", Name: "claude-haiku"})
		},
		speakOnce,
		// Refused at 3.6, and the other asked at once.
		[]want{{
			otelvoice.Completed, "", said, answered,
			"1.35s = transcription 350ms + endpointing 150ms + dispatch 0s + generation 500ms + aggregation 200ms + synthesis 100ms + playout 50ms vad",
			[]string{
				heardWell, "llm gpt-4o-mini failed took=100ms",
				"llm claude-haiku completed attempt=2 took=600ms chunk=400ms token=400ms", spokenWell,
			},
		}},
	},
	{
		"barge-in during llm", nil,
		func(w *world) {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(500 * ms) // 3.7: the model has not said a word.
			w.say(time.Second)
			pass(5 * time.Second)
		},
		// At 4.0 it is more than a cough; the model had its first word at 3.9. The
		// second turn is from 3.7, its speech ends at 4.7, its recognizer begins at
		// 4.0 and is done at 5.05; committed at 5.2, played at 5.9.
		[]want{
			{
				otelvoice.Interrupted, "", said, "", "",
				[]string{heardWell, "llm gpt-4o-mini interrupted took=500ms chunk=400ms token=400ms"},
			},
			{
				otelvoice.Completed, "", said, answered, ordinary,
				[]string{
					"stt nova-3 completed took=1.05s final=350ms audio=1.2s confidence=0.9", thoughtWell, spokenWell,
				},
			},
		},
	},
	{
		"barge-in during playout", nil,
		func(w *world) {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(1300 * ms) // 4.5: 300 ms of the answer are played.
			w.say(time.Second)
			pass(5 * time.Second)
		},
		[]want{
			normal.but(otelvoice.Interrupted),
			{
				otelvoice.Completed, "", said, answered, ordinary,
				[]string{
					"stt nova-3 completed took=1.05s final=350ms audio=1.2s confidence=0.9", thoughtWell, spokenWell,
				},
			},
		},
	},
	{
		"false interruption", nil,
		func(w *world) {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(1300 * ms)
			w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted}) // A cough, at 4.5.
			pass(200 * ms)
			w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped})
			pass(5 * time.Second)
		},
		[]want{normal},
	},
	{
		"short answer over the last word", nil,
		func(w *world) {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(1950 * ms) // 5.15: the answer lasts until 5.2.
			w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
			w.hear(200 * ms)
			w.send(voicepipe.Event{Kind: voicepipe.SpeechStopped})
			pass(5 * time.Second)
		},
		// There was no interruption. The second turn's recognizer begins at 5.2; final at
		// 5.5, committed at 5.65.
		[]want{normal, {
			otelvoice.Completed, "", said, answered,
			"1.05s = transcription 150ms + endpointing 150ms + dispatch 0s + generation 400ms + aggregation 200ms + synthesis 100ms + playout 50ms vad",
			[]string{
				"stt nova-3 completed took=300ms final=150ms audio=200ms confidence=0.9", thoughtWell, spokenWell,
			},
		}},
	},
	{
		"hang-up in mid turn", nil,
		func(w *world) {
			pass(time.Second)
			w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
			w.hear(time.Second)
		},
		[]want{{outcome: otelvoice.Abandoned, stages: []string{"stt nova-3 abandoned took=1s audio=1s"}}},
	},
	{
		"hang-up in mid answer", nil,
		func(w *world) {
			pass(time.Second)
			w.say(2 * time.Second)
			pass(1300 * ms)
		},
		[]want{normal.but(otelvoice.Abandoned)},
	},
	{
		"two tools then an answer",
		func(w *world) {
			w.cfg.Tools = tools
			w.llm = nil
			w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{after: 300 * ms, value: voiceprovider.Chunk{ToolCalls: calls}}}, pleasure}})
		},
		speakOnce,
		// Asked at 3.5, tools from 3.8 to 4.1, asked again, first word at 4.5.
		[]want{{
			otelvoice.Completed, "", said, answered,
			"1.85s = transcription 350ms + endpointing 150ms + dispatch 0s + generation 1s + aggregation 200ms + synthesis 100ms + playout 50ms, tools 300ms vad",
			[]string{
				heardWell, "llm gpt-4o-mini completed took=300ms chunk=300ms", "tool look_up completed took=200ms", "tool book completed took=100ms",
				"llm gpt-4o-mini completed took=600ms chunk=400ms token=400ms", spokenWell,
			},
		}},
	},
	{
		"tool-only reply",
		func(w *world) {
			w.cfg.Tools = tools
			w.llm = nil
			w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{
				{{after: 300 * ms, value: voiceprovider.Chunk{ToolCalls: calls[1:]}}},
				{{after: 200 * ms, value: voiceprovider.Chunk{FinishReason: "stop"}}},
			}})
		},
		speakOnce,
		[]want{{
			outcome: otelvoice.Completed, transcript: said,
			stages: []string{
				heardWell, "llm gpt-4o-mini completed took=300ms chunk=300ms", "tool book completed took=100ms",
				"llm gpt-4o-mini completed took=200ms chunk=200ms",
			},
		}},
	},
	{
		"greeting",
		func(w *world) { w.cfg.Greeting = "Good evening." },
		func(*world) { pass(5 * time.Second) },
		[]want{{
			outcome: otelvoice.Completed, reply: "Good evening.",
			stages: []string{"tts sonic-3 completed took=200ms audio=1s rtf=0.2 byte=100ms audible=150ms characters=13"},
		}},
	},
	{
		"pause in mid sentence", nil,
		func(w *world) {
			pass(time.Second)
			w.say(time.Second) // Until 2.0, reported at 2.2.
			pass(200 * ms)     // 2.4: the turn would have been committed at 2.5.
			w.say(time.Second) // Until 3.4, reported at 3.6.
			pass(5 * time.Second)
		},
		// Final at 3.75, committed at 3.9.
		[]want{{
			otelvoice.Completed, "", said + " " + said, answered, ordinary,
			[]string{
				"stt nova-3 completed took=1.35s final=350ms audio=1.2s confidence=0.9",
				"stt nova-3 completed took=1.35s final=350ms audio=1.2s confidence=0.9", thoughtWell, spokenWell,
			},
		}},
	},
}

func (w want) but(outcome otelvoice.Outcome) want { w.outcome = outcome; return w }

func TestScenarios(t *testing.T) {
	for _, tt := range scenarios {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.cfg.Endpointing = 300 * ms
				if tt.setup != nil {
					tt.setup(w)
				}
				w.call(func() { tt.drive(w) })
				if w.finished != nil {
					t.Errorf("the call ended with %v", w.finished)
				}
				if len(w.turns) != len(tt.turns) {
					t.Fatalf("%d turns, want %d\n%s", len(w.turns), len(tt.turns), w.rec.Timeline())
				}
				for i, want := range tt.turns {
					if got := w.turn(i); got.String() != want.String() {
						t.Errorf("turn %d\ngot\n%s\nwant\n%s", i+1, got, want)
					}
				}
				voicetest.Check(t, w.rec)
				golden(t, strings.ReplaceAll(tt.name, " ", "_"), w.rec.Timeline())
			})
		})
	}
}

// turn returns what the pipeline reported of a turn.
func (w *world) turn(i int) want {
	m, res := w.turns[i], w.results[i]
	got := want{outcome: m.Outcome, transcript: res.Transcript, reply: res.Reply}
	if err := w.errs[i]; err != nil {
		got.err = err.Error()
	}
	if l := m.Latency; l != nil {
		var parts []string
		for _, s := range l.Segments {
			parts = append(parts, string(s.Name)+" "+s.Duration.String())
		}
		got.latency = l.Response.String() + " = " + strings.Join(parts, " + ")
		if l.ToolTime > 0 {
			got.latency += ", tools " + l.ToolTime.String()
		}
		got.latency += " " + string(l.Anchor)
	}
	for _, s := range m.Stages {
		got.stages = append(got.stages, describe(s))
	}
	return got
}

func (w want) String() string {
	return fmt.Sprintf("  %s %s\n  user: %s\n  agent: %s\n  waited %s\n  %s",
		w.outcome, w.err, w.transcript, w.reply, w.latency, strings.Join(w.stages, "\n  "))
}

// describe writes what is known of a stage.
func describe(s otelvoice.StageMetrics) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", s.Stage, s.Model.Name, s.Outcome)
	if s.Attempt > 1 {
		fmt.Fprintf(&b, " attempt=%d", s.Attempt)
	}
	fmt.Fprintf(&b, " took=%s", s.Duration)
	known(&b, "final", s.FinalLatency)
	known(&b, "audio", s.AudioDuration)
	if s.RealTimeFactor != nil {
		fmt.Fprintf(&b, " rtf=%.5g", *s.RealTimeFactor)
	}
	known(&b, "confidence", s.Confidence)
	known(&b, "chunk", s.TimeToFirstChunk)
	known(&b, "token", s.TimeToFirstToken)
	known(&b, "in", s.InputTokens)
	known(&b, "out", s.OutputTokens)
	known(&b, "byte", s.TimeToFirstByte)
	known(&b, "audible", s.TimeToFirstAudible)
	known(&b, "characters", s.Characters)
	return b.String()
}

func known[T any](b *strings.Builder, name string, value *T) {
	if value != nil {
		fmt.Fprintf(b, " %s=%v", name, *value)
	}
}
