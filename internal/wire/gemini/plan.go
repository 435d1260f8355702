// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gemini

import (
	"github.com/voice-agents/telemetry/internal/wire/geminiusage"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a request.
const (
	askTemperature = iota
	askTopP
	askMaxTokens
	askContents
	askSystem
)

var (
	plainRequest   = requestPlan(false)
	contentRequest = requestPlan(true)
)

// requestPlan returns the plan of a request, whose contents are read only if they are wanted. The
// API takes names in camel case and with underscores.
func requestPlan(content bool) *jsonscan.Plan {
	var fields []jsonscan.Field
	for _, config := range []string{"generationConfig.", "generation_config."} {
		fields = append(fields,
			jsonscan.Field{Path: config + "temperature", ID: askTemperature},
			jsonscan.Field{Path: config + "topP", ID: askTopP},
			jsonscan.Field{Path: config + "top_p", ID: askTopP},
			jsonscan.Field{Path: config + "maxOutputTokens", ID: askMaxTokens},
			jsonscan.Field{Path: config + "max_output_tokens", ID: askMaxTokens})
	}
	if content {
		fields = append(fields,
			jsonscan.Field{Path: "contents", ID: askContents, Mode: jsonscan.Raw},
			jsonscan.Field{Path: "systemInstruction", ID: askSystem, Mode: jsonscan.Raw},
			jsonscan.Field{Path: "system_instruction", ID: askSystem, Mode: jsonscan.Raw})
	}
	return jsonscan.NewPlan(fields...)
}

// The fields of a response, which a stream sends again and again.
const (
	responseID = iota
	modelVersion
	candidateBegin
	partBegin
	partText
	partThought
	partData
	toolID
	toolName
	toolArguments
	finishReason
	blockReason
	errorBegin
	errorCode
	errorStatus
	errorMessage
	usageFields // The first of a usage.
)

const partPath = "candidates.*.content.parts.*"

var response = jsonscan.NewListPlan(append(geminiusage.Fields(usageFields),
	jsonscan.Field{Path: "responseId", ID: responseID},
	jsonscan.Field{Path: "modelVersion", ID: modelVersion},
	jsonscan.Field{Path: "candidates.*", ID: candidateBegin, Mode: jsonscan.Begin},
	jsonscan.Field{Path: partPath, ID: partBegin, Mode: jsonscan.Begin},
	jsonscan.Field{Path: partPath + ".text", ID: partText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: partPath + ".thought", ID: partThought},
	jsonscan.Field{Path: partPath + ".inlineData", ID: partData, Mode: jsonscan.Begin},
	jsonscan.Field{Path: partPath + ".functionCall.id", ID: toolID},
	jsonscan.Field{Path: partPath + ".functionCall.name", ID: toolName},
	jsonscan.Field{Path: partPath + ".functionCall.args", ID: toolArguments, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "candidates.*.finishReason", ID: finishReason},
	jsonscan.Field{Path: "promptFeedback.blockReason", ID: blockReason},

	jsonscan.Field{Path: "error", ID: errorBegin, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "error.code", ID: errorCode},
	jsonscan.Field{Path: "error.status", ID: errorStatus},
	jsonscan.Field{Path: "error.message", ID: errorMessage},
)...)
