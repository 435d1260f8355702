// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// The fields of messages of an agent.
const (
	agentType = iota
	agentUserAudio
	agentVoice
	agentLanguage
	agentLLM
	agentTextOnly
	agentToolID
	agentText

	agentConversation
	agentInput
	agentOutput
	agentAudio
	agentEvent // The ID of the event.
	agentTranscript
	agentResponse
	agentCorrected
	agentPart
	agentPartType
	agentToolName
	agentToolArguments
	agentToolState
	agentToolFailed
	agentModel
	agentErrorCode
	agentErrorType
	agentErrorMessage
	agentErrorReason
)

var (
	agentSent = fields.NewPlan(
		jsonscan.Field{Path: "type", ID: agentType},
		jsonscan.Field{Path: "user_audio_chunk", ID: agentUserAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "conversation_config_override.tts.voice_id", ID: agentVoice},
		jsonscan.Field{Path: "conversation_config_override.agent.language", ID: agentLanguage},
		jsonscan.Field{Path: "conversation_config_override.agent.prompt.llm", ID: agentLLM},
		jsonscan.Field{Path: "conversation_config_override.conversation.text_only", ID: agentTextOnly},
		jsonscan.Field{Path: "tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "is_error", ID: agentToolFailed},
		jsonscan.Field{Path: "text", ID: agentText}, // The end of the conversation, if it is empty.
	)
	agentReceived = fields.NewPlan(
		jsonscan.Field{Path: "type", ID: agentType},
		jsonscan.Field{Path: "conversation_initiation_metadata_event.conversation_id", ID: agentConversation},
		jsonscan.Field{Path: "conversation_initiation_metadata_event.user_input_audio_format", ID: agentInput},
		jsonscan.Field{Path: "conversation_initiation_metadata_event.agent_output_audio_format", ID: agentOutput},
		jsonscan.Field{Path: "audio_event.audio_base_64", ID: agentAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "audio_event.event_id", ID: agentEvent},
		jsonscan.Field{Path: "user_transcription_event.user_transcript", ID: agentTranscript, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "tentative_user_transcription_event.user_transcript", ID: agentTranscript, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "agent_response_event.agent_response", ID: agentResponse, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "agent_response_event.event_id", ID: agentEvent},
		jsonscan.Field{Path: "agent_response_correction_event.corrected_agent_response", ID: agentCorrected, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "agent_response_correction_event.event_id", ID: agentEvent},
		jsonscan.Field{Path: "agent_response_complete_event.event_id", ID: agentEvent},
		jsonscan.Field{Path: "interruption_event.event_id", ID: agentEvent},
		jsonscan.Field{Path: "text_response_part.text", ID: agentPart, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "text_response_part.type", ID: agentPartType},
		jsonscan.Field{Path: "text_response_part.event_id", ID: agentEvent},
		jsonscan.Field{Path: "client_tool_call.tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "client_tool_call.tool_name", ID: agentToolName},
		jsonscan.Field{Path: "client_tool_call.parameters", ID: agentToolArguments, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "agent_tool_request.tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "agent_tool_request.tool_name", ID: agentToolName},
		jsonscan.Field{Path: "agent_tool_response.tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "agent_tool_response.tool_name", ID: agentToolName},
		jsonscan.Field{Path: "agent_tool_response.is_error", ID: agentToolFailed},
		jsonscan.Field{Path: "agent_tool_response_full_payload.is_error", ID: agentToolFailed},
		jsonscan.Field{Path: "agent_tool_response_full_payload.tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "agent_tool_response_full_payload.tool_name", ID: agentToolName},
		jsonscan.Field{Path: "mcp_tool_call.tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "mcp_tool_call.tool_name", ID: agentToolName},
		jsonscan.Field{Path: "mcp_tool_call.parameters", ID: agentToolArguments, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "mcp_tool_call.state", ID: agentToolState},
		jsonscan.Field{Path: "context_usage_event.model", ID: agentModel},
		jsonscan.Field{Path: "error_event.code", ID: agentErrorCode},
		jsonscan.Field{Path: "client_error_event.code", ID: agentErrorCode},
		jsonscan.Field{Path: "error_event.error_type", ID: agentErrorType},
		jsonscan.Field{Path: "client_error_event.error_type", ID: agentErrorType},
		jsonscan.Field{Path: "error_event.message", ID: agentErrorMessage},
		jsonscan.Field{Path: "client_error_event.message", ID: agentErrorMessage},
		jsonscan.Field{Path: "error_event.reason", ID: agentErrorReason},
		jsonscan.Field{Path: "client_error_event.reason", ID: agentErrorReason},
		jsonscan.Field{Path: "message", ID: agentErrorMessage},
	)
)

// agent decodes /v1/convai/conversation.
//
// An agent need not say that an answer is complete. Without that, an answer that was not interrupted is
// reported as completed when the next one begins or when the user's next words are final, and the end of
// the last one is not reported.
type agent struct {
	connection

	base64     payload.Base64
	decoded    func([]byte)
	hasFormat  bool // AudioFormat was reported.
	isTextOnly bool
	model      string
	tools      toolCalls

	// The answer, from its first audio or text.
	answer struct {
		id       string
		isOpen   bool
		hasText  bool // Its whole text was received.
		hasAudio bool
		hasParts bool
	}
	last        string // The ID of the last answer.
	isStopped   bool   // It was interrupted, or there is none.
	interrupted int64  // The greatest ID of an event that the user interrupted.
	completed   int64  // The greatest ID of an event of an answer that is complete.
}

func newAgent(target *wire.Target, report wire.Report) *agent {
	a := &agent{connection: newConnection(target, wire.Realtime, report), interrupted: -1, completed: -1, isStopped: true}
	a.sent, a.received = fields.New(agentSent, nil), fields.New(agentReceived, nil)
	a.decoded = a.audio // Made once, because each method value is allocated.
	return a
}

// Message reads a message.
func (a *agent) Message(m wire.Message) {
	defer a.release()
	f := a.read(m)
	switch {
	case f == nil:
	case m.Sent:
		a.ask(f)
	default:
		a.receive(f)
	}
}

// ask reads a message that is sent.
func (a *agent) ask(f *fields.Message) {
	if f.Has(agentUserAudio) {
		a.Asked()
		if size := payload.Size(f.Text(agentUserAudio)); size > 0 {
			a.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(a.Request.Format, size)})
		}
		return
	}
	switch string(f.Text(agentType)) {
	case "conversation_initiation_client_data":
		if !a.IsAsked() {
			wire.Set(&a.Request.Voice, f.Text(agentVoice))
			wire.Set(&a.Request.Language, f.Text(agentLanguage))
			wire.Set(&a.Request.Model, f.Text(agentLLM))
			a.isTextOnly = f.True(agentTextOnly)
		}
	case "client_tool_result":
		a.toolAnswered(f)
	case "pong", "user_message", "user_activity", "multimodal_message", "contextual_update", "feedback",
		"mcp_tool_approval_result", "enclave_setup_config":
	default:
		if !f.Is(agentText, "") {
			a.NotUnderstood("event")
		}
	}
}

// receive reads a message that is received.
func (a *agent) receive(f *fields.Message) {
	switch string(f.Text(agentType)) {
	case "audio":
		a.receiveAudio(f)
	case "conversation_initiation_metadata":
		a.start(f)
	case "tentative_user_transcript":
		a.Send(wire.Event{Kind: wire.Partial, Text: a.content(f.Text(agentTranscript)), Characters: f.Runes(agentTranscript)})
	case "user_transcript":
		a.respond("completed")
		a.Send(wire.Event{Kind: wire.Final, Text: a.content(f.Text(agentTranscript)), Characters: f.Runes(agentTranscript)})
		a.Send(wire.Event{Kind: wire.Committed})
	case "agent_response":
		a.receiveText(f)
	case "agent_chat_response_part":
		a.receivePart(f)
	case "agent_response_complete":
		a.complete(f)
	case "interruption":
		a.interrupt(f)
	case "agent_response_correction":
		if !a.isStopped { // The agent does not send interruptions.
			a.interrupt(f)
		}
		a.Send(wire.Event{Kind: wire.Truncated, Of: a.last, ID: a.last, Text: a.content(f.Text(agentCorrected)), Characters: f.Runes(agentCorrected)})
	case "client_tool_call", "agent_tool_request":
		a.toolCalled(f)
	case "agent_tool_response", "agent_tool_response_full_payload":
		a.toolCalled(f)
		a.toolAnswered(f)
	case "mcp_tool_call":
		a.toolCalled(f)
		if f.Is(agentToolState, "success") || f.Is(agentToolState, "failure") {
			a.toolAnswered(f)
		}
	case "context_usage":
		if wire.Set(&a.model, f.Text(agentModel)) {
			a.Send(wire.Event{Kind: wire.Answered, Name: a.model})
		}
	case "error", "client_error":
		a.fail(f)
	case "ping", "vad_score", "internal_turn_probability", "internal_vad_score", "internal_tentative_agent_response",
		"agent_reasoning_response_part", "rich_content", "mcp_connection_status", "asr_initiation_metadata",
		"guardrail_triggered", "agent_typing", "external_agent_connected", "external_agent_disconnected",
		"agent_response_metadata", "dtmf_request":
	default:
		a.NotUnderstood("event")
	}
}

// start reads the formats of the conversation.
func (a *agent) start(f *fields.Message) {
	if f.Has(agentInput) {
		a.Request.Format = formatOf(string(f.Text(agentInput)))
	}
	if f.Has(agentOutput) {
		a.Request.Output = formatOf(string(f.Text(agentOutput)))
	}
	if a.IsAsked() {
		a.Send(wire.Event{Kind: wire.Reopened, Request: &a.Request})
	}
	a.Asked()
	a.Send(wire.Event{Kind: wire.Answered, ID: string(f.Text(agentConversation))})
}

func (a *agent) fail(f *fields.Message) {
	class, message := f.Text(agentErrorType), f.Text(agentErrorMessage)
	if !wire.IsClass(class) {
		class = f.Text(agentErrorCode)
	}
	if len(message) == 0 {
		message = f.Text(agentErrorReason)
	}
	a.Send(wire.Event{Kind: wire.Failed, Name: string(class), Text: message})
}

// content returns a text if the target has content.
func (a *agent) content(text []byte) []byte {
	if !a.Target.Content {
		return nil
	}
	return text
}
