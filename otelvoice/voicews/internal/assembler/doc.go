// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package assembler makes the telemetry of a call from the events of its connections: the telephone
// line, the recognisers, the synthesizers, the realtime models, and the requests to language models
// and speech services. It starts the session and the turns, opens the stages, sets the marks, and
// records interruptions. The agent's code touches no handle.
//
//	events of decoders ─▶ Connection ─▶ Call ─▶ turns and stages of package otelvoice
//
// The rules are in docs/live-calls.md.
package assembler
