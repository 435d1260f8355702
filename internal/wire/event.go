// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// An Event is what a decoder found in the bytes that it was fed. Its time is that of the bytes.
// The fields that are set depend on its Kind. Text, Data and Request are valid until the report
// returns.
type Event struct {
	Kind Kind

	// Request is what was asked for, of Requested.
	Request *Request
	// ID is the provider's: of the response (Answered), of the call (ToolCalled).
	ID string
	// Name is the model that answers (Answered), the tool (ToolCalled), why the answer ended
	// (Finished), the class of an error (Failed), or what was not understood (NotUnderstood).
	Name string
	// Text is a part of the answer (Answer) or of a call's arguments (ToolArguments), a transcript (Partial, Final) or the message of an
	// error (Failed). A transcript is nil if the target has no content.
	Text []byte
	// Usage holds the tokens of Used.
	Usage llmreport.Usage
	// Data is a piece of audio, of Audio.
	Data []byte
	// Format is the audio's, of AudioFormat.
	Format Format
	// Speech is what a recogniser reports of an utterance, of Partial, Final, SpeechStarted and
	// SpeechStopped.
	Speech Speech
	// Characters is how many characters the provider bills, of Billed.
	Characters int
	// Audio is the duration of audio that the provider reports, of Billed and Final.
	Audio time.Duration
}

// A Kind says what an event reports.
type Kind uint8

// The kinds of events.
const (
	// Requested reports the parameters of the request, when all of them are known: at the end of
	// its body, or when the response begins. It is reported once.
	Requested Kind = iota + 1
	// Answered reports the ID of the response and the model that answers. Either may be empty.
	Answered
	// Chunk is a part of a streamed answer that holds no token of it: thinking, a part of a
	// tool call, an empty delta. Comments and keep-alives are not reported.
	Chunk
	// Token is a part of a streamed answer that holds a token of it.
	Token
	// Answer is a piece of the text of an answer, streamed or not. It is reported only if the
	// target has content. Its pieces need not be those of Token.
	Answer
	// ToolCalled reports that the model asks for a tool. It is reported once for each call.
	ToolCalled
	// ToolArguments is a piece of the JSON of the arguments of the call that was reported last. It
	// is reported only if the target has content.
	ToolArguments
	// Finished reports why a choice of the answer ended, once for each choice and reason.
	Finished
	// Used reports tokens. Providers report them in parts and several times; the counts replace
	// those of earlier events.
	Used
	// Billed reports what the provider bills or measures apart from tokens: characters of text,
	// duration of audio.
	Billed
	// AudioFormat reports the format of the audio, before its first piece.
	AudioFormat
	// Audio is a piece of synthesised audio, decoded from the transport's encoding.
	Audio
	// Partial is an interim transcript.
	Partial
	// Final is a final transcript.
	Final
	// SpeechStarted reports that the provider heard the user start to speak.
	SpeechStarted
	// SpeechStopped reports that the provider heard the user stop.
	SpeechStopped
	// Failed reports an error that the provider sent, in a body of any status or in the middle
	// of a stream.
	Failed
	// NotUnderstood reports bytes that the decoder cannot read, by the name of their kind, which
	// is one of few: "json", "event", "encoding", "content", "form", "base64", "size".
	// Each name is reported once.
	NotUnderstood
	// Ended reports that the protocol says that the answer is complete: "[DONE]",
	// "message_stop". A protocol without such a sign does not report it.
	Ended
)

var kindNames = [...]string{
	Requested: "Requested", Answered: "Answered", Chunk: "Chunk", Token: "Token", Answer: "Answer", ToolCalled: "ToolCalled",
	ToolArguments: "ToolArguments",
	Finished:      "Finished", Used: "Used", Billed: "Billed", AudioFormat: "AudioFormat", Audio: "Audio",
	Partial: "Partial", Final: "Final", SpeechStarted: "SpeechStarted", SpeechStopped: "SpeechStopped",
	Failed: "Failed", NotUnderstood: "NotUnderstood", Ended: "Ended",
}

// String returns the name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// A Stage is the kind of work that a request asks for.
type Stage string

// The stages, named as voice.stage is.
const (
	LLM Stage = "llm"
	STT Stage = "stt"
	TTS Stage = "tts"
)

// A Request is what a request asks for. A field that the request does not set is zero or nil.
type Request struct {
	Stage    Stage
	Provider string // gen_ai.provider.name
	Model    string // As the request names it.

	// Of language models.
	Stream      bool
	Temperature *float64
	TopP        *float64
	MaxTokens   *int
	// Messages is the conversation as the request holds it, in the provider's JSON, at most
	// [jsonscan.MaxRaw] bytes. It is empty without content. System is an instruction that the
	// request holds apart from it.
	Messages, System []byte

	// Of speech.
	Voice    string
	Language string
	Format   Format // Of the audio that is asked for (TTS) or sent (STT).
	// Characters is the length of the text to synthesise, in code points.
	Characters int
	// Text is the start of the text to synthesise. It is empty without content.
	Text string
	// AudioSize is how many bytes of audio were sent.
	AudioSize int64
	// Audio is how long the audio is that was sent, as its header says.
	Audio time.Duration
}

// A Format describes audio. Zero fields are unknown. The codecs with a constant bit rate are
// named "pcm_s16le", "pcm_mulaw" and "pcm_alaw"; others as providers name them: "mp3", "opus".
type Format struct {
	Codec      string
	SampleRate int // In Hz.
	Channels   int
}

// Speech is what a recogniser reports of an utterance.
type Speech struct {
	// Start and End are offsets from the start of the audio.
	Start, End time.Duration
	// HasOffsets is true if Start and End are known.
	HasOffsets bool
	// Confidence is from 0 to 1, if HasConfidence is true.
	Confidence    float64
	HasConfidence bool
	// Language is the language that was recognised: "en", "de-CH".
	Language string
}
