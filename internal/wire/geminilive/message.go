// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive

import (
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/geminiusage"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/protojson"
)

// The fields of messages, of both sides, that a message has once.
const (
	setup = iota
	setupModel
	setupVoice
	setupLanguage
	setupTemperature
	setupTopP
	setupMaxTokens
	setupDetection // True if the program detects activity.
	setupSilence   // Of the detector, in milliseconds.
	setupSpoken    // The words of answers are wanted.
	setupHandle
	setupHistory // The first contents are the history of another session.

	inputBegin
	inputText
	inputStart // activityStart.
	inputEnd
	inputPaused // audioStreamEnd.

	content
	contentTurn
	contentRole // Of the last turn.
	contentComplete

	toolResponse
	contextUpdate

	setupComplete
	sessionID

	serverContent
	generationComplete
	turnComplete
	turnReason
	interrupted
	heardText // What the user said.
	heardFinished
	heardLanguage
	interimText
	spokenText // What the agent says.

	toolCall
	toolCancellation
	goAway
	resumption
	activityType // The server's detector.
	activityOffset
	signalType

	errorBegin
	errorCode
	errorStatus
	errorMessage
)

// The fields that a message has several times. [fields.Message] does not hold them.
const (
	chunkBegin = fields.MaxField + iota // Of the user's audio.
	chunkType
	chunkData
	modality // Of answers.

	partBegin
	partType
	partData
	partText
	partThought

	callBegin
	callID
	callName
	callArguments

	resultBegin
	resultID
	resultMore     // More results of the call follow.
	resultSchedule // When the model is to answer it.
	resultError    // In place of the output.

	cancelledID

	usageFields // The first of a usage.
)

// plan has the messages of the reference, and those of newer versions of the SDKs (interim
// transcripts, voice activity).
var plan = fields.NewPlan(append(geminiusage.Fields(usageFields), protojson.Fields(append(sentFields(),
	jsonscan.Field{Path: "setupComplete", ID: setupComplete, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "setupComplete.sessionId", ID: sessionID},

	jsonscan.Field{Path: "serverContent", ID: serverContent, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "serverContent.generationComplete", ID: generationComplete},
	jsonscan.Field{Path: "serverContent.turnComplete", ID: turnComplete},
	jsonscan.Field{Path: "serverContent.turnCompleteReason", ID: turnReason},
	jsonscan.Field{Path: "serverContent.interrupted", ID: interrupted},
	jsonscan.Field{Path: "serverContent.inputTranscription.text", ID: heardText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "serverContent.inputTranscription.finished", ID: heardFinished},
	jsonscan.Field{Path: "serverContent.inputTranscription.languageCode", ID: heardLanguage},
	jsonscan.Field{Path: "serverContent.interimInputTranscription.text", ID: interimText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "serverContent.outputTranscription.text", ID: spokenText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "serverContent.modelTurn.parts.*", ID: partBegin, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "serverContent.modelTurn.parts.*.inlineData.mimeType", ID: partType},
	jsonscan.Field{Path: "serverContent.modelTurn.parts.*.inlineData.data", ID: partData, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "serverContent.modelTurn.parts.*.text", ID: partText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "serverContent.modelTurn.parts.*.thought", ID: partThought},

	jsonscan.Field{Path: "toolCall", ID: toolCall, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "toolCall.functionCalls.*", ID: callBegin, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "toolCall.functionCalls.*.id", ID: callID},
	jsonscan.Field{Path: "toolCall.functionCalls.*.name", ID: callName},
	jsonscan.Field{Path: "toolCall.functionCalls.*.args", ID: callArguments, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "toolCallCancellation", ID: toolCancellation, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "toolCallCancellation.ids.*", ID: cancelledID},

	jsonscan.Field{Path: "goAway", ID: goAway, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "sessionResumptionUpdate", ID: resumption, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "voiceActivity.voiceActivityType", ID: activityType},
	jsonscan.Field{Path: "voiceActivity.audioOffset", ID: activityOffset},
	jsonscan.Field{Path: "voiceActivityDetectionSignal.vadSignalType", ID: signalType},

	jsonscan.Field{Path: "error", ID: errorBegin, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "error.code", ID: errorCode},
	jsonscan.Field{Path: "error.status", ID: errorStatus},
	jsonscan.Field{Path: "error.message", ID: errorMessage},
)...)...)...)

// sentFields returns the fields of what the program sends.
func sentFields() []jsonscan.Field {
	const generation, detection = "setup.generationConfig", "setup.realtimeInputConfig.automaticActivityDetection"
	all := []jsonscan.Field{
		{Path: "setup", ID: setup, Mode: jsonscan.Begin},
		{Path: "setup.model", ID: setupModel},
		{Path: generation + ".responseModalities.*", ID: modality},
		{Path: generation + ".speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName", ID: setupVoice},
		{Path: generation + ".speechConfig.languageCode", ID: setupLanguage},
		{Path: generation + ".temperature", ID: setupTemperature},
		{Path: generation + ".topP", ID: setupTopP},
		{Path: generation + ".maxOutputTokens", ID: setupMaxTokens},
		{Path: detection + ".disabled", ID: setupDetection},
		{Path: detection + ".silenceDurationMs", ID: setupSilence},
		{Path: "setup.outputAudioTranscription", ID: setupSpoken, Mode: jsonscan.Begin},
		{Path: "setup.sessionResumption.handle", ID: setupHandle},
		{Path: "setup.historyConfig.initialHistoryInClientContent", ID: setupHistory},

		{Path: "realtimeInput", ID: inputBegin, Mode: jsonscan.Begin},
		{Path: "realtimeInput.text", ID: inputText},
		{Path: "realtimeInput.activityStart", ID: inputStart, Mode: jsonscan.Begin},
		{Path: "realtimeInput.activityEnd", ID: inputEnd, Mode: jsonscan.Begin},
		{Path: "realtimeInput.audioStreamEnd", ID: inputPaused},

		{Path: "clientContent", ID: content, Mode: jsonscan.Begin},
		{Path: "clientContent.turns.*", ID: contentTurn, Mode: jsonscan.Begin},
		{Path: "clientContent.turns.*.role", ID: contentRole},
		{Path: "clientContent.turnComplete", ID: contentComplete},

		{Path: "toolResponse", ID: toolResponse, Mode: jsonscan.Begin},
		{Path: "toolResponse.functionResponses.*", ID: resultBegin, Mode: jsonscan.Begin},
		{Path: "toolResponse.functionResponses.*.id", ID: resultID},
		{Path: "toolResponse.functionResponses.*.willContinue", ID: resultMore},
		{Path: "toolResponse.functionResponses.*.scheduling", ID: resultSchedule},
		{Path: "toolResponse.functionResponses.*.response.error", ID: resultError, Mode: jsonscan.Begin},
		{Path: "contextUpdate", ID: contextUpdate, Mode: jsonscan.Begin},
	}
	for _, chunk := range []string{"realtimeInput.audio", "realtimeInput.mediaChunks.*", "realtimeInput.media"} {
		all = append(all,
			jsonscan.Field{Path: chunk, ID: chunkBegin, Mode: jsonscan.Begin},
			jsonscan.Field{Path: chunk + ".mimeType", ID: chunkType},
			jsonscan.Field{Path: chunk + ".data", ID: chunkData, Mode: jsonscan.Pieces})
	}
	return all
}
