// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package content writes the messages of language models as OpenTelemetry's GenAI conventions have
// them, in JSON: gen_ai.input.messages, gen_ai.output.messages and gen_ai.system_instructions.
//
// Its input is what providers' requests hold: the messages of OpenAI's chat completions, the items
// of its responses, and the messages of Anthropic, Gemini and Ollama. Their shapes differ so much
// that the package recognises each by itself, so that a server may speak any of them.
//
// The data of audio, images and files is never written, only its type and size. A part of an
// unknown type is written with its type alone.
package content
