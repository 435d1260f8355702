// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voiceprovider has the interfaces that a voice agent's providers implement:
// [Transcriber] for speech to text, [Responder] for a language model, and [Synthesizer] for
// text to speech.
//
// Stability: experimental; may change in a minor release.
//
// Providers write no telemetry. Package voicepipe instruments them and runs them as a
// pipeline. [TranscribeFunc], [RespondFunc] and [SynthesizeFunc] turn a single request into
// a provider.
package voiceprovider
