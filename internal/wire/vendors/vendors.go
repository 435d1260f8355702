// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package vendors finds the decoder of an HTTP request, by its host, its path and its headers.
//
// On the host of a known vendor the method and the path decide. On other hosts, such as proxies
// and servers of one's own, the content type decides, too, and for paths that other APIs may also
// have, a header that only the vendor's clients send. A request that is taken for a model's by
// mistake gives a stage that does not exist, so that a request in doubt has no decoder. A user
// names the vendor of a host where that is not enough; see [Named].
package vendors

import (
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/anthropic"
	"github.com/voice-agents/telemetry/internal/wire/assemblyai"
	"github.com/voice-agents/telemetry/internal/wire/azurespeech"
	"github.com/voice-agents/telemetry/internal/wire/cartesia"
	"github.com/voice-agents/telemetry/internal/wire/cohere"
	"github.com/voice-agents/telemetry/internal/wire/deepgram"
	"github.com/voice-agents/telemetry/internal/wire/elevenlabs"
	"github.com/voice-agents/telemetry/internal/wire/gemini"
	"github.com/voice-agents/telemetry/internal/wire/googlespeech"
	"github.com/voice-agents/telemetry/internal/wire/ollama"
	"github.com/voice-agents/telemetry/internal/wire/openai"
	"github.com/voice-agents/telemetry/internal/wire/polly"
)

// A Vendor is a provider and the protocols that its hosts speak. The zero Vendor is none.
type Vendor struct {
	// provider is the gen_ai.provider.name of the vendor's language models, or of its speech
	// if it has no language models.
	provider  string
	protocols protocols
	isNone    bool // The user said that the host is not a vendor's.
}

// Find returns the vendor of a request, with the protocol that the request speaks. It reports false
// if the request is not known to be one to a speech or language model. named is the vendor that the
// user named for the host, or the zero Vendor. Find uses neither the query nor the provider of the
// target, and allocates nothing.
func Find(target *wire.Target, named Vendor) (Vendor, bool) {
	if target.Method != http.MethodPost && target.Method != http.MethodGet {
		return Vendor{}, false
	}
	protocol := protocolOf(target.Path)
	if protocol == 0 || target.Method == http.MethodGet && protocol != assemblyAI {
		return Vendor{}, false
	}
	vendor := named
	if vendor == (Vendor{}) {
		vendor = ofHost(target.Host)
	}
	if vendor != (Vendor{}) {
		if vendor.protocols&protocol == 0 {
			return Vendor{}, false
		}
		return Vendor{provider: vendor.providerOf(protocol, target.Path), protocols: protocol}, true
	}
	if !isSure(protocol, target) {
		return Vendor{}, false
	}
	return Vendor{provider: providerOfUnknown(protocol, target), protocols: protocol}, true
}

// Provider returns the gen_ai.provider.name of a vendor.
func (v Vendor) Provider() string { return v.provider }

// Decoder returns the decoder of a request of the vendor that [Find] returned for it. It is nil if
// the path is none that the protocol's decoder reads. Decoder sets the target's provider if that is
// empty.
func (v Vendor) Decoder(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Provider == "" {
		target.Provider = v.provider
	}
	switch v.protocols {
	case openAI:
		return openai.New(target, report)
	case anthropicMessages:
		return anthropic.New(target, report)
	case geminiContent:
		return gemini.New(target, report)
	case ollamaAPI:
		return ollama.New(target, report)
	case cohereChat:
		return cohere.New(target, report)
	case azureSpeech:
		return azurespeech.New(target, report)
	case googleSpeech:
		return googlespeech.New(target, report)
	case pollySpeech:
		return polly.New(target, report)
	case deepgramAPI:
		return deepgram.New(target, report)
	case elevenLabs:
		return elevenlabs.New(target, report)
	case cartesiaAPI:
		return cartesia.New(target, report)
	case assemblyAI:
		return assemblyai.New(target, report)
	default:
		return nil
	}
}

// New returns the decoder of a request, or nil if the request is not known to be one to a speech or
// language model. It is [Find] and [Vendor.Decoder] for a host that no user named.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	vendor, ok := Find(target, Vendor{})
	if !ok {
		return nil
	}
	return vendor.Decoder(target, report)
}
