// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openai decodes the HTTP API of OpenAI: chat completions, completions, responses,
// transcriptions, translations and speech. Its reference is
// https://platform.openai.com/docs/api-reference.
//
// Many providers and servers speak it: Azure, DeepSeek, Fireworks, Google, Groq, LM Studio, Mistral,
// Ollama, OpenRouter, Perplexity, Together, vLLM, xAI. Where they differ, the decoder's comments name
// the provider.
package openai
