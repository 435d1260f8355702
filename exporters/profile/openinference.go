// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// The attributes of OpenInference: https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md.
const (
	oiKind          = attribute.Key("openinference.span.kind")
	oiModel         = attribute.Key("llm.model_name")
	oiRequestModel  = attribute.Key("llm.request.model_name")
	oiResponseModel = attribute.Key("llm.response.model_name")
	oiSystem        = attribute.Key("llm.system")
	oiProvider      = attribute.Key("llm.provider")
	oiParameters    = attribute.Key("llm.invocation_parameters")
	oiFinishReason  = attribute.Key("llm.finish_reason")
	oiPrompt        = attribute.Key("llm.token_count.prompt")
	oiCacheRead     = attribute.Key("llm.token_count.prompt_details.cache_read")
	oiCacheWrite    = attribute.Key("llm.token_count.prompt_details.cache_write")
	oiAudioIn       = attribute.Key("llm.token_count.prompt_details.audio")
	oiCompletion    = attribute.Key("llm.token_count.completion")
	oiReasoning     = attribute.Key("llm.token_count.completion_details.reasoning")
	oiAudioOut      = attribute.Key("llm.token_count.completion_details.audio")
	oiTotal         = attribute.Key("llm.token_count.total")
	oiCost          = attribute.Key("llm.cost.total")
	oiToolName      = attribute.Key("tool.name")
	oiToolText      = attribute.Key("tool.description")
	oiToolID        = attribute.Key("tool.id")
	oiAgent         = attribute.Key("agent.name")
	oiAudio         = attribute.Key("audio.url")
	oiInput         = attribute.Key("input.value")
	oiInputType     = attribute.Key("input.mime_type")
	oiOutput        = attribute.Key("output.value")
	oiOutputType    = attribute.Key("output.mime_type")
	oiMetadata      = attribute.Key("metadata")

	asJSON, plain = "application/json", "text/plain"
)

// openInferenceRules has no session.id and user.id, which the spans have under these names.
var openInferenceRules = []rule{
	{on: session | streams | line | operation, to: oiKind, as: is("CHAIN"), what: "voice.session, streams, voice.line, operations"},
	{on: turn, to: oiKind, as: is("AGENT"), what: "voice.turn"},
	{on: requests, to: oiKind, as: is("LLM"), what: "requests to models, of speech too"}, // No kind is for speech.
	{on: tool, to: oiKind, as: is("TOOL"), what: "execute_tool"},

	{on: requests, to: oiModel, from: from(semconv.GenAIResponseModelKey, semconv.GenAIRequestModelKey)},
	{on: requests, to: oiRequestModel, from: from(semconv.GenAIRequestModelKey)},
	{on: requests, to: oiResponseModel, from: from(semconv.GenAIResponseModelKey)},
	{on: requests, to: oiSystem, from: from(semconv.GenAIProviderNameKey)},
	{on: requests, to: oiProvider, from: from(semconv.GenAIProviderNameKey)},
	{on: requests, to: oiParameters, as: parameters, what: "gen_ai.request.max_tokens, .temperature and .top_p"},
	{on: requests, to: oiFinishReason, from: from(semconv.GenAIResponseFinishReasonsKey), as: first, what: "the first one"},
	{on: requests, to: oiPrompt, from: from(semconv.GenAIUsageInputTokensKey)},
	{on: requests, to: oiCacheRead, from: from(semconv.GenAIUsageCacheReadInputTokensKey)},
	{on: requests, to: oiCacheWrite, from: from(semconv.GenAIUsageCacheWriteInputTokensKey)},
	{on: requests, to: oiAudioIn, from: from(semconv.GenAIUsageAudioInputTokensKey)},
	{on: requests, to: oiCompletion, from: from(semconv.GenAIUsageOutputTokensKey)},
	{on: requests, to: oiReasoning, from: from(semconv.GenAIUsageReasoningOutputTokensKey)},
	{on: requests, to: oiAudioOut, from: from(semconv.GenAIUsageAudioOutputTokensKey)},
	{on: requests, to: oiTotal, as: total, what: "the sum of gen_ai.usage.input_tokens and .output_tokens"},
	{on: requests, to: oiCost, from: from(semconv.VoiceCostKey), as: dollars(asIs), what: "in US dollars"},

	{on: tool, to: oiToolName, from: from(semconv.GenAIToolNameKey)},
	{on: tool, to: oiToolText, from: from(semconv.GenAIToolDescriptionKey)},
	{on: tool, to: oiToolID, from: from(semconv.GenAIToolCallIDKey)},
	{on: call, to: oiAgent, from: from(semconv.GenAIAgentNameKey)},
	{on: session, to: oiAudio, from: from(semconv.VoiceRecordingURIKey)},

	{on: llm | realtime, to: oiInput, from: from(semconv.GenAIInputMessagesKey)},
	{on: llm | realtime, to: oiInputType, from: from(semconv.GenAIInputMessagesKey), as: is(asJSON)},
	{on: llm | realtime, to: oiOutput, from: from(semconv.GenAIOutputMessagesKey, semconv.VoiceLLMReplyKey)},
	{on: llm | realtime, to: oiOutputType, from: from(semconv.GenAIOutputMessagesKey, semconv.VoiceLLMReplyKey), as: mimeType},
	{on: stt, to: oiOutput, from: from(semconv.VoiceSTTTranscriptKey)},
	{on: stt, to: oiOutputType, from: from(semconv.VoiceSTTTranscriptKey), as: is(plain)},
	{on: tts, to: oiInput, from: from(semconv.VoiceTTSTextKey)},
	{on: tts, to: oiInputType, from: from(semconv.VoiceTTSTextKey), as: is(plain)},
	{on: tool, to: oiInput, from: from(semconv.GenAIToolCallArgumentsKey)},
	{on: tool, to: oiInputType, from: from(semconv.GenAIToolCallArgumentsKey), as: mimeType},
	{on: tool, to: oiOutput, from: from(semconv.GenAIToolCallResultKey)},
	{on: tool, to: oiOutputType, from: from(semconv.GenAIToolCallResultKey), as: mimeType},

	{on: every, to: oiMetadata, as: metadata, what: "all attributes voice.* without content"},
}

