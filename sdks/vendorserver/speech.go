// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import (
	"fmt"
	"strconv"
)

// Transcript is OpenAI's answer of a transcription by a model that is billed by tokens.
func Transcript(text string) Answer {
	return Answer{Header: openAIHeader("application/json"), Body: fmt.Sprintf(`{"text":%s,"usage":%s}`, quote(text), transcriptUsage)}
}

// TranscriptStream is the same as server-sent events, of the pieces of the text.
func TranscriptStream(pieces ...string) Answer {
	var stream []Chunk
	for _, piece := range pieces {
		stream = append(stream, withText(data(`{"type":"transcript.text.delta","delta":%s}`, quote(piece))))
	}
	return Answer{Header: openAIHeader("text/event-stream; charset=utf-8"), Stream: append(stream,
		data(`{"type":"transcript.text.done","text":%s,"usage":%s}`, quote(join(pieces)), transcriptUsage))}
}

const transcriptUsage = `{"type":"tokens","total_tokens":25,"input_tokens":14,"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":11}`

// TranscriptVerbose is OpenAI's answer of a transcription by Whisper with all details.
func TranscriptVerbose(text string) Answer {
	return Answer{Header: openAIHeader("application/json"), Body: fmt.Sprintf(
		`{"task":"transcribe","language":"english","duration":2.890000104904175,"text":%s,"segments":[{"id":0,"seek":0,"start":0.0,"end":2.640000104904175,`+
			`"text":%s,"tokens":[50364,440],"temperature":0.0,"avg_logprob":-0.2,"compression_ratio":1.2,"no_speech_prob":0.01}],"usage":{"type":"duration","seconds":3}}`,
		quote(text), quote(" "+text))}
}

// Speech is OpenAI's answer of a synthesis: audio, in the pieces in which it is made.
func Speech(contentType string, pieces ...string) Answer {
	return Answer{Header: openAIHeader(contentType), Stream: audio(pieces)}
}

// ElevenLabsSpeech is ElevenLabs' answer of a synthesis.
func ElevenLabsSpeech(contentType string, pieces ...string) Answer {
	return Answer{Header: header("Content-Type", contentType, "Request-Id", "req_1", "Character-Cost", "9"), Stream: audio(pieces)}
}

// ElevenLabsRefused is ElevenLabs' answer of a status of 400 and above.
func ElevenLabsRefused(status int) Answer {
	return refused(status, `{"detail":{"status":"too_many_concurrent_requests","message":"Too many concurrent requests. Your current subscription is associated with a maximum of 5 concurrent requests."}}`)
}

// PollySpeech is Amazon Polly's answer of a synthesis. Polly bills characters.
func PollySpeech(contentType string, characters int, pieces ...string) Answer {
	return Answer{
		Header: header("Content-Type", contentType, "X-Amzn-Requestcharacters", strconv.Itoa(characters), "X-Amzn-Requestid", "req_1"),
		Stream: audio(pieces),
	}
}

// PollyRefused is Amazon Polly's answer of a status of 400 and above.
func PollyRefused(status int) Answer {
	name := "ServiceFailureException"
	if status < 500 {
		name = "ThrottlingException"
	}
	return refused(status, `{"message":"Rate exceeded"}`, "X-Amzn-Requestid", "req_0", "X-Amzn-Errortype", name)
}

// TwilioCall is Twilio's answer of a call that it starts.
func TwilioCall() Answer {
	return Answer{Status: 201, Header: header("Content-Type", "application/json", "Twilio-Request-Id", "RQ1"), Body: `{"sid":"CA1","status":"queued"}`}
}

func audio(pieces []string) []Chunk {
	stream := make([]Chunk, len(pieces))
	for i, piece := range pieces {
		stream[i] = Chunk{Data: piece, HasText: true}
	}
	return stream
}
