// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import "strings"

// An Option configures [StreamClientInterceptor]. Nil options are ignored.
type Option interface{ apply(c *config) }

type config struct {
	providers map[string]string // Of further methods.
}

type option func(c *config)

func (o option) apply(c *config) { o(c) }

// WithMethod adds a streaming method whose messages have the fields of Google's or Riva's, and the name of its provider for
// gen_ai.provider.name:
//
//	otelgrpcspeech.WithMethod("/acme.stt.v1.SpeechToText/StreamingRecognize", "acme")
func WithMethod(method, provider string) Option {
	return option(func(c *config) {
		if c.providers == nil {
			c.providers = make(map[string]string, 1)
		}
		c.providers[method] = provider
	})
}

// provider returns the provider of a method, and whether its streams are recorded.
func (c *config) provider(method string) (string, bool) {
	if provider, ok := c.providers[method]; ok {
		return provider, true
	}
	switch {
	case method == "/nvidia.riva.asr.RivaSpeechRecognition/StreamingRecognize":
		return "nvidia", true
	case strings.HasPrefix(method, "/google.cloud.speech.v") && strings.HasSuffix(method, ".Speech/StreamingRecognize"):
		return "google", true
	}
	return "", false
}
