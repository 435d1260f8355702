// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package vendors finds the decoder of an HTTP request, by its host, its path and its form.
package vendors

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/anthropic"
	"github.com/voice-agents/telemetry/internal/wire/cohere"
	"github.com/voice-agents/telemetry/internal/wire/gemini"
	"github.com/voice-agents/telemetry/internal/wire/ollama"
	"github.com/voice-agents/telemetry/internal/wire/openai"
)

// New returns the decoder of a request, or nil if it is no request to a speech or language model
// that is known.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	for _, decoder := range []func(*wire.Target, wire.Report) wire.Exchange{anthropic.New, cohere.New, gemini.New, ollama.New} {
		if x := decoder(target, report); x != nil {
			return x
		}
	}
	if target.Provider == "" {
		target.Provider = "openai"
	}
	return openai.New(target, report)
}
