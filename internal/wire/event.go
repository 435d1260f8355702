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

	// Of names the response, context or channel that the event belongs to, on a connection that
	// has several. A decoder uses one string for all events of a response, so that it is not
	// allocated for each message.
	Of string

	// Request is what was asked for, of Requested.
	Request *Request
	// ID is the provider's: of the response (Answered), of the call (ToolCalled).
	ID string
	// Name is the model that answers (Answered), the tool (ToolCalled), why the answer ended
	// (Finished), the class of an error (Failed), what is answered (Responding), or what was not
	// understood (NotUnderstood).
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
	// SpeechStopped. The confidence of Committed and CommitExpected is that in the end of the turn.
	Speech Speech
	// Characters is how many characters the provider bills, of Billed. On a connection it is also
	// the length of the transcript in code points, of Partial and Final, whether or not the target
	// has content: it is 0 for an empty transcript.
	Characters int
	// Audio is the duration of audio that the provider reports, of Billed and Final, and of UserAudio
	// and Audio if the format gives it. It is how much was played, of Truncated
	// and of Interrupted if it is known.
	Audio time.Duration

	// Call is the telephone call, of CallStarted.
	Call *Call
	// Media is where a frame belongs in its track, of UserAudio on a telephone line.
	Media Media
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
	// ToolCalled reports that the model asks the program to run a tool. It is reported once for each call. Tools that
	// the provider runs are not reported, except those of agents that do not tell them apart.
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

	// The kinds below are those of connections. See message.go.

	// UserAudio is a piece of the user's audio: sent to a recogniser or a model, or received from a
	// telephone line.
	UserAudio
	// TextSent is a piece of the text that the program sends to be spoken. Characters is its
	// length. Text is set only if the target has content.
	TextSent
	// Committed reports that the provider takes the user's turn as complete.
	Committed
	// CommitExpected reports that the user's turn may be complete, so that an answer can be prepared.
	CommitExpected
	// Resumed takes CommitExpected back: the user goes on.
	Resumed
	// Responding reports that an answer begins. ID is the provider's, if it has one. Name is
	// [ToSpeech] or [ToInput] if the protocol does not say when, and this is its first content.
	Responding
	// Responded reports that an answer is complete or was given up. Name says which:
	// "completed", "cancelled", "failed", "incomplete".
	Responded
	// Interrupted reports that the provider stopped its answer because the user spoke.
	Interrupted
	// Cleared reports that the program gave up an answer: it dropped the audio that was not played
	// yet, or cancelled the response.
	Cleared
	// Truncated reports that the program told the model how much of an answer was played.
	Truncated
	// ToolAnswered reports that the program sent the result of the call ID. Name is [ToolError] if the result is an
	// error.
	ToolAnswered
	// ToolCancelled reports that the model takes the call ID back: its result is not wanted.
	ToolCancelled
	// Reopened reports parameters that changed after Requested, or a session that goes on over a new
	// connection: Request is set again.
	Reopened

	// CallStarted reports that a telephone call is connected.
	CallStarted
	// CallStopped reports that the line says that the call is over. Name is the reason, if any.
	CallStopped
	// MarkSent reports that the program sent a mark, by its Name, after the audio before it.
	MarkSent
	// MarkPlayed reports that the line played all audio before the mark Name, or dropped it.
	MarkPlayed
	// Digit reports a key that the user pressed. Text is the key, only if the target has content.
	Digit

	// Refused reports that the provider could not do what one message asked for, and goes on. Name is the class
	// of the error. Of names the utterance that has no transcript, if it is known.
	Refused

	// Playing reports that the provider begins to play an answer whose audio passes apart from the messages, as over
	// WebRTC.
	Playing
	// Played reports that all of that audio was played.
	Played
)

var kindNames = [...]string{
	Requested: "Requested", Answered: "Answered", Chunk: "Chunk", Token: "Token", Answer: "Answer", ToolCalled: "ToolCalled",
	ToolArguments: "ToolArguments",
	Finished:      "Finished", Used: "Used", Billed: "Billed", AudioFormat: "AudioFormat", Audio: "Audio",
	Partial: "Partial", Final: "Final", SpeechStarted: "SpeechStarted", SpeechStopped: "SpeechStopped",
	Failed: "Failed", NotUnderstood: "NotUnderstood", Ended: "Ended",
	UserAudio: "UserAudio", TextSent: "TextSent", Committed: "Committed", CommitExpected: "CommitExpected", Resumed: "Resumed",
	Responding: "Responding", Responded: "Responded", Interrupted: "Interrupted", Cleared: "Cleared", Truncated: "Truncated",
	ToolAnswered: "ToolAnswered", ToolCancelled: "ToolCancelled", Reopened: "Reopened",
	CallStarted: "CallStarted", CallStopped: "CallStopped", MarkSent: "MarkSent", MarkPlayed: "MarkPlayed", Digit: "Digit",
	Refused: "Refused", Playing: "Playing", Played: "Played",
}

// What an answer answers, as the Name of Responding. It began then, with the newest of Committed and
// ToolAnswered. When an answer to speech that was not committed began is not known; nor need anything else be known
// of the speech.
const (
	ToSpeech = "speech"
	ToInput  = "input" // A text, or the results of tools.
	// Aside is an answer for the program, apart from the conversation. The user does not hear it.
	Aside = "aside"
)

// ToolError is the Name of ToolAnswered if the tool failed. What failed is content.
const ToolError = "tool_error"

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
	// Realtime is a response of a speech-to-speech model.
	Realtime Stage = "realtime"
	// Line is the media stream of a telephone call, which is no stage.
	Line Stage = "line"
)

// A Request is what a request asks for. A field that the request does not set is zero or nil.
type Request struct {
	Stage    Stage
	Provider string // gen_ai.provider.name
	Model    string // As the request names it.
	// MayTranscribe is true of Realtime until the provider's first message: it may say that the session only
	// transcribes. The stage is then STT.
	MayTranscribe bool

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
	Format   Format // Of the audio that is asked for (TTS) or sent (STT, Realtime, Line).
	// Output is the format of the audio that is asked for, of Realtime.
	Output Format
	// Hangover is how much silence the provider waits for until it takes the user's speech as
	// ended. Zero is unknown.
	Hangover time.Duration
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
