// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openairealtime

import (
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of messages, of both sides.
const (
	msgType = iota
	msgAudio
	msgDelta
	msgItem // The ID of an item.
	msgResponse
	msgSession
	msgModel
	msgVoice
	msgSilence // Of the detector, in milliseconds.
	msgPadding
	msgInput // The name of a format.
	msgInputRate
	msgOutput
	msgOutputRate
	msgAudioStart
	msgAudioEnd
	msgCall
	msgName
	msgArguments
	msgItemType
	msgTranscript
	msgStatus
	msgReason
	msgErrorType
	msgErrorCode
	msgErrorMessage
	msgSessionType
	msgLanguage
	msgTranscriber // The model that transcribes the user's audio.
	msgDetector    // The detector of speech, or null.
	msgDetectorType
	msgConversation // That a response writes to, or null.
	msgInputTransport
	msgOutputTransport
	msgKey // Of a telephone.

	useInput
	useOutput
	useTotal
	useCached
	useInputAudio
	useInputAudioRead
	useOutputAudio
	useReasoning
	useSeconds
)

var plan = fields.NewPlan(append(append(sessionFields(), usageFields()...),
	jsonscan.Field{Path: "type", ID: msgType},
	jsonscan.Field{Path: "audio", ID: msgAudio, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "delta", ID: msgDelta, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "item_id", ID: msgItem},
	jsonscan.Field{Path: "item.id", ID: msgItem},
	jsonscan.Field{Path: "item.type", ID: msgItemType},
	jsonscan.Field{Path: "item.call_id", ID: msgCall},
	jsonscan.Field{Path: "item.name", ID: msgName},
	jsonscan.Field{Path: "call_id", ID: msgCall},
	jsonscan.Field{Path: "name", ID: msgName},
	jsonscan.Field{Path: "arguments", ID: msgArguments, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "event", ID: msgKey},
	jsonscan.Field{Path: "digit", ID: msgKey}, // Of xAI.
	jsonscan.Field{Path: "transcript", ID: msgTranscript, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "audio_start_ms", ID: msgAudioStart},
	jsonscan.Field{Path: "audio_end_ms", ID: msgAudioEnd},
	jsonscan.Field{Path: "response_id", ID: msgResponse},
	jsonscan.Field{Path: "response.id", ID: msgResponse},
	jsonscan.Field{Path: "response.conversation_id", ID: msgConversation},
	jsonscan.Field{Path: "status", ID: msgStatus}, // Of a transcript.
	jsonscan.Field{Path: "response.status", ID: msgStatus},
	jsonscan.Field{Path: "response.status_details.reason", ID: msgReason},
	jsonscan.Field{Path: "response.status_details.error.type", ID: msgErrorType},
	jsonscan.Field{Path: "response.status_details.error.code", ID: msgErrorCode},
	jsonscan.Field{Path: "response.status_details.error.message", ID: msgErrorMessage},
	jsonscan.Field{Path: "error.type", ID: msgErrorType},
	jsonscan.Field{Path: "error.code", ID: msgErrorCode},
	jsonscan.Field{Path: "error.message", ID: msgErrorMessage},
)...)

// sessionFields returns the parameters of a session. The first paths are those of the general
// availability, the others those of the beta and of Azure.
func sessionFields() []jsonscan.Field {
	return []jsonscan.Field{
		{Path: "session.id", ID: msgSession},
		{Path: "session.type", ID: msgSessionType},
		{Path: "session.model", ID: msgModel},
		{Path: "session.audio.output.voice", ID: msgVoice},
		{Path: "session.audio.output.voice.id", ID: msgVoice},
		{Path: "session.audio.input.turn_detection", ID: msgDetector, Mode: jsonscan.Begin},
		{Path: "session.audio.input.turn_detection.type", ID: msgDetectorType},
		{Path: "session.audio.input.turn_detection.silence_duration_ms", ID: msgSilence},
		{Path: "session.audio.input.turn_detection.prefix_padding_ms", ID: msgPadding},
		{Path: "session.audio.input.format.type", ID: msgInput},
		{Path: "session.audio.input.format.rate", ID: msgInputRate},
		{Path: "session.audio.input.transcription.model", ID: msgTranscriber},
		{Path: "session.audio.input.transcription.language", ID: msgLanguage},
		{Path: "session.audio.input.transcription.language_hint", ID: msgLanguage}, // Of xAI.
		{Path: "session.audio.input.transport", ID: msgInputTransport},
		{Path: "session.audio.output.transport", ID: msgOutputTransport},
		{Path: "session.audio.output.format.type", ID: msgOutput},
		{Path: "session.audio.output.format.rate", ID: msgOutputRate},
		{Path: "session.voice", ID: msgVoice},
		{Path: "session.voice.id", ID: msgVoice},
		{Path: "session.voice.name", ID: msgVoice},
		{Path: "session.turn_detection", ID: msgDetector, Mode: jsonscan.Begin},
		{Path: "session.turn_detection.type", ID: msgDetectorType},
		{Path: "session.turn_detection.silence_duration_ms", ID: msgSilence},
		{Path: "session.turn_detection.prefix_padding_ms", ID: msgPadding},
		{Path: "session.input_audio_format", ID: msgInput},
		{Path: "session.output_audio_format", ID: msgOutput},
		{Path: "session.input_audio_transcription.model", ID: msgTranscriber},
		{Path: "session.input_audio_transcription.language", ID: msgLanguage},
	}
}

// usageFields returns the tokens of a response, or those and the duration of a transcription. xAI repeats those of
// a response beside it, or sends them only there. Alibaba's names of the details are in the plural.
func usageFields() []jsonscan.Field {
	all := []jsonscan.Field{{Path: "usage.seconds", ID: useSeconds}}
	for _, usage := range []string{"response.usage.", "usage."} {
		all = append(all,
			jsonscan.Field{Path: usage + "input_tokens", ID: useInput},
			jsonscan.Field{Path: usage + "output_tokens", ID: useOutput},
			jsonscan.Field{Path: usage + "total_tokens", ID: useTotal})
		for _, details := range []string{"_token_details.", "_tokens_details."} {
			in, out := usage+"input"+details, usage+"output"+details
			all = append(all,
				jsonscan.Field{Path: in + "cached_tokens", ID: useCached},
				jsonscan.Field{Path: in + "audio_tokens", ID: useInputAudio},
				jsonscan.Field{Path: in + "cached_tokens_details.audio_tokens", ID: useInputAudioRead},
				jsonscan.Field{Path: out + "reasoning_tokens", ID: useReasoning},
				jsonscan.Field{Path: out + "audio_tokens", ID: useOutputAudio})
		}
	}
	return all
}
