// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
	"unicode/utf8"
)

const (
	maxInput          = 4096 // characters of one synthesis
	charactersASecond = 15
	audioChunk        = 200 * time.Millisecond // of audio, written at once
)

type speechRequest struct {
	Model  string  `json:"model"`
	Input  string  `json:"input"`
	Voice  string  `json:"voice"`
	Format string  `json:"response_format"`
	Speed  float64 `json:"speed"`
}

func (s *Server) speak(w http.ResponseWriter, r *http.Request) {
	var req speechRequest
	if refusal := readJSON(w, r, &req); refusal != nil {
		writeFailure(w, *refusal)
		return
	}
	if refusal := req.check(); refusal != nil {
		writeFailure(w, *refusal)
		return
	}
	dice := s.dice(fmt.Sprintf("speech %s %s %g %s", req.Model, req.Voice, req.Speed, req.Input))
	if s.failed(w, r, dice, req.Input) {
		return
	}
	if s.clock.wait(r.Context(), dice.draw(firstAudio)) != nil {
		return
	}
	var header []byte
	w.Header().Set("Content-Type", "audio/pcm")
	if req.Format == "wav" {
		w.Header().Set("Content-Type", "audio/wav")
		header = streamedWAVHeader()
	}
	w.WriteHeader(http.StatusOK)
	s.sing(w, r, dice, header, req)
}

// sing writes the audio as it is generated, faster than real time, until it ends or the client
// disconnects.
func (s *Server) sing(w http.ResponseWriter, r *http.Request, d dice, header []byte, req speechRequest) {
	flush := http.NewResponseController(w).Flush
	// Clients compute from its length when silence ends, so that it is as short as the other delays.
	voice := newHum(req.Voice, s.clock.of(d.draw(leadingSilence)))
	total := req.samples() + voice.silence
	chunk := header
	for first := true; total > 0; first = false {
		if !first && s.clock.wait(r.Context(), d.draw(nextAudio)) != nil {
			return
		}
		n := min(total, int(audioChunk.Milliseconds())*samplesAMillisecond)
		chunk = voice.appendSamples(chunk, n)
		if _, err := w.Write(chunk); err != nil {
			return
		}
		if flush() != nil {
			return
		}
		chunk, total = chunk[:0], total-n
	}
}

// samples returns how many samples the words take.
func (req speechRequest) samples() int {
	seconds := float64(utf8.RuneCountInString(req.Input)) / charactersASecond / req.Speed
	return int(seconds * sampleRate)
}

// check sets the default speed and returns why the request is rejected.
func (req *speechRequest) check() *failure {
	refuse := func(param, message string) *failure {
		f := invalid(param, message)
		return &f
	}
	switch {
	case req.Model == "":
		return refuse("model", "You must provide a model parameter.")
	case req.Voice == "":
		return refuse("voice", "You must provide a voice.")
	case req.Input == "":
		return refuse("input", "You must provide an input.")
	case utf8.RuneCountInString(req.Input) > maxInput:
		return refuse("input", fmt.Sprintf("String should have at most %d characters.", maxInput))
	case req.Format != "pcm" && req.Format != "wav":
		return refuse("response_format", "This vendor speaks 'pcm' and 'wav' only; the default, 'mp3', is not among them.")
	}
	if req.Speed == 0 {
		req.Speed = 1
	}
	if req.Speed < 0.25 || req.Speed > 4 {
		return refuse("speed", "speed should be between 0.25 and 4.")
	}
	return nil
}

// readJSON decodes a body into v, or returns why it is rejected. It reads the whole body, because
// net/http detects a disconnected client only then.
func readJSON(w http.ResponseWriter, r *http.Request, v any) *failure {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(body, v)
	}
	if err != nil {
		f := invalid("", "We could not parse the JSON body of your request: "+err.Error())
		return &f
	}
	return nil
}
