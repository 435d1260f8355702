// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package provider simulates a vendor of speech recognition, language models and speech
// synthesis, on a loopback port.
//
// It uses OpenAI's wire format over real HTTP, so that an agent runs unchanged against the
// vendor: transcriptions of multipart uploads (with server-sent events on request), chat
// completions with tool calls and streamed deltas, and speech that is streamed as it is
// generated. The answers are scripted: a transcription is looked up by the audio's content, a
// reply is selected by keywords, and a voice is a hum.
//
// Delays depend on a seed and on the request, not on the clock or on the order of arrival, so
// two runs with the same seed are the same. It has no telemetry.
package provider
