// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// content sets what was said in the turn, as far as it was recorded. The turn itself may have it, or its stages have
// a part each. What a failed attempt and the one after it both said counts once. A model's answer is preferred to
// the text that was synthesized.
func (t *Turn) content() {
	t.Transcript = cmp.Or(t.Attributes.Text(semconv.VoiceSTTTranscriptKey), t.said(semconv.VoiceSTTTranscriptKey))
	t.Reply = cmp.Or(t.Attributes.Text(semconv.VoiceLLMReplyKey), t.said(semconv.VoiceLLMReplyKey), t.said(semconv.VoiceTTSTextKey))
}

// said joins the texts that the stages and their log lines have.
func (t *Turn) said(key attribute.Key) string {
	var parts []string
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	visit(t.Stages, func(s *Stage) {
		add(s.Attributes.Text(key))
		for _, line := range s.Lines { // What became known after the end of the stage.
			add(line.Attributes.Text(key))
		}
	})
	return strings.Join(parts, " ")
}
