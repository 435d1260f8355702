// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package provider plays the outside world of the example: a vendor of speech
// recognition, language models and speech synthesis, on a loopback port.
//
// It speaks OpenAI's wire format over real HTTP, so that an agent written
// against it runs unchanged against the vendor: transcriptions from multipart
// uploads (with server-sent events on request), chat completions with tool
// calls and streamed deltas, speech as a body that arrives while it is spoken.
// What it says is scripted: a transcription is looked up by the audio's
// content, a reply is chosen by keywords, and a voice is a hum.
//
// Its delays are drawn from a seed and from what is asked, never from the
// clock or from the order of arrival: two runs with one seed tell one story.
// It carries no telemetry of its own.
package provider
