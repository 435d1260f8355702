// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package grpcspeech_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

const (
	ms    = time.Millisecond
	frame = 20 * ms
)

// An agent takes a call from a microphone: it sends each frame to Google, and answers each final transcript by a language model and a
// synthesizer. It has no telemetry but the call's context and the transport.
type agent struct {
	tb     testing.TB
	ctx    context.Context //nolint:containedctx // Of the call.
	call   *voicews.Call
	dial   dialer
	client *http.Client

	stream  stream
	cancel  context.CancelFunc // Of the stream.
	heard   chan heard
	ended   chan error
	answers int
	stop    context.CancelFunc // Of the answer.
	said    chan struct{}
}

func newAgent(tb testing.TB, sdk *voicesdk.SDK, dial dialer) *agent {
	tb.Helper()
	a := &agent{tb: tb, dial: dial, stop: func() {}, said: make(chan struct{}, 100)}
	a.ctx, a.call = voicews.NewCall(tb.Context(), sdk.Telemetry, voicews.WithSessionOptions(otelvoice.WithSessionID("call")))
	a.client = &http.Client{Transport: voicehttp.Transport(sdk.Telemetry, vendors{})}
	a.listen()
	return a
}

// listen opens a stream.
func (a *agent) listen() {
	ctx, cancel := context.WithCancel(a.ctx)
	s, err := a.dial(ctx)
	if err != nil {
		a.tb.Fatal(err)
	}
	a.stream, a.cancel, a.heard, a.ended = s, cancel, make(chan heard, 100), make(chan error, 1)
	go func(heard chan<- heard, ended chan<- error) {
		for {
			h, err := s.receive()
			if err != nil {
				ended <- err
				return
			}
			heard <- h
		}
	}(a.heard, a.ended)
}

// hears sends audio for a time, and does what the transcripts ask for.
func (a *agent) hears(d time.Duration) {
	audio := make([]byte, 160)
	for ; d > 0; d -= frame {
		<-time.After(frame)
		_ = a.stream.send(audio) // At the end of the stream it is io.EOF.
		synctest.Wait()
		for len(a.heard) > 0 {
			h := <-a.heard
			if h.text != "" {
				a.stop() // The user speaks.
				synctest.Wait()
			}
			if h.isFinal {
				a.answer()
				synctest.Wait()
			}
		}
		if len(a.ended) > 0 {
			a.reconnect(<-a.ended)
		}
	}
}

// reconnect opens another stream if the last one was too old.
func (a *agent) reconnect(err error) {
	a.cancel()
	a.ended = nil
	switch {
	case status.Code(err) == codes.OutOfRange:
		a.listen()
	case !errors.Is(err, io.EOF):
		a.tb.Logf("the recogniser failed: %v", err)
	}
}

// answer asks the language model, and has the answer spoken.
func (a *agent) answer() {
	ctx, cancel := context.WithCancel(a.ctx)
	a.stop = cancel
	a.answers++
	go func() {
		defer func() { cancel(); a.said <- struct{}{} }()
		if a.post(ctx, "https://api.openai.com/v1/chat/completions", `{"model":"gpt-4o-mini","stream":true,"messages":[]}`) {
			a.post(ctx, "https://api.elevenlabs.io/v1/text-to-speech/v/stream?output_format=ulaw_8000", `{"model_id":"flash","text":"Yes."}`)
		}
	}()
}

func (a *agent) post(ctx context.Context, url, body string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		a.tb.Error(err)
		return false
	}
	response, err := a.client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil
}

// hangsUp ends the call as an agent does.
func (a *agent) hangsUp() {
	a.stop()
	synctest.Wait()
	_ = a.stream.closeSend()
	if a.ended != nil {
		if err := <-a.ended; !errors.Is(err, io.EOF) {
			a.tb.Errorf("the stream ends with %v", err)
		}
	}
	a.cancel()
	for range a.answers {
		<-a.said
	}
	a.call.End()
}

// vendors answers requests without a network: a language model whose first token comes after 205 ms, and a synthesizer whose 2 s of
// audio come in pieces of 200 ms, each after 100 ms. The 5 ms keep what they send apart from the frames: the order of what happens at
// the same instant is not known.
type vendors struct{}

// RoundTrip answers a request.
func (vendors) RoundTrip(r *http.Request) (*http.Response, error) {
	response := &http.Response{StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header), Request: r}
	body := &slow{ctx: r.Context(), after: 100 * ms, piece: 1600, text: strings.Repeat("\x00\x7f", 8000)}
	response.Header.Set("Content-Type", "audio/basic")
	if r.URL.Host == "api.openai.com" {
		response.Header.Set("Content-Type", "text/event-stream")
		body.after, body.piece, body.text = 205*ms, 1<<10, "data: {\"id\":\"c1\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"delta\":{\"content\":\"Yes.\"}}]}\n\ndata: [DONE]\n\n"
	}
	response.Body = body
	return response, nil
}

// slow is a body whose pieces come after a time each.
type slow struct {
	ctx   context.Context //nolint:containedctx // Of the request.
	after time.Duration
	piece int
	text  string
}

// Read waits and reads.
func (s *slow) Read(p []byte) (int, error) {
	if s.text == "" {
		return 0, io.EOF
	}
	select {
	case <-time.After(s.after):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	n := copy(p, s.text[:min(s.piece, len(s.text))])
	s.text = s.text[n:]
	return n, nil
}

// Close does nothing.
func (*slow) Close() error { return nil }
