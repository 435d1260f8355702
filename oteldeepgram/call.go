// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import (
	"context"
	"strconv"
	"sync"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// WrapContext returns a callback that reports what Deepgram hears to the call of a context, which is a [voicews.Call]: the call makes the turns and the
// stages. The SDK opens its socket by itself, so that no tap sees the audio that is sent. The call
// takes the audio of its telephone line for it.
//
// In a context with a session and without a call, WrapContext is [Wrap] with [WithTurnPerUtterance].
// With neither, the program's callback is returned.
func WrapContext(ctx context.Context, options *interfaces.LiveTranscriptionOptions, callback listen.LiveMessageCallback) listen.LiveMessageCallback {
	call := voicews.CallFromContext(ctx)
	switch session := otelvoice.SessionFromContext(ctx); {
	case call != nil:
	case session != nil:
		return Wrap(session, options, callback, WithTurnPerUtterance())
	default:
		return callback
	}
	r := &reporter{call: call, callback: callback, model: otelvoice.Model{Provider: provider}}
	if options != nil {
		r.model.Name, r.language, r.format, r.isMulti = options.Model, options.Language, formatOf(options), options.Multichannel
	}
	r.recognizer = r.connect()
	return r
}

// A reporter reports the messages of Deepgram's SDK to a call.
type reporter struct {
	call     *voicews.Call
	callback listen.LiveMessageCallback
	model    otelvoice.Model
	language string
	format   otelvoice.AudioFormat
	isMulti  bool

	mu         sync.Mutex
	recognizer *voicews.Recognizer // Nil after the end of a connection.
	id         string
	err        error
}

func (r *reporter) connect() *voicews.Recognizer {
	return r.call.Recognizer(r.model, r.language, r.format)
}

// current returns what the messages are reported to. It may be nil.
func (r *reporter) current() *voicews.Recognizer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recognizer
}

// channel returns the name of a message's channel. It is empty unless each channel is transcribed.
func (r *reporter) channel(channel []int) string {
	if !r.isMulti {
		return ""
	}
	return strconv.Itoa(channelOf(channel))
}

// Open reports that the connection is open. After a Close it is another connection.
func (r *reporter) Open(m *listen.OpenResponse) error {
	r.mu.Lock()
	if r.recognizer == nil {
		r.recognizer = r.connect()
	}
	r.recognizer.Opened("")
	r.mu.Unlock()
	if r.callback == nil {
		return nil
	}
	return r.callback.Open(m)
}

// Message reports a transcript.
func (r *reporter) Message(m *listen.MessageResponse) error {
	if m != nil {
		r.answered(m.Metadata.RequestID)
		r.transcript(m)
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Message(m)
}

func (r *reporter) transcript(m *listen.MessageResponse) {
	recognizer := r.current()
	heard := voicews.Transcript{Channel: r.channel(m.ChannelIndex), Start: seconds(m.Start), End: seconds(m.Start + m.Duration)}
	if len(m.Channel.Alternatives) > 0 {
		best := &m.Channel.Alternatives[0]
		heard.Text = best.Transcript
		if n := len(best.Words); n > 0 {
			heard.Start, heard.End = seconds(best.Words[0].Start), seconds(best.Words[n-1].End)
		}
		if best.Transcript != "" {
			heard.Confidence = &best.Confidence
		}
		if len(best.Languages) > 0 {
			heard.Language = best.Languages[0]
		}
	}
	if m.IsFinal {
		recognizer.Final(&heard)
	} else {
		heard.Confidence = nil
		recognizer.Partial(&heard)
	}
	if m.SpeechFinal || m.FromFinalize {
		recognizer.Committed(heard.Channel, 0)
	}
}

// answered reports the ID of the connection once.
func (r *reporter) answered(id string) {
	r.mu.Lock()
	isNew := id != "" && id != r.id
	r.id = id
	r.mu.Unlock()
	if isNew {
		r.current().AddRequestID(id)
	}
}

// Metadata reports how much audio Deepgram has received.
func (r *reporter) Metadata(m *listen.MetadataResponse) error {
	if m != nil {
		r.answered(m.RequestID)
		r.current().SetBilled(seconds(m.Duration))
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Metadata(m)
}

// SpeechStarted reports that speech began.
func (r *reporter) SpeechStarted(m *listen.SpeechStartedResponse) error {
	if m != nil {
		r.current().SpeechStarted(r.channel(m.Channel), seconds(m.Timestamp))
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.SpeechStarted(m)
}

// UtteranceEnd reports the end of the utterance.
func (r *reporter) UtteranceEnd(m *listen.UtteranceEndResponse) error {
	if m != nil {
		r.current().Committed(r.channel(m.Channel), seconds(m.LastWordEnd))
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.UtteranceEnd(m)
}

// Close reports the end of the connection.
func (r *reporter) Close(m *listen.CloseResponse) error {
	r.mu.Lock()
	recognizer, err := r.recognizer, r.err
	r.recognizer, r.err = nil, nil
	r.mu.Unlock()
	recognizer.Closed(err)
	if r.callback == nil {
		return nil
	}
	return r.callback.Close(m)
}

// Error keeps the error for the end of the connection.
func (r *reporter) Error(m *listen.ErrorResponse) error {
	if m != nil {
		r.mu.Lock()
		r.err = &Error{Code: m.ErrCode, Variant: m.Variant, Message: m.ErrMsg, Description: m.Description}
		r.mu.Unlock()
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Error(m)
}

// UnhandledEvent only calls the program's callback.
func (r *reporter) UnhandledEvent(message []byte) error {
	if r.callback == nil {
		return nil
	}
	return r.callback.UnhandledEvent(message)
}
