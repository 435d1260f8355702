// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"iter"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// A Frame is a piece of audio.
type Frame struct {
	// Format describes the audio. With the zero Format it is that of the frame
	// before; the first frame of a stream without one must begin with a WAV header.
	Format otelvoice.AudioFormat
	// Data is the audio. Who is given a frame must not change it.
	Data []byte
}

// Duration is how long the frame plays, or 0 if its format does not tell.
func (f Frame) Duration() time.Duration { return f.Format.Duration(int64(len(f.Data))) }

// A Transcriber recognises speech: the STT of a pipeline.
//
// Transcribe takes the audio of one utterance as it comes and yields what it
// understands: partial transcripts, each in place of the one before, and final ones,
// which together are the utterance. It ends some time after the audio has, or when
// ctx does. It must not keep the frames.
type Transcriber interface {
	Transcribe(ctx context.Context, audio iter.Seq[Frame]) iter.Seq2[Transcript, error]
}

// A Transcript is what a [Transcriber] has understood so far. Fields that are zero
// are unknown.
type Transcript struct {
	Text string
	// Final says that the text will not change any more.
	Final bool
	// EndOfTurn says that the recogniser holds the user to be done.
	EndOfTurn  bool
	Confidence *float64 // From 0 to 1.
	Language   string   // As BCP 47.
	Words      []Word
	// SpeechStarted and SpeechStopped are where the recogniser hears the user begin and
	// cease to speak, as an offset in the audio; nil if this is no news of it. They may
	// come with a text or without.
	SpeechStarted, SpeechStopped *time.Duration
	// Billed is how much of the connection's audio the provider bills, as far as it says.
	Billed time.Duration
	// RequestID is the provider's, for its support.
	RequestID string
}

// A Word is one of a transcript's. Its times count from the beginning of the audio.
type Word struct {
	Text       string
	Start, End time.Duration
	Confidence *float64
}

// A Responder thinks of an answer: the LLM of a pipeline. Respond yields the answer
// in chunks as it is thought of.
type Responder interface {
	Respond(ctx context.Context, req Request) iter.Seq2[Chunk, error]
}

// A Request is what a [Responder] is asked.
type Request struct {
	// Messages are the conversation so far, the instructions first.
	Messages []Message
	// Tools are those that the model may call.
	Tools []Tool
}

// A Role is who says a [Message].
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
	// ToolCalls are those that an assistant's message makes. Its text is what the
	// assistant says beside them, and may be empty.
	ToolCalls []ToolCall
	// ToolCallID is the call that a tool's message answers.
	ToolCallID string
}

// A Chunk is a part of an answer. One with neither text nor tool calls, as while a
// model thinks, is a chunk all the same.
type Chunk struct {
	// Text goes on where that of the chunk before ended.
	Text string
	// ToolCalls are calls that are complete.
	ToolCalls []ToolCall
	// Usage is the tokens used, often in the last chunk.
	Usage *otelvoice.Usage
	// ID, Model and FinishReason are what the provider says of its response.
	ID, Model, FinishReason string
	// RequestID is the provider's, for its support.
	RequestID string
}

// A ToolCall is a model's wish to have a tool run.
type ToolCall struct {
	ID, Name string
	// Arguments is JSON, as the model wrote it: it may make no sense.
	Arguments string
}

// A Tool is what a model may call.
type Tool struct {
	Name, Description string
	// Parameters is the JSON schema of the arguments.
	Parameters string
	// Call runs the tool. An error fails the stage, not the turn: the model is told
	// of it and can do better.
	Call func(ctx context.Context, arguments string) (result string, err error)
}

// A Synthesizer speaks: the TTS of a pipeline. Synthesize takes text as it comes and
// yields its audio. A [Pipeline] calls it once for each sentence, without the space
// around it.
type Synthesizer interface {
	Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[Frame, error]
}
