// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wire is the vocabulary in which decoders report what providers of speech and language
// models send and receive.
//
// A decoder is a state machine of one provider's protocol. It is fed with the bytes of a request
// and of its response as they pass, and reports events. It does no I/O, has no clock and no
// goroutine, records no telemetry, and keeps no body: its memory does not grow with the bytes that
// pass. What it does not understand it reports as [NotUnderstood].
//
//	bytes ─▶ a provider's decoder ─▶ events ─▶ a stage of package otelvoice
//
// Package [github.com/voice-agents/telemetry/internal/wire/vendors] finds the decoder of a request.
// Recorded exchanges with the events that they give are in testdata/wire.
package wire
