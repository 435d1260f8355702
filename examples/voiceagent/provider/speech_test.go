// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func speechBody(input, format string) string {
	body, err := json.Marshal(map[string]any{
		"model": "gpt-4o-mini-tts", "voice": "alloy", "input": input, "response_format": format,
	})
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func TestSpeechIsAsLongAsItsText(t *testing.T) {
	s := serve(t, Options{})
	for _, characters := range []int{1, 15, 150} {
		t.Run(fmt.Sprint(characters), func(t *testing.T) {
			got := postJSON(t, s, "/audio/speech", speechBody(strings.Repeat("é", characters), "pcm"))
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "audio/pcm" {
				t.Fatalf("got %d %q, want 200 audio/pcm", got.status, got.header.Get("Content-Type"))
			}
			spoken := time.Duration(characters) * time.Second / charactersASecond
			duration := time.Duration(len(got.body)/bytesPerSample) * time.Second / sampleRate
			low, high := leadingSilence.bounds()
			low, high = s.clock.of(low), s.clock.of(high)
			if duration < spoken+low-time.Millisecond || duration > spoken+high {
				t.Errorf("got %v, want %v after a silence of %v to %v", duration, spoken, low, high)
			}
			silent := 0
			for ; silent < len(got.body)/2 && binary.LittleEndian.Uint16(got.body[2*silent:]) == 0; silent++ {
			}
			if lead := time.Duration(silent) * time.Second / sampleRate; lead < low-time.Millisecond || lead > high+10*time.Millisecond {
				t.Errorf("leading silence: got %v, want %v to %v", lead, low, high)
			}
		})
	}
}

func TestSpeechAsWAV(t *testing.T) {
	s := serve(t, Options{})
	got := postJSON(t, s, "/audio/speech", speechBody("Good evening", "wav"))
	audio, err := parseWAV(got.body)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Second; audio.format.Duration(sampleRate*bytesPerSample) != want || len(audio.samples) != len(got.body)-44 {
		t.Errorf("got %+v, %d of %d bytes are samples; want all after the header", audio.format, len(audio.samples), len(got.body))
	}
}

func TestBadSpeechRequests(t *testing.T) {
	s := serve(t, Options{})
	tests := map[string]string{
		"not JSON":       `{`,
		"wrong type":     `{"input":1}`,
		"no model":       `{"voice":"alloy","input":"Hi","response_format":"pcm"}`,
		"no voice":       `{"model":"tts-1","input":"Hi","response_format":"pcm"}`,
		"no input":       `{"model":"tts-1","voice":"alloy","response_format":"pcm"}`,
		"the default":    `{"model":"tts-1","voice":"alloy","input":"Hi"}`,
		"too fast":       `{"model":"tts-1","voice":"alloy","input":"Hi","response_format":"pcm","speed":9}`,
		"input too long": speechBody(strings.Repeat("a", maxInput+1), "pcm"),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			wantFailure(t, postJSON(t, s, "/audio/speech", body), http.StatusBadRequest, "invalid_value")
		})
	}
}
