// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// story writes messages as they stand in the conversation.
func story(messages []voiceprovider.Message) (lines []string) {
	for _, m := range messages {
		line := fmt.Sprintf("%s %q", m.Role, m.Text)
		for _, call := range m.ToolCalls {
			line += " calls " + call.ID
		}
		if m.ToolCallID != "" {
			line += " of " + m.ToolCallID
		}
		lines = append(lines, line)
	}
	return lines
}

// Words beside a tool call are in the next request and in the conversation, where they
// were said.
func TestWordsBesideToolCalls(t *testing.T) {
	checking := step[voiceprovider.Chunk]{after: 100 * ms, value: text("Let me check. One moment")}
	both := step[voiceprovider.Chunk]{after: 100 * ms, value: voiceprovider.Chunk{Text: "I look it up.", ToolCalls: calls[:1]}}
	call := func(i int) step[voiceprovider.Chunk] {
		return step[voiceprovider.Chunk]{after: 300 * ms, value: voiceprovider.Chunk{ToolCalls: calls[i : i+1]}}
	}
	for _, tt := range []struct {
		name    string
		scripts [][]step[voiceprovider.Chunk]
		// asked is what the last request has of this turn; added is what the
		// conversation has of it.
		asked, added []string
		reply        string
	}{
		{
			"words, then a call",
			[][]step[voiceprovider.Chunk]{{checking, call(0)}, pleasure},
			[]string{`user "a table for two"`, `assistant "Let me check. One moment" calls call_1`, `tool "free" of call_1`},
			[]string{`user "a table for two"`, `assistant "Let me check. One moment" calls call_1`, `tool "free" of call_1`, `assistant "With pleasure."`},
			"Let me check. One moment With pleasure.",
		},
		{
			"words and a call in one chunk",
			[][]step[voiceprovider.Chunk]{{both}, pleasure},
			[]string{`user "a table for two"`, `assistant "I look it up." calls call_1`, `tool "free" of call_1`},
			[]string{`user "a table for two"`, `assistant "I look it up." calls call_1`, `tool "free" of call_1`, `assistant "With pleasure."`},
			"I look it up. With pleasure.",
		},
		{
			"words in two rounds",
			[][]step[voiceprovider.Chunk]{{checking, call(0)}, {{after: 100 * ms, value: text("It is free. ")}, call(1)}, pleasure},
			[]string{
				`user "a table for two"`, `assistant "Let me check. One moment" calls call_1`, `tool "free" of call_1`,
				`assistant "It is free." calls call_2`, `tool "booked" of call_2`,
			},
			[]string{
				`user "a table for two"`, `assistant "Let me check. One moment" calls call_1`, `tool "free" of call_1`,
				`assistant "It is free." calls call_2`, `tool "booked" of call_2`, `assistant "With pleasure."`,
			},
			"Let me check. One moment It is free. With pleasure.",
		},
		{
			"no words beside the call",
			[][]step[voiceprovider.Chunk]{{{value: text("\n")}, call(0)}, pleasure},
			[]string{`user "a table for two"`, `assistant "" calls call_1`, `tool "free" of call_1`},
			[]string{`user "a table for two"`, `assistant "" calls call_1`, `tool "free" of call_1`, `assistant "With pleasure."`},
			"With pleasure.",
		},
		{
			"nothing after the tool",
			[][]step[voiceprovider.Chunk]{{checking, call(0)}, {{value: text(" \n")}}},
			[]string{`user "a table for two"`, `assistant "Let me check. One moment" calls call_1`, `tool "free" of call_1`},
			[]string{`user "a table for two"`, `assistant "Let me check. One moment" calls call_1`, `tool "free" of call_1`},
			"Let me check. One moment",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				model := &llm{scripts: tt.scripts}
				w.cfg.Tools = tools
				w.llm = nil
				w.thinks(model)
				res, m, err := w.process(t.Context())
				if err != nil || m.Outcome != otelvoice.Completed || res.Reply != tt.reply {
					t.Errorf("got %q, %s, %v; want %q", res.Reply, m.Outcome, err, tt.reply)
				}
				if got := story(model.requests[len(model.requests)-1].Messages); !slices.Equal(got, tt.asked) {
					t.Errorf("asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.asked, "\n"))
				}
				if got := story(res.Messages); !slices.Equal(got, tt.added) {
					t.Errorf("added\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.added, "\n"))
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// A user who cuts in heard the words beside the call, and not the answer after it.
func TestWordsBesideAToolCallOfAnInterruptedTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Endpointing = 300 * ms
		w.cfg.Tools = tools
		model := &llm{scripts: [][]step[voiceprovider.Chunk]{
			{{after: 100 * ms, value: voiceprovider.Chunk{Text: "Let me check.", ToolCalls: calls[:1]}}},
			{{after: 100 * ms, value: text("It is free.")}},
			pleasure,
		}}
		w.llm = nil
		w.thinks(model)
		w.call(func() {
			pass(time.Second)
			w.say(2 * time.Second)
			// Committed at 3.5, heard from 3.7 to 4.7. The answer is known at 3.9.
			pass(1300 * ms) // 4.5
			w.say(time.Second)
			pass(5 * time.Second)
		})
		want := []string{`user "a table for two"`, `assistant "Let me check." calls call_1`, `tool "free" of call_1`}
		if got := story(w.results[0].Messages); !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		want = append(want, want[0])
		if got := story(model.requests[2].Messages); !slices.Equal(got, want) {
			t.Errorf("asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// An answer without a word is no answer: another provider is asked, and the turn in
// which none has one failed.
func TestAnswerWithoutAWord(t *testing.T) {
	for _, tt := range []struct{ name, answer string }{
		{"empty", ""},
		{"a space", " "},
		{"lines", "\n\n"},
		{"no-break space", "\u00a0"},
		{"zero width", "\u200b"},
		{"points", "…"},
		{"stars", "***"},
		{"smile", "🙂"},
		{"a line of its own", "\n---\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.cfg.Retries = -1
				w.llm = nil
				w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{{{value: text(tt.answer)}}}})
				res, m, err := w.process(t.Context())
				if !errors.Is(err, voiceprovider.ErrNothing) || m.Outcome != otelvoice.Failed || m.Latency != nil || len(res.Messages) != 1 {
					t.Errorf("got %v, %s, %+v, %+v", err, m.Outcome, m.Latency, res.Messages)
				}
				w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{pleasure}})
				res, m, err = w.process(t.Context())
				if err != nil || m.Outcome != otelvoice.Completed || res.Reply != answered {
					t.Errorf("with a fallback: got %v, %s, %q", err, m.Outcome, res.Reply)
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// spoken is a voice that notes what it is asked for, and when.
type spoken struct {
	texts []string
	at    []time.Duration
	began time.Time
}

func (v *spoken) Synthesize(_ context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		for piece := range text {
			v.texts, v.at = append(v.texts, piece), append(v.at, time.Since(v.began))
		}
		yield(sound(100*ms), nil)
	}
}

// The first sentence is spoken as soon as it is known, in each script: tokens come
// every 100 ms, the sentence ends with the third, and the next begins with the fourth.
func TestFirstVoice(t *testing.T) {
	for _, tt := range []struct {
		name   string
		tokens []string
		want   []string
	}{
		{"English", []string{"It", " is", " open.", " Come", " and", " eat", " with", " us."}, []string{"It is open.", "Come and eat with us."}},
		{"Hindi", []string{"हाँ", " जी", "।", " आप", " आइए", "।"}, []string{"हाँ जी।", "आप आइए।"}},
		{"Arabic", []string{"هل", " تريد", " طاولة؟", " نعم", " أو", " لا"}, []string{"هل تريد طاولة؟", "نعم أو لا"}},
		{"Urdu", []string{"جی", " ہاں", "۔", " میز", " خالی", "۔"}, []string{"جی ہاں۔", "میز خالی۔"}},
		{"Armenian", []string{"Բարեւ", " ձեզ", "։", " Այո", " սեղանը", "։"}, []string{"Բարեւ ձեզ։", "Այո սեղանը։"}},
		{"Japanese", []string{"空い", "てい", "ます。", "どう", "ぞ", "。"}, []string{"空いています。", "どうぞ。"}},
		{"title", []string{"Dr.", " Lee", " comes.", " You", " know", " Mr.", " Smith", "."}, []string{"Dr. Lee comes.", "You know Mr. Smith."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var script []step[voiceprovider.Chunk]
				for _, token := range tt.tokens {
					script = append(script, step[voiceprovider.Chunk]{after: 100 * ms, value: text(token)})
				}
				voice := &spoken{began: time.Now()}
				w.llm, w.tts = nil, nil
				w.thinks(&llm{scripts: [][]step[voiceprovider.Chunk]{script}})
				w.speaks(voice)
				res, _, err := w.process(t.Context())
				if err != nil || !slices.Equal(voice.texts, tt.want) {
					t.Fatalf("got %q, %v; want %q", voice.texts, err, tt.want)
				}
				// Understood at 150 ms; the fourth token is there at 550.
				if voice.at[0] != 550*ms {
					t.Errorf("the first sentence is spoken at %s, want 550ms", voice.at[0])
				}
				if want := strings.Join(tt.tokens, ""); res.Reply != want {
					t.Errorf("got %q, want %q", res.Reply, want)
				}
			})
		})
	}
}
