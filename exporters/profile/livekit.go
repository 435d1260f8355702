// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/semconv"
)

// The names of LiveKit Agents: agents/src/telemetry/trace_types.ts and testing/trace_schema.ts of livekit/agents-js,
// version 1.9, and livekit-agents/livekit/agents/telemetry/trace_types.py of livekit/agents, version 1.6. Their source
// documents delays in seconds. Versions of agents-js up to 1.9 send some in milliseconds.
const (
	lkScope = "livekit-agents"

	lkAgentSession  = "agent_session"
	lkUserTurn      = "user_turn"
	lkAgentTurn     = "agent_turn"
	lkUserSpeaking  = "user_speaking"
	lkAgentSpeaking = "agent_speaking"
	lkLLMNode       = "llm_node"
	lkLLMRequest    = "llm_request"
	lkTTSNode       = "tts_node"
	lkTTSRequest    = "tts_request"
	lkFunctionTool  = "function_tool"
	lkRealtime      = "realtime_inference"
	lkGeneration    = "generation" // An event of agent_turn.

	lkAgentName       = attribute.Key("lk.agent_name")
	lkRoomID          = attribute.Key("lk.room_sid")
	lkRoomName        = attribute.Key("lk.pii.room_name")
	lkParticipantID   = attribute.Key("lk.participant_id")
	lkParticipant     = attribute.Key("lk.pii.participant_identity")
	lkParticipantKind = attribute.Key("lk.participant_kind")
	lkSIPCall         = attribute.Key("lk.sip.callID")
	lkSIPStatus       = attribute.Key("lk.sip.callStatus")
	lkSIPTrunk        = attribute.Key("lk.sip.trunkID")
	lkSIPRule         = attribute.Key("lk.sip.ruleID")
	lkSpeechID        = attribute.Key("lk.speech_id")
	lkLatency         = attribute.Key("lk.e2e_latency")
	lkInterrupted     = attribute.Key("lk.interrupted")
	lkInterruptedBy   = attribute.Key("lk.interruption.source")
	lkGenerations     = attribute.Key("lk.generation_count")
	lkGenerationID    = attribute.Key("lk.generation_id")
	lkPlayed          = attribute.Key("lk.playout.position")
	lkTranscription   = attribute.Key("lk.transcription_delay")
	lkEndOfTurn       = attribute.Key("lk.end_of_turn_delay")
	lkFirstToken      = attribute.Key("lk.response.ttft")
	lkFirstByte       = attribute.Key("lk.response.ttfb")
	lkRetries         = attribute.Key("lk.retry_count")
	lkRequestIDs      = attribute.Key("lk.provider_request_ids")
	lkToolName        = attribute.Key("lk.function_tool.name")
	lkToolID          = attribute.Key("lk.function_tool.id")
	lkToolFailed      = attribute.Key("lk.function_tool.is_error")
	lkToolArguments   = attribute.Key("lk.pii.function_tool.arguments")
	lkToolOutput      = attribute.Key("lk.pii.function_tool.output")
	lkResponseText    = attribute.Key("lk.pii.response.text")
	lkInputText       = attribute.Key("lk.pii.input_text")
)

// liveKitNames are the names of the spans that keep their ID.
var liveKitNames = []struct {
	kind kind
	name string
}{
	{session, lkAgentSession},
	{turn, lkAgentTurn},
	{llm, lkLLMRequest},
	{tts, lkTTSRequest},
	{tool, lkFunctionTool},
	{realtime, lkRealtime},
}

// liveKitRules are for the spans that keep their ID.
var liveKitRules = []rule{
	{on: session, to: lkAgentName, from: from(semconv.GenAIAgentNameKey)},
	{on: session, to: lkRoomID, from: from(semconv.VoiceRoomIDKey)},
	{on: session, to: lkRoomName, from: from(semconv.VoiceRoomNameKey)},
	{on: session, to: lkParticipantID, from: from(semconv.VoiceParticipantIDKey)},
	{on: session, to: lkParticipant, from: from(semconv.VoiceParticipantIdentityKey)},
	{on: session, to: lkParticipantKind, from: from(semconv.VoiceParticipantKindKey)},
	{on: session, to: lkSIPCall, from: from(semconv.VoiceSIPCallIDKey)},
	{on: session, to: lkSIPStatus, from: from(semconv.VoiceSIPCallStatusKey)},
	{on: session, to: lkSIPTrunk, from: from(semconv.VoiceSIPTrunkIDKey)},
	{on: session, to: lkSIPRule, from: from(semconv.VoiceSIPRuleIDKey)},

	{on: turn, to: lkSpeechID, from: from(semconv.VoiceTurnIDKey)},
	{on: turn, to: lkLatency, from: from(semconv.VoiceTurnResponseLatencyKey)},
	{on: turn, to: lkInterrupted, from: from(semconv.VoiceTurnOutcomeKey), as: equals(semconv.VoiceTurnOutcomeInterrupted), what: "whether voice.turn.outcome is interrupted"},
	{on: turn, to: lkInterruptedBy, from: from(semconv.VoiceInterruptionSourceKey)},
	{on: turn, to: lkPlayed, from: from(semconv.VoicePlayoutPositionKey)},

	{on: requests, to: lkRetries, from: from(semconv.VoiceStageAttemptKey), as: lessOne, what: "from 0"},
	{on: requests, to: lkRequestIDs, from: from(semconv.VoiceProviderRequestIDsKey)},
	{on: tool, to: lkToolName, from: from(semconv.GenAIToolNameKey)},
	{on: tool, to: lkToolID, from: from(semconv.GenAIToolCallIDKey)},
	{on: tool, to: lkToolFailed, from: from(semconv.VoiceStageOutcomeKey), as: equals(semconv.VoiceStageOutcomeFailed), what: "whether voice.stage.outcome is failed"},
	{on: tool, to: lkToolArguments, from: from(semconv.GenAIToolCallArgumentsKey)},
	{on: tool, to: lkToolOutput, from: from(semconv.GenAIToolCallResultKey)},
}

