// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
)

// listen has an utterance recognised while it is being recorded, by providers that are the
// last of those configured, or all. It calls heard with each transcript. It returns what
// was said, "" if nobody spoke.
func (p *Pipeline) listen(ctx context.Context, providers []Transcriber, audio *recording, heard func(Transcript)) (text string, err error) {
	if err := audio.begun(ctx); err != nil {
		return "", stageError(stageSTT, err)
	}
	ctx = context.WithValue(ctx, attemptKey{}, attempt{fallback: len(p.cfg.STT) - len(providers)})
	err = try(ctx, p, stageSTT, p.cfg.Timeouts.STT, providers, func(ctx context.Context, stt Transcriber) (bool, error) {
		var said understanding
		for t, err := range stt.Transcribe(ctx, audio.all(ctx)) {
			if err != nil {
				return audio.failed() != nil, err
			}
			said.add(t)
			heard(t)
		}
		text = said.text
		return false, nil
	})
	if bad := audio.failed(); err == nil && bad != nil {
		err = stageError(stageSTT, bad)
	}
	return text, err
}
