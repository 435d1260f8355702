// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// IdlePrompt records that the agent asked whether the user is still there: the event voice.idle_prompt, a log
// line, voice.idle_prompt.count on the session, and the metric of the same name.
func (s *Session) IdlePrompt() {
	if s == nil {
		return
	}
	if s.tell(semconv.VoiceIdlePromptCountKey, "an idle prompt", func(f *sessionFacts) { f.prompts++ }) {
		s.happened(time.Now(), semconv.EventVoiceIdlePrompt, "idle prompt")
		s.count(func() { s.tel.emit.Metrics.Prompted(s.ctx, s.config.channel) })
	}
}
