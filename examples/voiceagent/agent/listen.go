// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bytes"
	"context"
	"io"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/wav"
	"github.com/voice-agents/telemetry/otelvoice"
)

// understand adds what the caller said to the conversation.
func (r *reply) understand(ctx context.Context, heard utterance) error {
	return r.agent.retry(ctx, func() error {
		text, err := r.transcribe(ctx, heard)
		if err == nil {
			r.messages = append(r.messages, openai.Message{Role: "user", Content: text})
		}
		return err
	})
}

// transcribe is one request to the recognizer: one stage.
func (r *reply) transcribe(ctx context.Context, heard utterance) (string, error) {
	ctx, stt := r.turn.StartSTT(ctx, r.agent.Models.Transcription)
	stt.SetLanguage(language)
	stt.SetAudio(audioFormat(heard.format))

	said, err := r.agent.Provider.Transcribe(ctx, openai.TranscriptionRequest{
		Model:    r.agent.Models.Transcription.Name,
		Language: language,
		WAV: io.MultiReader(
			bytes.NewReader(heard.format.Header(len(heard.samples))),
			stt.Reader(bytes.NewReader(heard.samples))), // Counts the audio.
	})
	if err == nil {
		stt.Final()
		stt.SetTranscript(said.Text) // Kept only if content capture is on.
		if confidence, ok := said.Confidence(); ok {
			stt.SetConfidence(confidence)
		}
	}
	stt.End(err)
	return said.Text, err
}

// audioFormat is the format in the words of telemetry.
func audioFormat(f wav.Format) otelvoice.AudioFormat {
	codec := otelvoice.CodecPCM16
	switch f.Encoding {
	case wav.ALaw:
		codec = otelvoice.CodecALaw
	case wav.MuLaw:
		codec = otelvoice.CodecMuLaw
	case wav.PCM:
	}
	return otelvoice.AudioFormat{Codec: codec, SampleRate: int(f.SampleRate), Channels: int(f.Channels)}
}
