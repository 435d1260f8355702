// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"encoding/binary"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// speak has the sentences spoken, one after the other.
func (r *reply) speak(ctx context.Context, sentences <-chan string, audio chan<- []byte) error {
	for sentence := range sentences {
		err := r.agent.retry(ctx, func() error { return r.synthesize(ctx, sentence, audio) })
		if err != nil {
			return err
		}
	}
	return nil
}

// synthesize is one request for speech: one stage.
func (r *reply) synthesize(ctx context.Context, sentence string, audio chan<- []byte) error {
	ctx, tts := r.turn.StartTTS(ctx, r.agent.Models.Speech)
	tts.SetVoice(voice)
	tts.SetAudio(audioFormat(wire.ReplyFormat()))
	tts.AddText(sentence) // Counted; kept only if content capture is on.

	speech := r.agent.Provider.Speech(ctx, openai.SpeechRequest{
		Model: r.agent.Models.Speech.Name, Voice: voice, Input: sentence,
	})
	// StreamAudio counts the bytes, marks the first and ends the stage.
	for chunk, err := range otelvoice.StreamAudio(tts, speech) {
		if err != nil {
			return err
		}
		if audible(chunk) {
			tts.FirstAudible()
		}
		select {
		case audio <- chunk:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// audible reports whether there is more in the samples than the hiss that a
// voice begins with.
func audible(samples []byte) bool {
	const hiss = 300
	for ; len(samples) >= 2; samples = samples[2:] {
		if v := int16(binary.LittleEndian.Uint16(samples)); v > hiss || v < -hiss {
			return true
		}
	}
	return false
}
