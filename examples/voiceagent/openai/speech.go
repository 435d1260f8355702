// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"context"
	"fmt"
	"io"
	"iter"
)

// A SpeechRequest is a request to synthesize a text.
type SpeechRequest struct {
	Model string `json:"model"`
	Voice string `json:"voice"`
	Input string `json:"input"`
}

// Speech returns the audio of a text as it arrives: 16-bit PCM, 24 kHz, mono, in chunks of whole
// samples. The sequence ends after an error, and when ctx ends.
func (c *Client) Speech(ctx context.Context, req SpeechRequest) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		res, err := c.postJSON(ctx, "/audio/speech", struct {
			SpeechRequest
			ResponseFormat string `json:"response_format"`
		}{req, "pcm"})
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		for samples, err := range wholeSamples(res.Body) {
			if err != nil {
				yield(nil, fmt.Errorf("openai: speech: %w", err))
				return
			}
			if !yield(samples, nil) {
				return
			}
		}
	}
}

// wholeSamples returns the data of r in chunks of whole samples. The receiver may keep the
// chunks.
func wholeSamples(r io.Reader) iter.Seq2[[]byte, error] {
	const chunkSize = 4800 // 100 ms
	return func(yield func([]byte, error) bool) {
		var odd []byte // The first half of a sample.
		for {
			chunk := make([]byte, chunkSize)
			kept := copy(chunk, odd)
			n, err := r.Read(chunk[kept:])
			n += kept
			odd = append([]byte(nil), chunk[n-n%2:n]...)
			if whole := chunk[:n-n%2]; len(whole) > 0 && !yield(whole, nil) {
				return
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}
