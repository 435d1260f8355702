// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxUpload is the vendor's limit for one recording.
const maxUpload = 25 << 20

// transcriptionRequest is a valid multipart form.
type transcriptionRequest struct {
	model    string
	format   string // json, text or verbose_json
	stream   bool
	logprobs bool
	audio    wavAudio
	said     Utterance // zero when the audio is not in the script
}

// timed reports whether the model belongs to the family that is billed by the second, supports
// verbose_json and does not stream.
func (t transcriptionRequest) timed() bool { return strings.HasPrefix(t.model, "whisper") }

func (s *Server) transcribe(w http.ResponseWriter, r *http.Request) {
	req, refusal := s.readTranscription(w, r)
	if refusal != nil {
		writeFailure(w, *refusal)
		return
	}
	dice := s.dice(fmt.Sprintf("transcription %s %x", req.model, sha256.Sum256(req.audio.samples)))
	if s.failed(w, r, dice, req.said.Text) {
		return
	}
	if req.stream && !req.timed() {
		s.streamTranscript(w, r, dice, req)
		return
	}
	if s.clock.wait(r.Context(), dice.draw(transcription)) != nil {
		return
	}
	switch req.format {
	case "text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, req.said.Text+"\n")
	case "verbose_json":
		writeJSON(w, http.StatusOK, verboseTranscript(req, dice))
	default:
		writeJSON(w, http.StatusOK, plainTranscript(req, dice))
	}
}

// readTranscription returns the request, or why it is rejected.
func (s *Server) readTranscription(w http.ResponseWriter, r *http.Request) (transcriptionRequest, *failure) {
	refuse := func(param, message string) (transcriptionRequest, *failure) {
		f := invalid(param, message)
		return transcriptionRequest{}, &f
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(maxUpload); err != nil { //nolint:gosec // bounded by the reader above
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			f := invalid("file", fmt.Sprintf("Maximum content size limit (%d) exceeded.", maxUpload))
			f.status = http.StatusRequestEntityTooLarge
			return transcriptionRequest{}, &f
		}
		return refuse("", "Could not parse multipart form.")
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	// Read the rest of the body, because net/http detects a disconnected client only then.
	_, _ = io.Copy(io.Discard, r.Body)

	req := transcriptionRequest{model: r.PostFormValue("model"), format: r.PostFormValue("response_format")}
	if req.model == "" {
		return refuse("model", "You must provide a model parameter.")
	}
	switch req.format {
	case "":
		req.format = "json"
	case "json", "text":
	case "verbose_json":
		if !req.timed() {
			return refuse("response_format", fmt.Sprintf(
				"response_format 'verbose_json' is not compatible with model '%s'. Use 'json' or 'text' instead.", req.model))
		}
	default:
		return refuse("response_format", fmt.Sprintf("Unsupported response_format '%s'.", req.format))
	}
	if v := r.PostFormValue("stream"); v != "" {
		stream, err := strconv.ParseBool(v)
		if err != nil {
			return refuse("stream", "stream must be a boolean.")
		}
		req.stream = stream
	}
	for _, include := range r.MultipartForm.Value["include[]"] {
		req.logprobs = req.logprobs || include == "logprobs"
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		return refuse("file", "You must provide an audio file.")
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		return refuse("file", "Could not read the audio file.")
	}
	if req.audio, err = parseWAV(data); err != nil {
		return refuse("file", "Invalid file format. This vendor takes wav: "+err.Error()+".")
	}
	req.said, _ = s.opts.Script.hear(req.audio, header.Filename)
	return req, nil
}

// streamTranscript sends the text word by word in the time that the whole text would have taken.
// The first word is sent after half of the time.
func (s *Server) streamTranscript(w http.ResponseWriter, r *http.Request, d dice, req transcriptionRequest) {
	type delta struct {
		Type     string    `json:"type"`
		Delta    string    `json:"delta"`
		Logprobs []logprob `json:"logprobs,omitempty"`
	}
	type done struct {
		Type string `json:"type"`
		transcript
	}
	half := d.draw(transcription) / 2
	if s.clock.wait(r.Context(), half) != nil {
		return
	}
	final := plainTranscript(req, d)
	words := splitWords(req.said.Text)
	events := newEventStream(w)
	for i, word := range words {
		event := delta{Type: "transcript.text.delta", Delta: word}
		if req.logprobs {
			event.Logprobs = final.Logprobs[i : i+1]
		}
		if events.send(event) != nil {
			return
		}
		if s.clock.wait(r.Context(), half/time.Duration(len(words))) != nil {
			return
		}
	}
	_ = events.send(done{"transcript.text.done", final})
}
