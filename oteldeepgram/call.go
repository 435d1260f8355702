// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import (
	"context"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/tap"
	"github.com/voice-agents/telemetry/otelvoice"
)

// WrapContext returns a callback that reports what Deepgram hears to the call of a context, which is a
// [github.com/voice-agents/telemetry/otelvoice/voicews.Call]: the call makes the turns and the
// stages. The SDK opens its socket by itself, so that no tap sees the audio that is sent. The call
// takes the audio of its telephone line for it.
//
// In a context with a session and without a call, WrapContext is [Wrap] with [WithTurnPerUtterance].
// With neither, the program's callback is returned.
func WrapContext(ctx context.Context, options *interfaces.LiveTranscriptionOptions, callback listen.LiveMessageCallback) listen.LiveMessageCallback {
	call := tap.FromContext(ctx)
	switch session := otelvoice.SessionFromContext(ctx); {
	case call != nil:
	case session != nil:
		return Wrap(session, options, callback, WithTurnPerUtterance())
	default:
		return callback
	}
	r := &reporter{call: call, ctx: context.WithoutCancel(ctx), callback: callback}
	r.request = wire.Request{Stage: wire.STT, Provider: provider}
	if options != nil {
		f := formatOf(options)
		r.request.Model, r.request.Language = options.Model, options.Language
		r.request.Format = wire.Format{Codec: f.Codec, SampleRate: f.SampleRate, Channels: f.Channels}
		r.isMulti = options.Multichannel
	}
	r.connect()
	return r
}

// A reporter reports the messages of Deepgram's SDK as the decoder of its socket would.
type reporter struct {
	call     tap.Call
	ctx      context.Context //nolint:containedctx // The SDK's callbacks have none.
	callback listen.LiveMessageCallback
	request  wire.Request
	isMulti  bool

	mu   sync.Mutex
	conn tap.Connection // Nil after the end of a connection.
	id   string
	err  error
}

func (r *reporter) connect() {
	request := r.request
	r.conn = r.call.Connect(r.ctx, &request, time.Now())
}

func (r *reporter) report(e *wire.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn != nil {
		r.conn.Event(e)
	}
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
	if r.conn == nil {
		r.connect()
	}
	r.conn.Opened("")
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
	e := wire.Event{Kind: wire.Partial, Of: r.channel(m.ChannelIndex)}
	if m.IsFinal {
		e.Kind = wire.Final
	}
	e.Speech = wire.Speech{Start: seconds(m.Start), End: seconds(m.Start + m.Duration), HasOffsets: true}
	if len(m.Channel.Alternatives) > 0 {
		best := &m.Channel.Alternatives[0]
		e.Characters = utf8.RuneCountInString(best.Transcript)
		if r.call.Content() {
			e.Text = []byte(best.Transcript)
		}
		if n := len(best.Words); n > 0 {
			e.Speech.Start, e.Speech.End = seconds(best.Words[0].Start), seconds(best.Words[n-1].End)
		}
		if m.IsFinal {
			e.Speech.Confidence, e.Speech.HasConfidence = best.Confidence, best.Transcript != ""
		}
		if len(best.Languages) > 0 {
			e.Speech.Language = best.Languages[0]
		}
	}
	r.report(&e)
	if m.SpeechFinal || m.FromFinalize {
		r.report(&wire.Event{Kind: wire.Committed, Of: e.Of})
	}
}

// answered reports the ID of the connection once.
func (r *reporter) answered(id string) {
	r.mu.Lock()
	isNew := id != "" && id != r.id
	r.id = id
	r.mu.Unlock()
	if isNew {
		r.report(&wire.Event{Kind: wire.Answered, ID: id})
	}
}

// Metadata reports how much audio Deepgram has received.
func (r *reporter) Metadata(m *listen.MetadataResponse) error {
	if m != nil {
		r.answered(m.RequestID)
		r.report(&wire.Event{Kind: wire.Billed, Audio: seconds(m.Duration)})
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.Metadata(m)
}

// SpeechStarted reports that speech began.
func (r *reporter) SpeechStarted(m *listen.SpeechStartedResponse) error {
	if m != nil {
		start := seconds(m.Timestamp)
		r.report(&wire.Event{Kind: wire.SpeechStarted, Of: r.channel(m.Channel), Speech: wire.Speech{Start: start, End: start, HasOffsets: true}})
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.SpeechStarted(m)
}

// UtteranceEnd reports the end of the utterance.
func (r *reporter) UtteranceEnd(m *listen.UtteranceEndResponse) error {
	if m != nil {
		end := seconds(m.LastWordEnd)
		r.report(&wire.Event{Kind: wire.Committed, Of: r.channel(m.Channel), Speech: wire.Speech{End: end, HasOffsets: end > 0}})
	}
	if r.callback == nil {
		return nil
	}
	return r.callback.UtteranceEnd(m)
}

// Close reports the end of the connection.
func (r *reporter) Close(m *listen.CloseResponse) error {
	r.mu.Lock()
	conn, err := r.conn, r.err
	r.conn, r.err = nil, nil
	r.mu.Unlock()
	if conn != nil {
		conn.Closed(err)
	}
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
