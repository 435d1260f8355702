// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/assemblyai"
	"github.com/voice-agents/telemetry/internal/wire/azurespeech"
	"github.com/voice-agents/telemetry/internal/wire/cartesia"
	"github.com/voice-agents/telemetry/internal/wire/deepgram"
	"github.com/voice-agents/telemetry/internal/wire/elevenlabs"
	"github.com/voice-agents/telemetry/internal/wire/openairealtime"
)

// A socket is a protocol that is spoken over connections.
type socket struct {
	provider string // Of hosts that are not known.
	open     func(*wire.Target, wire.Report) wire.Connection
}

// sockets are the protocols of connections. Each knows its paths.
var sockets = [...]socket{
	{"deepgram", deepgram.Connection},
	{"elevenlabs", elevenlabs.Connection},
	{"cartesia", cartesia.Connection},
	{"assemblyai", assemblyai.Connection},
	{providerAzure, azurespeech.Connection},
	{providerOpenAI, openairealtime.Connection},
}

// NewConnection returns the decoder of a connection, by the host and the path of the request that opens
// it, or nil if none is known. It sets the target's provider if that is empty.
func NewConnection(target *wire.Target, report wire.Report) wire.Connection {
	named := target.Provider
	if named == "" {
		named = ofHost(target.Host).provider
	}
	for _, s := range sockets {
		target.Provider = named
		if named == "" {
			target.Provider = s.provider
		}
		if c := s.open(target, report); c != nil {
			return c
		}
	}
	return nil
}
