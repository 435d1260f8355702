// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/semconv"
)

// The attributes that Langfuse reads: https://langfuse.com/integrations/native/opentelemetry#property-mapping, and
// packages/shared/src/server/otel of its server, version 3.
const (
	lfSession       = attribute.Key("langfuse.session.id")
	lfUser          = attribute.Key("langfuse.user.id")
	lfTraceName     = attribute.Key("langfuse.trace.name")
	lfRelease       = attribute.Key("langfuse.release")
	lfVersion       = attribute.Key("langfuse.version")
	lfType          = attribute.Key("langfuse.observation.type")
	lfLevel         = attribute.Key("langfuse.observation.level")
	lfStatusMessage = attribute.Key("langfuse.observation.status_message")
	lfModel         = attribute.Key("langfuse.observation.model.name")
	lfFirstOutput   = attribute.Key("langfuse.observation.completion_start_time")
	lfUsage         = attribute.Key("langfuse.observation.usage_details")
	lfCost          = attribute.Key("langfuse.observation.cost_details")
	lfInput         = attribute.Key("langfuse.observation.input")
	lfOutput        = attribute.Key("langfuse.observation.output")

	lfTraceMetadata = attribute.Key("langfuse.trace.metadata.")
	lfMetadata      = attribute.Key("langfuse.observation.metadata.")
)

// charged are the spans whose cost is not the sum of those of others.
const charged = requests | sttStream

var langfuseRules = []rule{
	{on: session | streams&^sttStream | line | operation, to: lfType, as: is("span"), what: "voice.session, text_to_speech_stream, realtime_session, voice.line, operations"},
	{on: turn, to: lfType, as: is("agent"), what: "voice.turn"},
	{on: charged, to: lfType, as: is("generation"), what: "requests to models, speech_to_text_stream"}, // Others have no model and no cost.
	{on: tool, to: lfType, as: is("tool"), what: "execute_tool"},

	{on: every, to: lfSession, from: from(semconv.SessionIDKey)},
	{on: every, to: lfUser, from: from(semconv.UserIDKey)},
	{on: call, to: lfTraceName, from: from(semconv.GenAIAgentNameKey), as: ofRoot, what: "on the root of a trace"},
	{on: every, to: lfRelease, as: serviceVersion, what: "service.version of the resource"},
	{on: call, to: lfVersion, from: from(semconv.GenAIAgentVersionKey)},
	{on: every, to: lfLevel, as: level, what: "ERROR if the status is an error, WARNING if a budget was exceeded"},
	{on: every, to: lfStatusMessage, from: from(semconv.ErrorTypeKey), as: statusMessage, what: "the description of the status, else error.type"},

	{on: charged, to: lfModel, from: from(semconv.GenAIRequestModelKey, semconv.GenAIResponseModelKey)},
	{on: llm, to: lfFirstOutput, from: from(semconv.GenAIResponseTimeToFirstChunkKey), as: instant},
	{on: tts, to: lfFirstOutput, from: from(semconv.VoiceTTSTimeToFirstByteKey), as: instant},
	{on: realtime, to: lfFirstOutput, from: from(semconv.VoiceRealtimeTimeToFirstAudioKey), as: instant},
	{on: llm | realtime, to: lfUsage, as: usage, what: "gen_ai.usage.*; cached and reasoning tokens apart"},
	{on: charged, to: lfCost, from: from(semconv.VoiceCostKey), as: dollars(costDetails), what: "in US dollars"},

	{on: llm | realtime, to: lfInput, from: from(semconv.GenAIInputMessagesKey)},
	{on: llm | realtime, to: lfOutput, from: from(semconv.GenAIOutputMessagesKey, semconv.VoiceLLMReplyKey)},
	{on: stt, to: lfOutput, from: from(semconv.VoiceSTTTranscriptKey)},
	{on: tts, to: lfInput, from: from(semconv.VoiceTTSTextKey)},
	{on: tool, to: lfInput, from: from(semconv.GenAIToolCallArgumentsKey)},
	{on: tool, to: lfOutput, from: from(semconv.GenAIToolCallResultKey)},

	{on: every, to: lfTraceMetadata + "correlation_id", from: from(semconv.VoiceCorrelationIDKey), as: asText},
	{on: session, to: lfTraceMetadata + "channel", from: from(semconv.VoiceChannelKey), as: asText},
	{on: session, to: lfTraceMetadata + "experiment", from: from(semconv.VoiceExperimentKey), as: asText},
	{on: session, to: lfTraceMetadata + "outcome", from: from(semconv.VoiceSessionOutcomeKey), as: asText},
	{on: session, to: lfTraceMetadata + "end_reason", from: from(semconv.VoiceSessionEndReasonKey), as: asText},
	{on: session, to: lfTraceMetadata + "turns", from: from(semconv.VoiceSessionTurnCountKey), as: asText},
	{on: session, to: lfTraceMetadata + "interruptions", from: from(semconv.VoiceSessionInterruptionCountKey), as: asText},
	{on: session, to: lfTraceMetadata + "time_to_first_audio", from: from(semconv.VoiceSessionTimeToFirstAudioKey), as: asText},

	{on: turn, to: lfMetadata + "turn", from: from(semconv.VoiceTurnIndexKey), as: asText},
	{on: turn, to: lfMetadata + "initiator", from: from(semconv.VoiceTurnInitiatorKey), as: asText},
	{on: turn, to: lfMetadata + "outcome", from: from(semconv.VoiceTurnOutcomeKey), as: asText},
	{on: turn, to: lfMetadata + "response_latency", from: from(semconv.VoiceTurnResponseLatencyKey), as: asText},
	{on: turn, to: lfMetadata + "transcription", from: from(semconv.VoiceTurnSegmentTranscriptionKey), as: asText},
	{on: turn, to: lfMetadata + "endpointing", from: from(semconv.VoiceTurnSegmentEndpointingKey), as: asText},
	{on: turn, to: lfMetadata + "dispatch", from: from(semconv.VoiceTurnSegmentDispatchKey), as: asText},
	{on: turn, to: lfMetadata + "generation", from: from(semconv.VoiceTurnSegmentGenerationKey), as: asText},
	{on: turn, to: lfMetadata + "aggregation", from: from(semconv.VoiceTurnSegmentAggregationKey), as: asText},
	{on: turn, to: lfMetadata + "synthesis", from: from(semconv.VoiceTurnSegmentSynthesisKey), as: asText},
	{on: turn, to: lfMetadata + "playout", from: from(semconv.VoiceTurnSegmentPlayoutKey), as: asText},
	{on: turn, to: lfMetadata + "tool_time", from: from(semconv.VoiceTurnToolTimeKey), as: asText},
	{on: turn, to: lfMetadata + "interruption_source", from: from(semconv.VoiceInterruptionSourceKey), as: asText},

	{on: stages, to: lfMetadata + "outcome", from: from(semconv.VoiceStageOutcomeKey), as: asText},
	{on: stages, to: lfMetadata + "attempt", from: from(semconv.VoiceStageAttemptKey), as: asText},
	{on: requests | streams, to: lfMetadata + "provider", from: from(semconv.GenAIProviderNameKey), as: asText},
	{on: stt, to: lfMetadata + "confidence", from: from(semconv.VoiceSTTConfidenceKey), as: asText},
	{on: stt, to: lfMetadata + "final_latency", from: from(semconv.VoiceSTTFinalLatencyKey), as: asText},
	{on: tts, to: lfMetadata + "characters", from: from(semconv.VoiceTTSCharactersKey), as: asText},
}

