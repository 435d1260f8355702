// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// understood is a final transcript with the ends of its words.
func understood(text string, ends ...time.Duration) voiceprovider.Transcript {
	t := final(text)
	for _, end := range ends {
		t.Words = append(t.Words, voiceprovider.Word{Start: end - 200*ms, End: end})
	}
	return t
}

// done is the same as the end of a turn.
func done(text string, ends ...time.Duration) voiceprovider.Transcript {
	t := understood(text, ends...)
	t.EndOfTurn = true
	return t
}

// A repeated or late transcript is neither another turn nor an interruption.
func TestStreamThatRepeatsItself(t *testing.T) {
	begin := reaction{1200 * ms, starts(1000 * ms), nil}
	end := reaction{2400 * ms, done("a table", 1600*ms, 2000*ms), nil}
	bare := reaction{2400 * ms, done("a table"), nil}
	table := []string{"a table"}
	for _, tt := range []struct {
		name    string
		scripts [][]reaction
		want    []string // The transcripts of the turns.
	}{
		{"the end with punctuation", [][]reaction{{begin, end, {2500 * ms, done("A table.", 1600*ms, 2000*ms), nil}}}, table},
		{"the end with punctuation, without words", [][]reaction{{begin, bare, {2500 * ms, done("A table."), nil}}}, table},
		{"the end while the agent speaks", [][]reaction{{begin, end, {3300 * ms, done("A table.", 2000*ms), nil}}}, table},
		{"the start after the end", [][]reaction{{begin, end, {2500 * ms, starts(1000 * ms), nil}}}, table},
		{"the silence after the end", [][]reaction{{begin, end, {2500 * ms, stops(2000 * ms), nil}}}, table},
		{"the final transcript", [][]reaction{{begin, {2000 * ms, understood("a table", 1600*ms, 1900*ms), nil}, {2100 * ms, understood("a table", 1600*ms, 1900*ms), nil}, {2400 * ms, done("", 2000*ms), nil}}}, table},
		{"the final transcript after the end", [][]reaction{{
			begin, {2000 * ms, voiceprovider.Transcript{Text: "a tab"}, nil}, {2400 * ms, voiceprovider.Transcript{EndOfTurn: true}, nil}, {2500 * ms, understood("a table", 1600*ms, 1900*ms), nil},
		}}, table},
		{"all of it over the next connection", [][]reaction{
			{begin, {1700 * ms, understood("a table", 1600*ms), nil}, {2000 * ms, voiceprovider.Transcript{}, io.ErrUnexpectedEOF}},
			{{1200 * ms, understood("a table", 1000*ms), nil}, {2000 * ms, done("for two", 1500*ms), nil}},
		}, []string{"a table for two"}},
		{"the user, by offsets", [][]reaction{{begin, end, {5200 * ms, starts(5000 * ms), nil}, {5900 * ms, done("a table", 5600*ms), nil}}}, []string{"a table", "a table"}},
		{"the user, later", [][]reaction{{begin, bare, {5400 * ms, done("a table"), nil}}}, []string{"a table", "a table"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.stt = nil
				w.cfg.EndOfTurn = voicepipe.BySTT
				w.stays(&live{dial: 100 * ms, scripts: tt.scripts})
				w.call(func() { w.line(10 * time.Second) })
				var got []string
				for i, res := range w.results {
					got = append(got, res.Transcript)
					if w.turns[i].Outcome != otelvoice.Completed {
						t.Errorf("turn %d is %s", i+1, w.turns[i].Outcome)
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q\n%s", got, tt.want, w.rec.Timeline())
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}

// The same within one utterance, of which the recognizer says more than the end.
func TestFinalTranscriptsThatRepeat(t *testing.T) {
	partial := voiceprovider.Transcript{Text: "a table"}
	for _, tt := range []struct {
		name string
		said []voiceprovider.Transcript
		want string
	}{
		{"parts", []voiceprovider.Transcript{final("a table"), final("for two")}, "a table for two"},
		{"said twice", []voiceprovider.Transcript{final("yes"), final("yes")}, "yes yes"},
		{"said twice, by words", []voiceprovider.Transcript{understood("yes", 500*ms), understood("yes", 900*ms)}, "yes yes"},
		{"sent twice, by words", []voiceprovider.Transcript{understood("yes", 500*ms), understood("yes", 500*ms)}, "yes"},
		{"sent with punctuation", []voiceprovider.Transcript{final("so"), done("a table"), done("A table.")}, "so A table."},
		{"sent with punctuation, by words", []voiceprovider.Transcript{done("a table", 500*ms), done("A table.", 500*ms)}, "A table."},
		{"said twice, with a partial between", []voiceprovider.Transcript{done("a table"), partial, done("a table")}, "a table a table"},
		{"nothing twice", []voiceprovider.Transcript{done(""), done(""), final("yes")}, "yes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var script []step[voiceprovider.Transcript]
				for _, said := range tt.said {
					script = append(script, step[voiceprovider.Transcript]{after: 10 * ms, value: said})
				}
				w.stt = nil
				w.listens(&stt{scripts: [][]step[voiceprovider.Transcript]{script}})
				if res, _, err := w.process(t.Context()); err != nil || res.Transcript != tt.want {
					t.Errorf("got %q, %v, want %q", res.Transcript, err, tt.want)
				}
			})
		})
	}
}
