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
	"github.com/voice-agents/telemetry/internal/wire/geminilive"
	"github.com/voice-agents/telemetry/internal/wire/openairealtime"
)

// A socket is a protocol that is spoken over connections.
type socket struct {
	protocol protocols
	provider string // Of hosts that are not known.
	open     func(*wire.Target, wire.Report) wire.Connection
}

// sockets are the protocols of connections. Each knows its paths.
var sockets = [...]socket{
	{deepgramAPI, "deepgram", deepgram.Connection},
	{elevenLabs, "elevenlabs", elevenlabs.Connection},
	{cartesiaAPI, "cartesia", cartesia.Connection},
	{assemblyAI, "assemblyai", assemblyai.Connection},
	{azureSpeech, providerAzure, azurespeech.Connection},
	{openAI, providerOpenAI, openairealtime.Connection},
	{geminiContent, providerGemini, geminilive.Connection},
}

// NewConnection returns the decoder of a connection, by the host and the path of the request that opens
// it, or nil if none is known. A known host speaks the protocols of its vendor only. NewConnection sets
// the target's provider.
func NewConnection(target *wire.Target, report wire.Report) wire.Connection {
	vendor := ofHost(target.Host)
	for _, s := range sockets {
		switch {
		case vendor == (Vendor{}):
			target.Provider = s.provider
		case vendor.protocols&s.protocol == 0:
			continue
		default:
			target.Provider = vendor.providerOf(s.protocol, target.Path)
		}
		if c := s.open(target, report); c != nil {
			return c
		}
	}
	target.Provider = ""
	return nil
}