var langfuseLost = []string{
	"span events: marks, interruptions and transfers (they are in the trace, but no page of a trace shows them)",
	"span links, such as from an utterance to its stream",
	"attributes without a rule: they are in metadata.attributes, and cannot be filtered by",
	"costs in other currencies than US dollars",
	"who speaks when, and the quality of media (they are in metadata.attributes)",
}

var langfuseUnfilled = []string{
	"input and output of a trace: a call has no single one",
	"langfuse.trace.tags, langfuse.trace.public",
	"langfuse.observation.prompt.name and .version: prompts are not managed here",
	"langfuse.observation.model.parameters: Langfuse reads gen_ai.request.* itself",
	"langfuse.environment: Langfuse reads deployment.environment.name of the resource itself",
	"scores and datasets",
}

// ofRoot keeps a value on the span that begins the trace in this process.
func ofRoot(s *source, v attribute.Value) attribute.Value {
	if s.kind == turn && s.Parent().SpanID().IsValid() {
		return attribute.Value{}
	}
	return v
}

func serviceVersion(s *source, _ attribute.Value) attribute.Value {
	if v, ok := s.Resource().Set().Value(semconv.ServiceVersionKey); ok && v.Type() == attribute.STRING {
		return v
	}
	return attribute.Value{}
}

func level(s *source, _ attribute.Value) attribute.Value {
	switch {
	case s.Status().Code == codes.Error:
		return attribute.StringValue("ERROR")
	case s.has(semconv.VoiceTurnOverBudgetKey):
		return attribute.StringValue("WARNING")
	}
	return attribute.Value{} // Langfuse takes DEFAULT.
}

func statusMessage(s *source, errorType attribute.Value) attribute.Value {
	if text := s.Status().Description; text != "" {
		return attribute.StringValue(text)
	}
	return errorType
}

// instant converts a time since the start of the span to a string in JSON, as the SDKs of Langfuse send it. Versions of
// the server before 3.100 read nothing else.
func instant(s *source, v attribute.Value) attribute.Value {
	seconds, ok := number(v)
	if !ok || !(seconds >= 0 && seconds < 1e6) {
		return attribute.Value{}
	}
	at := s.StartTime().Add(duration(seconds)).UTC()
	return attribute.StringValue(at.Format(`"2006-01-02T15:04:05.999Z"`))
}

func duration(seconds float64) time.Duration {
	return time.Duration(seconds*float64(time.Second) + 0.5)
}
