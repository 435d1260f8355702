// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// transcribe transcribes an utterance while it is recorded. The providers are all that are
// configured, or the last of them. It calls onTranscript with each transcript. It returns the
// text, which is "" if there are no words.
func (p *Pipeline) transcribe(ctx context.Context, providers []voiceprovider.Transcriber, recording *audio.Recording, onTranscript func(voiceprovider.Transcript)) (text string, err error) {
	if err := recording.WaitForAudio(ctx); err != nil {
		return "", stage.Wrap(stage.STT, err)
	}
	ctx = stage.WithFallback(ctx, len(p.cfg.STT)-len(providers))
	err = stage.Try(ctx, p.retry, stage.STT, p.cfg.Timeouts.STT, providers, func(ctx context.Context, stt voiceprovider.Transcriber) (bool, error) {
		var said stage.Utterance
		for t, err := range stt.Transcribe(ctx, recording.All(ctx)) {
			if err != nil {
				return recording.Err() != nil, err
			}
			said.Add(t)
			onTranscript(t)
		}
		text = said.Text
		return false, nil
	})
	if invalid := recording.Err(); err == nil && invalid != nil {
		err = stage.Wrap(stage.STT, invalid)
	}
	return text, err
}
