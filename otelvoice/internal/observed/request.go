// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package observed

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/content"
	"github.com/voice-agents/telemetry/semconv"
)

// Request appends the parameters of a request that are attributes of its stage. The model, the voice
// and the audio are measurements of their own.
func Request(attrs []attribute.KeyValue, r *wire.Request) []attribute.KeyValue {
	if r.Stream {
		attrs = append(attrs, semconv.GenAIRequestStream(true))
	}
	if r.Temperature != nil {
		attrs = append(attrs, semconv.GenAIRequestTemperature(*r.Temperature))
	}
	if r.TopP != nil {
		attrs = append(attrs, semconv.GenAIRequestTopP(*r.TopP))
	}
	if r.MaxTokens != nil {
		attrs = append(attrs, semconv.GenAIRequestMaxTokens(*r.MaxTokens))
	}
	if messages := content.Input(r.Messages); messages != nil { // None without content.
		attrs = append(attrs, semconv.GenAIInputMessages(string(messages)))
	}
	if system := content.System(r.System); system != nil {
		attrs = append(attrs, semconv.GenAISystemInstructions(string(system)))
	}
	return attrs
}
