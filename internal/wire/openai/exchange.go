// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openai decodes the HTTP API of OpenAI, which many providers and servers speak: Azure,
// Groq, Together, Fireworks, vLLM, Ollama, LM Studio. Its reference is
// https://platform.openai.com/docs/api-reference.
package openai

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	switch {
	case strings.HasSuffix(target.Path, "/chat/completions"):
		return newChat(target, report)
	}
	return nil
}
