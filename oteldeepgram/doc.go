// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package oteldeepgram instruments the live transcription of Deepgram's SDK, which opens its
// WebSocket by itself and takes neither a dialer nor an HTTP client. [Wrap] wraps the SDK's
// callback:
//
//	recognizer := oteldeepgram.Wrap(session, options, callback)
//	client, err := listen.NewWSUsingCallback(ctx, key, clientOptions, options, recognizer)
//	if !client.Connect() { … }
//	client.Stream(recognizer.Reader(microphone))
//
// Each connection is an [otelvoice.STTStream] of the session, and each utterance a stage of a turn;
// see [Recognizer].
//
// Stability: experimental; may change in a minor release.
//
// The package is a module of its own, so that only its users depend on Deepgram's SDK.
package oteldeepgram
