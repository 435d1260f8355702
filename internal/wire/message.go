// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "time"

// A Message is one message of a connection that both sides keep open, such as a WebSocket.
type Message struct {
	// Sent is true if the program sent the message, and false if it received it.
	Sent bool
	// Binary is true for a binary message, and false for text.
	Binary bool
	// Data is valid until the call returns.
	Data []byte
}

// A Connection decodes the messages of one connection, in both directions. The caller feeds it with
// each message in the order in which they pass, never two at the same time. A decoder does not
// keep the data that it is fed with.
//
// What the events mean on a connection:
//
//   - A recogniser reports Requested once, UserAudio for audio that is sent, Partial, Final,
//     SpeechStarted, SpeechStopped and Committed. Offsets of Speech count from the start of the
//     connection's audio. A Final with HasOffsets has the start of the first word and the end of
//     the last one. Billed is all of the connection so far, and Used the tokens of one utterance.
//   - A synthesizer reports Requested for each text that is spoken as a whole (an utterance, a
//     context), then TextSent, Audio and Ended, or Cleared.
//   - A speech-to-speech model reports Requested once, Answered with the session's ID, UserAudio,
//     SpeechStarted, SpeechStopped, Committed, Final for the user's words, and for each answer
//     Responding, Audio, Answer, ToolCalled, Used and Responded. Truncated, Cleared and
//     ToolAnswered are what the program sends. Finished says that the model has made all of an
//     answer, which may be before Responded; Used may come after it. Playing and Played are in place of Audio
//     that passes apart from the messages.
//   - A telephone line reports CallStarted, UserAudio for what the caller says, Audio for what the
//     program sends to be played, MarkSent, MarkPlayed, Cleared, Digit and CallStopped. AudioFormat
//     and Reopened report formats that differ from those of CallStarted. A line that recognises and
//     speaks by itself (ConversationRelay) reports Partial, Final, TextSent and Interrupted in place
//     of audio, and Playing and Played if it says when it speaks.
type Connection interface {
	// Asks returns what is known of the connection's parameters. Its stage and its provider are
	// known from the start.
	Asks() *Request
	// Message reads a message.
	Message(m Message)
	// Closed reads the end of the connection.
	Closed()
}

// A Call is a telephone call on a line.
type Call struct {
	Provider string // As voice.call.provider: "twilio", "telnyx", "plivo", "vonage".
	// ID is the provider's ID of the call, and Stream that of the media stream.
	ID, Stream string
	From, To   string // Telephone numbers, if the line reports them.
	// Inbound is the format of the caller's audio, Outbound that of the agent's.
	Inbound, Outbound Format
	// Parameters are those that the program gave to the line when it answered the call. They can
	// hold a traceparent and a correlation ID.
	Parameters map[string]string
}

// Media is where a frame belongs in its track. Zero fields are unknown.
type Media struct {
	// Timestamp is the offset of the frame in the track's audio, if HasTimestamp is true.
	Timestamp    time.Duration
	HasTimestamp bool
	// Sequence is the number of the frame in the track, if it is not 0.
	Sequence uint64
	// Outbound is true for a copy of the agent's own audio that the line sends back.
	Outbound bool
}
