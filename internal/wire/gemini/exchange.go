// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package gemini decodes the method generateContent of Google's language models, streamed or not,
// as the Gemini API and Vertex AI serve it. Its reference is
// https://ai.google.dev/api/generate-content.
//
// A stream is a JSON array, or server-sent events with the parameter alt=sse. Neither has a sign
// that the answer is complete.
package gemini

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// The values of gen_ai.provider.name.
const (
	providerGemini = "gcp.gemini"
	providerVertex = "gcp.vertex_ai"
)

// New returns the decoder of a request, or nil if the decoder does not read its path:
// "/v1beta/models/gemini-2.5-flash:streamGenerateContent".
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	path, isStream := strings.CutSuffix(target.Path, ":streamGenerateContent")
	if !isStream {
		var ok bool
		if path, ok = strings.CutSuffix(path, ":generateContent"); !ok {
			return nil
		}
	}
	g := newGenerate(target, report)
	if g.Request.Provider == "" {
		g.Request.Provider = providerGemini
		if strings.Contains(path, "/projects/") || strings.Contains(path, "/publishers/") {
			g.Request.Provider = providerVertex
		}
	}
	g.Request.Model = path[strings.LastIndexByte(path, '/')+1:]
	g.Request.Stream = isStream
	return g
}
