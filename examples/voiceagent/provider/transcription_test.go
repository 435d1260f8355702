// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	whisper = "whisper-1"
	gpt     = "gpt-4o-transcribe"
)

func TestEveryUtteranceIsHeard(t *testing.T) {
	s := serve(t, Options{})
	for _, u := range script(t) {
		t.Run(u.File, func(t *testing.T) {
			got := decode[transcript](t, postAudio(t, s, "audio.wav", u.WAV, "model", gpt))
			if got.Text != u.Text {
				t.Errorf("got  %q\nwant %q", got.Text, u.Text)
			}
		})
	}
}

func TestCutAudioIsHeardByItsFileName(t *testing.T) {
	s := serve(t, Options{})
	u := utterance(t, "goodbye.wav")
	cut := u.WAV[:len(u.WAV)/2]
	if got := decode[transcript](t, postAudio(t, s, u.File, cut, "model", gpt)).Text; got != u.Text {
		t.Errorf("named: got %q, want %q", got, u.Text)
	}
	if got := decode[transcript](t, postAudio(t, s, "other.wav", cut, "model", gpt)).Text; got != "" {
		t.Errorf("unnamed: got %q, want nothing", got)
	}
}

func TestTranscriptionFormats(t *testing.T) {
	s := serve(t, Options{})
	u := utterance(t, "name_morgan.wav")

	t.Run("json", func(t *testing.T) {
		got := decode[transcript](t, postAudio(t, s, u.File, u.WAV, "model", gpt, "response_format", "json", "include[]", "logprobs"))
		if got.Usage.Type != "tokens" || got.Usage.TotalTokens != got.Usage.InputTokens+got.Usage.OutputTokens {
			t.Errorf("usage: got %+v, want tokens that add up", got.Usage)
		}
		var joined strings.Builder
		for _, p := range got.Logprobs {
			joined.WriteString(p.Token)
			if p.Logprob > 0 || p.Logprob < math.Log(0.85) {
				t.Errorf("%q: logprob %g is not a confidence of 0.85 to 1", p.Token, p.Logprob)
			}
		}
		if joined.String() != u.Text {
			t.Errorf("tokens: got %q, want %q", joined.String(), u.Text)
		}
	})
	t.Run("whisper bills seconds", func(t *testing.T) {
		got := decode[transcript](t, postAudio(t, s, u.File, u.WAV, "model", whisper))
		if got.Usage.Type != "duration" || got.Usage.Seconds != 2 {
			t.Errorf("usage: got %+v, want 2 seconds", got.Usage)
		}
	})
	t.Run("verbose_json", func(t *testing.T) {
		got := decode[verbose](t, postAudio(t, s, u.File, u.WAV, "model", whisper, "response_format", "verbose_json"))
		if got.Text != u.Text || got.Language != "english" || math.Abs(got.Duration-u.Duration.Seconds()) > 0.001 {
			t.Errorf("got  %q %q %g\nwant %q english %g", got.Text, got.Language, got.Duration, u.Text, u.Duration.Seconds())
		}
		if len(got.Segments) != 1 || got.Segments[0].AvgLogprob > 0 {
			t.Errorf("segments: got %+v, want one with a logprob", got.Segments)
		}
	})
	t.Run("text", func(t *testing.T) {
		got := postAudio(t, s, u.File, u.WAV, "model", gpt, "response_format", "text")
		if string(got.body) != u.Text+"\n" {
			t.Errorf("got %q, want %q and a newline", got.body, u.Text)
		}
	})
	t.Run("whisper ignores stream", func(t *testing.T) {
		if got := decode[transcript](t, postAudio(t, s, u.File, u.WAV, "model", whisper, "stream", "true")); got.Text != u.Text {
			t.Errorf("got %q, want %q", got.Text, u.Text)
		}
	})
}

func TestStreamedTranscript(t *testing.T) {
	s := serve(t, Options{})
	u := utterance(t, "book_table.wav")
	got := events(t, postAudio(t, s, u.File, u.WAV, "model", gpt, "stream", "true"))
	var joined strings.Builder
	for i, data := range got {
		var event struct{ Type, Delta, Text string }
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			t.Fatal(err)
		}
		want := "transcript.text.delta"
		if i == len(got)-1 {
			want = "transcript.text.done"
			if event.Text != u.Text || joined.String() != u.Text {
				t.Errorf("got  deltas %q, text %q\nwant %q twice", joined.String(), event.Text, u.Text)
			}
		}
		if event.Type != want {
			t.Errorf("event %d: got %q, want %q", i, event.Type, want)
		}
		joined.WriteString(event.Delta)
	}
}

func TestBadTranscriptionRequests(t *testing.T) {
	s := serve(t, Options{})
	wav := utterance(t, "name_morgan.wav").WAV
	tests := []struct {
		name   string
		audio  []byte
		fields []string
	}{
		{"no model", wav, nil},
		{"no file", nil, []string{"model", gpt}},
		{"not audio", []byte("hello"), []string{"model", gpt}},
		{"format unknown", wav, []string{"model", gpt, "response_format", "morse"}},
		{"format of another model", wav, []string{"model", gpt, "response_format", "verbose_json"}},
		{"stream neither true nor false", wav, []string{"model", gpt, "stream", "perhaps"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantFailure(t, postAudio(t, s, "a.wav", tt.audio, tt.fields...), http.StatusBadRequest, "invalid_value")
		})
	}
	t.Run("not a form", func(t *testing.T) {
		wantFailure(t, postJSON(t, s, "/audio/transcriptions", "{}"), http.StatusBadRequest, "invalid_value")
	})
	t.Run("too large", func(t *testing.T) {
		got := postAudio(t, s, "a.wav", slices.Repeat([]byte{0}, maxUpload+1), "model", gpt)
		wantFailure(t, got, http.StatusRequestEntityTooLarge, "invalid_value")
	})
}
