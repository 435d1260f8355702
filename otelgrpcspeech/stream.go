// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A stream reads the messages of a recogniser's stream as they pass. The program may send and receive on two
// goroutines. No lock is held while the recorder is called, which may call observers of the program.
type stream struct {
	grpc.ClientStream

	ctx  context.Context //nolint:containedctx // The program's, to know that it was cancelled.
	open func(r request) recorder
	stop func() bool // Of the function that is called when ctx is cancelled.

	mu        sync.Mutex
	heard     recorder // Nil until the first message is sent.
	isMulti   bool
	isClosed  bool
	requestID string
	speechEnd time.Duration // Of SPEECH_ACTIVITY_END, before the final result. 0 if unknown.
	err       error         // That a response has.
}

// newStream returns a stream over one that is open.
func newStream(ctx context.Context, under grpc.ClientStream, open func(r request) recorder) *stream {
	s := &stream{ClientStream: under, ctx: ctx, open: open}
	// The context of the stream itself is not asked for: that would turn gRPC's retries off.
	s.stop = context.AfterFunc(ctx, func() { s.end(status.FromContextError(ctx.Err()).Err()) })
	return s
}

// SendMsg reads a request, and sends it.
func (s *stream) SendMsg(m any) error {
	s.sending(m) // Before, because the result of audio may come before SendMsg returns.
	err := s.ClientStream.SendMsg(m)
	if err != nil && !errors.Is(err, io.EOF) { // For io.EOF, RecvMsg returns the status.
		s.stop()
		s.end(err)
	}
	return err
}

// RecvMsg receives a response, and reads it.
func (s *stream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	switch {
	case err == nil:
		s.received(m)
	case errors.Is(err, io.EOF):
		s.stop()
		s.end(nil)
	default:
		s.stop()
		s.end(err)
	}
	return err
}

// current returns the recorder, or nil before the first message and after the end.
func (s *stream) current() recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return nil
	}
	return s.heard
}

// sending reads a request.
func (s *stream) sending(m any) {
	defer s.recovered()
	message, ok := messageOf(m)
	heard := s.current()
	if heard == nil {
		var r request
		if ok {
			r = newRequest(message)
		}
		if heard = s.begin(r); heard == nil {
			return
		}
	}
	switch {
	case !ok:
		heard.NotUnderstood(kindMessage)
	case !isRequest(message):
		heard.NotUnderstood(kindField)
	default:
		if data := audio(m, message); len(data) > 0 {
			heard.AddAudio(data)
		}
	}
}

// The kinds of what is not understood.
const (
	kindMessage = "message" // No protobuf message.
	kindField   = "event"   // One with other fields.
)

// begin starts the recorder with the first request. It returns nil if the stream has ended.
func (s *stream) begin(r request) recorder {
	s.mu.Lock()
	isClosed := s.isClosed
	s.mu.Unlock()
	if isClosed {
		return nil
	}
	heard := s.open(r)
	heard.Opened("")
	s.mu.Lock()
	s.heard, s.isMulti, isClosed = heard, r.isMulti, s.isClosed
	s.mu.Unlock()
	if isClosed { // Meanwhile.
		heard.Closed(context.Canceled)
		return nil
	}
	return heard
}

// received reads a response.
func (s *stream) received(m any) {
	defer s.recovered()
	heard := s.current()
	if heard == nil {
		return
	}
	message, ok := messageOf(m)
	switch {
	case !ok:
		heard.NotUnderstood(kindMessage)
	case !isResponse(message):
		heard.NotUnderstood(kindField)
	default:
		s.read(heard, message)
	}
}

// recovered recovers from the panic of a message that is defective.
func (s *stream) recovered() {
	if recover() != nil {
		if heard := s.current(); heard != nil {
			heard.NotUnderstood(kindMessage)
		}
	}
}

// end ends the recording with the error of the stream.
func (s *stream) end(err error) {
	s.mu.Lock()
	heard, isClosed := s.heard, s.isClosed
	s.isClosed = true
	if err == nil {
		err = s.err
	}
	s.mu.Unlock()
	if isClosed {
		return
	}
	if errors.Is(s.ctx.Err(), context.Canceled) && status.Code(err) == codes.Canceled {
		err = context.Canceled // The program's, and not a server's.
	}
	if heard == nil {
		if err == nil || errors.Is(err, context.Canceled) {
			return // Nothing was asked for.
		}
		heard = s.open(request{})
	}
	heard.Closed(err)
}