// liveKitUserRules are for the user_turn beside a turn.
var liveKitUserRules = []rule{
	{on: turn, to: lkTranscription, from: from(semconv.VoiceTurnSegmentTranscriptionKey)},
	{on: turn, to: lkEndOfTurn, as: endOfTurn, what: "the sum of the segments transcription and endpointing"},
}

// liveKitNodeRules are for the llm_node or tts_node around a request.
var liveKitNodeRules = []rule{
	{on: llm | tts, to: semconv.GenAIRequestModelKey, from: from(semconv.GenAIRequestModelKey)},
	{on: llm | tts, to: semconv.GenAIProviderNameKey, from: from(semconv.GenAIProviderNameKey)},
	{on: llm, to: lkFirstToken, from: from(semconv.VoiceLLMTimeToFirstTokenKey)},
	{on: llm, to: lkResponseText, from: from(semconv.VoiceLLMReplyKey)},
	{on: tts, to: lkFirstByte, from: from(semconv.VoiceTTSTimeToFirstByteKey)},
	{on: tts, to: lkInputText, from: from(semconv.VoiceTTSTextKey)},
}

var liveKitLost = []string{
	"speech-to-text requests, streams, lines and operations: their spans keep their names",
	"the segments dispatch, aggregation and playout, except as times between the spans",
	"outcomes other than interrupted",
	"the number of a turn",
	"network quality, playout, cost, recordings, transfers, holds and keys",
	"what the user said: the transcript is on speech_to_text, which is no span of theirs",
	"the user's speech while the agent speaks, which belongs to the next user_turn",
}

var liveKitUnfilled = []string{
	"job_entrypoint, session_start, session_close and what is below them",
	"llm_request_run, tts_request_run: each attempt has an llm_request or tts_request of its own",
	"eou_wait, eou_detection: the probability of the end of an utterance and its threshold",
	"the spans below an llm_node or a tts_node of an adapter for several providers",
	"lk.pii.chat_ctx, lk.pii.user_input, lk.pii.instructions, lk.pii.user_transcript",
	"lk.transcript_confidence",
	"lk.llm_metrics, lk.tts_metrics, lk.realtime_model_metrics",
	"event loop blocking",
}

func equals(text string) conversion {
	return func(_ *source, v attribute.Value) attribute.Value {
		return attribute.BoolValue(v.Type() == attribute.STRING && v.AsString() == text)
	}
}

func lessOne(_ *source, v attribute.Value) attribute.Value {
	if n := v.AsInt64(); v.Type() == attribute.INT64 && n > 0 {
		return attribute.Int64Value(n - 1)
	}
	return attribute.Value{}
}

// endOfTurn is the time from the end of the user's speech to the commit of the turn.
func endOfTurn(s *source, _ attribute.Value) attribute.Value {
	endpointing, ok := s.number(semconv.VoiceTurnSegmentEndpointingKey)
	if !ok {
		return attribute.Value{}
	}
	transcription, _ := s.number(semconv.VoiceTurnSegmentTranscriptionKey) // It may be a part of the other.
	return attribute.Float64Value(transcription + endpointing)
}

// appendLiveKit appends the spans that a span becomes.
func (s *source) appendLiveKit(dst []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	for i := range liveKitNames {
		if liveKitNames[i].kind != s.kind {
			continue
		}
		own := s.renamed(liveKitNames[i].name)
		own.attributes = s.attributesWith(liveKitRules)
		if s.kind == turn {
			return s.appendTurn(dst, own)
		}
		if s.kind == llm {
			dst = append(dst, s.node(lkLLMNode, own))
		}
		if s.kind == tts {
			dst = append(dst, s.node(lkTTSNode, own))
		}
		return append(dst, own)
	}
	return append(dst, s.ReadOnlySpan)
}

// node makes the span around a request.
func (s *source) node(name string, request *rewritten) *rewritten {
	n := s.made(name, 0)
	n.parent, n.start, n.end = request.parent, request.start, request.end
	n.attributes = s.attributesOf(liveKitNodeRules)
	request.parent = n.context
	return n
}