var openInferenceLost = []string{
	"span events: marks, interruptions and transfers (Phoenix lists them, and shows no time line of them)",
	"span links, such as from an utterance to its stream",
	"the time of the first output, except in metadata",
	"costs in other currencies than US dollars",
	"gen_ai.system_instructions",
}

var openInferenceUnfilled = []string{
	"llm.input_messages and llm.output_messages: the messages are in input.value and output.value, in the form of the GenAI conventions",
	"llm.tools, tool.json_schema, tool.parameters",
	"llm.prompt_template.*",
	"llm.cost.* by type of token",
	"input and output of a turn or a call: its text is on the stages",
	"audio of single utterances: audio.url is the recording of the call",
	"tag.tags, embeddings, retrieval, reranking, evaluations",
}

func asIs(_ *source, v attribute.Value) attribute.Value { return v }

// parameters is the JSON object of the parameters of a request.
func parameters(s *source, _ attribute.Value) attribute.Value {
	var space [96]byte
	return object(space[:0]).
		add("max_tokens", s.get(semconv.GenAIRequestMaxTokensKey)).
		add("temperature", s.get(semconv.GenAIRequestTemperatureKey)).
		add("top_p", s.get(semconv.GenAIRequestTopPKey)).
		value()
}

// first returns the first text of a list.
func first(_ *source, v attribute.Value) attribute.Value {
	if list := v.AsStringSlice(); v.Type() == attribute.STRINGSLICE && len(list) > 0 {
		return attribute.StringValue(list[0])
	}
	return attribute.Value{}
}

func total(s *source, _ attribute.Value) attribute.Value {
	if t := s.tokens(); t.hasInput && t.hasOutput {
		return attribute.Int64Value(t.input + t.output)
	}
	return attribute.Value{}
}

// mimeType returns the type of text that is a JSON object or array, or plain text.
func mimeType(_ *source, v attribute.Value) attribute.Value {
	if text := v.AsString(); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		return attribute.StringValue(asJSON)
	}
	return attribute.StringValue(plain)
}

// isContent reports whether an attribute voice.* may hold what people said, or is too large for a list.
func isContent(key attribute.Key) bool {
	switch key {
	case semconv.VoiceSTTTranscriptKey, semconv.VoiceTTSTextKey, semconv.VoiceLLMReplyKey, semconv.VoiceDtmfDigitsKey,
		semconv.VoiceParticipantIdentityKey, semconv.VoiceTransferAddressKey, semconv.VoiceOperationArgumentsKey, semconv.VoicePerformanceKey:
		return true
	}
	return false
}

// metadata is the JSON object of the facts that have no name of their own.
func metadata(s *source, _ attribute.Value) attribute.Value {
	var space [48]attribute.KeyValue
	facts := space[:0]
	for _, kv := range s.attributes {
		if strings.HasPrefix(string(kv.Key), "voice.") && !isContent(kv.Key) && isPlain(string(kv.Key)) {
			facts = append(facts, kv)
		}
	}
	slices.SortFunc(facts, func(x, y attribute.KeyValue) int { return strings.Compare(string(x.Key), string(y.Key)) })
	var text [1024]byte
	o := object(text[:0])
	for _, kv := range facts {
		o = o.add(string(kv.Key), kv.Value)
	}
	return o.value()
}
