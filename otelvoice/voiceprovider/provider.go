// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voiceprovider

import (
	"context"
	"iter"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// A Transcriber converts speech to text (STT).
//
// Transcribe reads the audio of one utterance as it arrives and yields partial transcripts,
// each of which replaces the one before, and final transcripts, which together are the
// utterance. The sequence ends after the audio has ended, or when ctx is done. Transcribe
// must not keep the frames.
type Transcriber interface {
	Transcribe(ctx context.Context, audio iter.Seq[Frame]) iter.Seq2[Transcript, error]
}

// A Transcript is what a [Transcriber] has recognized so far. Zero fields are unknown.
type Transcript struct {
	Text string
	// Final reports that the text will not change any more.
	Final bool
	// EndOfTurn reports that the recognizer detected the end of the user's turn.
	EndOfTurn  bool
	Confidence *float64 // From 0 to 1.
	Language   string   // A BCP 47 tag.
	Words      []Word
	// SpeechStarted and SpeechStopped are where the recognizer detected the start and the
	// end of speech, as an offset in the audio; nil without a detection. A transcript may
	// have them without a text.
	SpeechStarted, SpeechStopped *time.Duration
	// Billed is how much of the connection's audio the provider bills, if it reports that.
	Billed time.Duration
	// RequestID is the ID by which the provider's support finds the request.
	RequestID string
}

// A Word is a word of a transcript. Its times are offsets in the audio.
type Word struct {
	Text       string
	Start, End time.Duration
	Confidence *float64
}

// A Responder is a language model (LLM). Respond yields the answer in chunks as the model
// generates it.
type Responder interface {
	Respond(ctx context.Context, req Request) iter.Seq2[Chunk, error]
}

// A Request is a request to a [Responder].
type Request struct {
	// Messages are the conversation so far, with the instructions first.
	Messages []Message
	// Tools are the tools that the model may call.
	Tools []Tool
}

// A Role is the author of a [Message].
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	ToolRole  Role = "tool"
)

// A Message is a part of the conversation.
type Message struct {
	Role Role
	Text string
	// ToolCalls are the calls of an assistant's message, whose text may be empty.
	ToolCalls []ToolCall
	// ToolCallID is the call that a tool's message answers.
	ToolCallID string
}

// A Chunk is a part of an answer. A chunk may have neither text nor tool calls, for example
// while a model reasons.
type Chunk struct {
	// Text continues the text of the chunk before.
	Text string
	// ToolCalls are complete calls.
	ToolCalls []ToolCall
	// Usage has the tokens used, often in the last chunk.
	Usage *otelvoice.Usage
	// ID, Model and FinishReason are those of the provider's response.
	ID, Model, FinishReason string
	// RequestID is the ID by which the provider's support finds the request.
	RequestID string
}

// A ToolCall is a model's request to run a tool.
type ToolCall struct {
	ID, Name string
	// Arguments is JSON as the model wrote it. It may be invalid.
	Arguments string
}

// A Tool is a function that a model may call.
type Tool struct {
	Name, Description string
	// Parameters is the JSON schema of the arguments.
	Parameters string
	// Call runs the tool. An error fails the stage and not the turn: the model gets the
	// error's text as the result.
	Call func(ctx context.Context, arguments string) (result string, err error)
}

// A Synthesizer converts text to speech (TTS). Synthesize reads the text as it arrives and
// yields its audio. A pipeline calls it once for each sentence, without surrounding space.
type Synthesizer interface {
	Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[Frame, error]
}
