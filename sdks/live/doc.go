// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package live tests package voicews with real WebSocket libraries on both sides: a caller that speaks
// Twilio's protocol, an agent, and a recogniser that speaks Deepgram's.
package live
