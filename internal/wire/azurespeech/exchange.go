// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package azurespeech decodes the REST APIs of Azure AI Speech: text to speech, speech to text for
// short audio, and fast transcription. Their references are
// https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech,
// https://learn.microsoft.com/azure/ai-services/speech-service/rest-speech-to-text-short and
// https://learn.microsoft.com/rest/api/speechtotext/transcriptions/transcribe.
//
// [Connection] decodes the WebSockets of the Speech SDK, whose protocol has no reference: its source is
// https://github.com/microsoft/cognitive-services-speech-sdk-js.
package azurespeech

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	switch {
	case strings.HasSuffix(target.Path, "/speechtotext/transcriptions:transcribe"):
		return newTranscription(target, report)
	case !strings.HasSuffix(target.Path, "/cognitiveservices/v1"):
		return nil
	case strings.Contains(target.Path, "/speech/recognition/"):
		return newRecognition(target, report)
	}
	return newSpeech(target, report)
}
