// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// StreamClientInterceptor returns an interceptor that records the streams of recognisers. Other streams pass through it. It is safe for
// concurrent use, and serves all calls and sessions of a program. Chain it last, after interceptors that try a stream again.
func StreamClientInterceptor(opts ...Option) grpc.StreamClientInterceptor {
	var c config
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&c)
		}
	}
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		provider, ok := c.provider(method)
		if !ok {
			return streamer(ctx, desc, cc, method, opts...)
		}
		open := opener(ctx, provider, time.Now())
		if open == nil {
			return streamer(ctx, desc, cc, method, opts...)
		}
		under, err := streamer(ctx, desc, cc, method, opts...)
		if err != nil {
			if !errors.Is(ctx.Err(), context.Canceled) {
				open(request{}).Closed(err)
			}
			return under, err
		}
		return newStream(ctx, under, open), nil
	}
}

// A recorder takes what a stream hears. It is a [voicews.Recognizer] in a call.
type recorder interface {
	Opened(id string)
	AddRequestID(id string)
	AddAudio(data []byte)
	SpeechStarted(channel string, at time.Duration)
	Partial(t *voicews.Transcript)
	Final(t *voicews.Transcript)
	Committed(channel string, end time.Duration)
	SetBilled(audio time.Duration)
	NotUnderstood(kind string)
	Closed(err error)
}

// opener returns a function that starts the recorder of a stream that is opened since a time. It is nil if
// the context has neither a call nor a session.
func opener(ctx context.Context, provider string, started time.Time) func(r request) recorder {
	model := func(r request) otelvoice.Model { return otelvoice.Model{Provider: provider, Name: r.model} }
	if call := voicews.CallFromContext(ctx); call != nil {
		return func(r request) recorder { //nolint:contextcheck // The call has a context of its own.
			return call.RecognizerSince(model(r), r.language, r.format, started)
		}
	}
	if session := otelvoice.SessionFromContext(ctx); session != nil {
		return func(r request) recorder { return newHearing(session, model(r), r, started) }
	}
	return nil
}
