// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import (
	"time"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
)

// Open records that the connection is open. After a Close it is another connection.
func (r *Recognizer) Open(or *listen.OpenResponse) error {
	r.mu.Lock()
	if !r.isOpen {
		r.startStream()
	}
	r.stream.Connected()
	r.mu.Unlock()
	if r.callback == nil {
		return nil
	}
	return r.callback.Open(or)
}

// Message records a transcript.
func (r *Recognizer) Message(mr *listen.MessageResponse) error {
	if mr != nil {
		r.mu.Lock()
		r.transcribed(mr)
		r.mu.Unlock()
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Message(mr)
}

// Metadata records the request id, and how much audio Deepgram has received.
func (r *Recognizer) Metadata(md *listen.MetadataResponse) error {
	if md != nil {
		r.mu.Lock()
		r.addRequestID(md.RequestID)
		r.stream.SetBilled(seconds(md.Duration))
		r.mu.Unlock()
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Metadata(md)
}

// SpeechStarted keeps when speech began. It begins no utterance: noise is reported as speech, too.
func (r *Recognizer) SpeechStarted(ssr *listen.SpeechStartedResponse) error {
	if ssr != nil {
		r.mu.Lock()
		r.speechStarted(channelOf(ssr.Channel), seconds(ssr.Timestamp))
		r.mu.Unlock()
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.SpeechStarted(ssr)
}

// UtteranceEnd records the end of the utterance.
func (r *Recognizer) UtteranceEnd(ur *listen.UtteranceEndResponse) error {
	if ur != nil {
		r.mu.Lock()
		r.utteranceEnded(channelOf(ur.Channel), ur.LastWordEnd)
		r.mu.Unlock()
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.UtteranceEnd(ur)
}

// Close records the end of the connection.
func (r *Recognizer) Close(cr *listen.CloseResponse) error {
	r.End(nil)
	if r.callback == nil {
		return nil
	}
	return r.callback.Close(cr)
}

// Error keeps the error for the end of the connection.
func (r *Recognizer) Error(er *listen.ErrorResponse) error {
	if er != nil {
		r.mu.Lock()
		r.err = &Error{Code: er.ErrCode, Variant: er.Variant, Message: er.ErrMsg, Description: er.Description}
		r.mu.Unlock()
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Error(er)
}

// UnhandledEvent only calls the program's callback.
func (r *Recognizer) UnhandledEvent(message []byte) error {
	if r.callback == nil {
		return nil
	}
	return r.callback.UnhandledEvent(message)
}

// addRequestID adds the id of the connection once. The lock is held.
func (r *Recognizer) addRequestID(id string) {
	if id != r.requestID {
		r.requestID = id
		r.stream.AddRequestID(id)
	}
}

// channelOf returns the channel of the audio, of the channel and the number of channels.
func channelOf(channel []int) int {
	if len(channel) == 0 {
		return 0
	}
	return channel[0]
}

// seconds converts an offset. A time that no audio has is 0.
func seconds(s float64) time.Duration {
	if !(s > 0 && s < 1e6) {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}
