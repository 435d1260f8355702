// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"strings"
)

// A TranscriptionRequest is a request to transcribe a file.
type TranscriptionRequest struct {
	Model string
	// Language is the language of the speech, as ISO 639-1. If it is empty, the model detects it.
	Language string
	// WAV is the whole file.
	WAV io.Reader
}

// A Transcription is a transcript of a file.
type Transcription struct {
	Text     string
	segments []segment
	logprobs []logprob
}

type logprob struct {
	Logprob float64 `json:"logprob"`
}

type segment struct {
	Tokens     []int   `json:"tokens"`
	AvgLogprob float64 `json:"avg_logprob"`
}

// Confidence returns the mean probability of the transcript's tokens, from 0 to
// 1. It returns false if the provider returned none.
func (t Transcription) Confidence() (confidence float64, ok bool) {
	tokens, logprob := 0, 0.0
	for _, s := range t.segments {
		tokens += len(s.Tokens)
		logprob += s.AvgLogprob * float64(len(s.Tokens))
	}
	for _, l := range t.logprobs {
		tokens++
		logprob += l.Logprob
	}
	if tokens == 0 {
		return 0, false
	}
	return math.Exp(logprob / float64(tokens)), true
}

// Transcribe uploads speech and returns its transcript.
func (c *Client) Transcribe(ctx context.Context, req TranscriptionRequest) (Transcription, error) {
	body, contentType, err := req.form()
	if err != nil {
		return Transcription{}, fmt.Errorf("openai: transcription: %w", err)
	}
	res, err := c.post(ctx, "/audio/transcriptions", contentType, body)
	if err != nil {
		return Transcription{}, err
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Text     string    `json:"text"`
		Segments []segment `json:"segments"`
		Logprobs []logprob `json:"logprobs"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return Transcription{}, fmt.Errorf("openai: transcription: %w", err)
	}
	return Transcription{Text: answer.Text, segments: answer.Segments, logprobs: answer.Logprobs}, nil
}

// form returns the request as a multipart body.
func (req TranscriptionRequest) form() (body io.Reader, contentType string, err error) {
	var buf bytes.Buffer
	form := multipart.NewWriter(&buf)
	fields := [][2]string{{"model", req.Model}, {"response_format", "verbose_json"}}
	if strings.HasPrefix(req.Model, "gpt-") { // These have no segments.
		fields[1][1] = "json"
		fields = append(fields, [2]string{"include[]", "logprobs"})
	}
	if req.Language != "" {
		fields = append(fields, [2]string{"language", req.Language})
	}
	for _, field := range fields {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return nil, "", err
		}
	}
	file, err := form.CreateFormFile("file", "speech.wav")
	if err != nil {
		return nil, "", err
	}
	if _, err := io.Copy(file, req.WAV); err != nil {
		return nil, "", err
	}
	if err := form.Close(); err != nil {
		return nil, "", err
	}
	return &buf, form.FormDataContentType(), nil
}
