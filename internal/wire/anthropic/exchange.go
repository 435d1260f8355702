// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package anthropic decodes Anthropic's messages API, streamed or not, as Anthropic, Google's
// Vertex AI and Amazon Bedrock serve it, and other servers that speak it. Its reference is
// https://platform.claude.com/docs/en/api/messages.
//
// Bedrock streams in a binary framing (application/vnd.amazon.eventstream), which the decoder does
// not read: it reports the request of such an exchange, and "content" as not understood.
package anthropic

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// The values of gen_ai.provider.name.
const (
	providerAnthropic = "anthropic"
	providerVertex    = "gcp.vertex_ai"
	providerBedrock   = "aws.bedrock"
)

// countTokens stands in place of a model in a path of Vertex AI that counts tokens.
const countTokens = "count-tokens"

// New returns the decoder of a request, or nil if the decoder does not read its path. Other APIs may
// have the path "/v1/messages", too. A request to an unknown host is one of this API if it has the
// header Anthropic-Version, which all of Anthropic's SDKs send; New does not check that.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	if model, isStream, ok := vertexModel(target.Path); ok {
		return newMessages(target, request{provider: providerVertex, model: model, isStream: isStream}, report)
	}
	if model, isStream, ok := bedrockModel(target.Path); ok {
		return newMessages(target, request{provider: providerBedrock, model: model, isStream: isStream}, report)
	}
	if strings.HasSuffix(target.Path, "/v1/messages") {
		return newMessages(target, request{provider: providerAnthropic}, report)
	}
	return nil
}

// A request is the part of a request that its path tells.
type request struct {
	provider string // If the host does not say it.
	model    string
	isStream bool
}

// vertexModel returns the model of a path of Vertex AI:
// "…/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict".
func vertexModel(path string) (model string, isStream, ok bool) {
	_, last, ok := strings.Cut(path, "/publishers/anthropic/models/")
	if !ok {
		return "", false, false
	}
	model, verb, _ := strings.Cut(last, ":")
	if model == countTokens {
		return "", false, false
	}
	switch verb {
	case "rawPredict":
		return model, false, model != ""
	case "streamRawPredict":
		return model, true, model != ""
	}
	return "", false, false
}

// bedrockModel returns the model of a path of Bedrock:
// "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke". The models of other makers have
// other bodies.
func bedrockModel(path string) (model string, isStream, ok bool) {
	rest, ok := strings.CutPrefix(path, "/model/")
	if !ok || !strings.Contains(rest, "anthropic.") {
		return "", false, false
	}
	if model, ok = strings.CutSuffix(rest, "/invoke"); ok {
		return model, false, true
	}
	model, ok = strings.CutSuffix(rest, "/invoke-with-response-stream")
	return model, true, ok
}
