// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import "net/http"

// RequestID returns the ID by which a provider's support finds the request, or "".
func RequestID(h http.Header) string {
	for _, name := range [...]string{
		"X-Request-Id",      // OpenAI, Cartesia and most others
		"Dg-Request-Id",     // Deepgram
		"Request-Id",        // Anthropic, ElevenLabs
		"Apim-Request-Id",   // Azure
		"X-Amzn-Requestid",  // Amazon
		"X-Goog-Request-Id", // Google
	} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}
