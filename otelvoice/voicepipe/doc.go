// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicepipe is the loop of a voice agent, with its telemetry:
//
//	audio in → STT → LLM → sentences → TTS → playout
//	             ↘ tools ↗
//
// Stability: experimental; may change in a minor release.
//
// The stages of a turn run concurrently: while the model generates the end of an answer, its
// beginning is played. The user may interrupt at any time. [Pipeline.Process] answers one
// utterance, [Pipeline.Run] runs a whole call.
//
// Sentences end where Unicode's rules (UAX 29) say, in any script, but not after
// abbreviations, initials or ordinals. The first sentence is synthesized as soon as its end
// is known, which is with the next character.
//
// The providers are a [voiceprovider.Transcriber], a [voiceprovider.Responder] and a
// [voiceprovider.Synthesizer]. They write no telemetry: [InstrumentSTT], [InstrumentLLM] and
// [InstrumentTTS] do. An agent with a loop of its own can use these functions alone.
//
// A provider cannot block or crash a call: see [Timeouts].
package voicepipe
