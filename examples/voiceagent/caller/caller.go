// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package caller simulates a caller: it plays recordings to a voice agent in real time, receives
// the replies, and checks whether the call went well. It has no telemetry. Only the
// correlation ID is shared with the agent.
package caller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// A Caller makes one call to an agent.
type Caller struct {
	// URL is the URL of the agent.
	URL string
	// HTTP sends the request.
	HTTP *http.Client
	// CorrelationID is the ID of the call in the caller's system. If it is empty, the agent
	// chooses one.
	CorrelationID string
	Speed         pace.Speed
	Lines         []Line
	// Ring is the time limit for the agent to accept the call. 0 is 10 s.
	Ring time.Duration
}

// A Report is the result of a call.
type Report struct {
	// CorrelationID is the ID in the agent's response.
	CorrelationID string
	// Replies counts the agent's replies, with the greeting.
	Replies int
	// Interrupted counts the replies that the caller interrupted.
	Interrupted int
	// Heard is the duration of the agent's audio that the caller received.
	Heard time.Duration
}

const (
	// frameTime is how much audio goes into one frame.
	frameTime = 100 * time.Millisecond
	ring      = 10 * time.Second
	// bargeInAfter is the duration of an answer that a caller hears before the recording of a
	// barge-in begins, which begins with 0.2 s of silence.
	bargeInAfter = 500 * time.Millisecond
)

// Errors of calls that did not end well.
var (
	ErrCorrelation = errors.New("caller: the agent's response has another correlation ID")
	ErrSilence     = errors.New("caller: the agent said nothing")
	ErrReply       = errors.New("caller: the agent could not reply")
	ErrHungUp      = errors.New("caller: the agent hung up")
	ErrNoAnswer    = errors.New("caller: the agent did not pick up")
)

// Call makes the call and returns its report. The error is nil only if all lines got an
// audible reply.
func (c *Caller) Call(ctx context.Context) (report Report, err error) {
	// Release everything, also after an error.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	mouth, voice := io.Pipe()
	defer func() { _ = voice.Close() }()
	// net/http does not end a request while it waits for the body.
	defer context.AfterFunc(ctx, func() { _ = mouth.CloseWithError(context.Cause(ctx)) })()
	// A server that rejects the call may read the whole request first.
	ringing := time.AfterFunc(cmp.Or(c.Ring, ring), func() { cancel(ErrNoAnswer) })
	res, err := c.dial(ctx, mouth)
	ringing.Stop()
	if err != nil {
		return report, err
	}
	defer func() { _ = res.Body.Close() }()
	report.CorrelationID = res.Header.Get(otelvoice.CorrelationHeader)
	if id := report.CorrelationID; id == "" || c.CorrelationID != "" && id != c.CorrelationID {
		return report, fmt.Errorf("%w: %q, not %q", ErrCorrelation, report.CorrelationID, c.CorrelationID)
	}

	ear := listen(ctx, res.Body)
	defer func() { cancel(nil); ear.wait() }()
	if err = c.converse(ctx, voice, ear, &report); err == nil {
		err = wire.Write(voice, wire.HangUp, nil)
	}
	switch {
	case ctx.Err() != nil:
		return report, fmt.Errorf("caller: %w", context.Cause(ctx))
	case errors.Is(err, io.ErrClosedPipe): // The reader closed the pipe.
		return report, ErrHungUp
	case err != nil:
		return report, err
	}
	if err := voice.Close(); err != nil {
		return report, fmt.Errorf("caller: %w", err)
	}
	// The call is over when the agent has hung up, too.
	return report, ear.silence()
}

// dial sends the request and returns when the agent accepts the call.
func (c *Caller) dial(ctx context.Context, mouth io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, mouth)
	if err != nil {
		return nil, fmt.Errorf("caller: %w", err)
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	if c.CorrelationID != "" {
		req.Header.Set(otelvoice.CorrelationHeader, c.CorrelationID)
	}
	res, err := c.HTTP.Do(req)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("caller: %w", context.Cause(ctx))
	case err != nil:
		return nil, fmt.Errorf("caller: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		defer func() { _ = res.Body.Close() }()
		return nil, fmt.Errorf("caller: the agent answered %s", res.Status)
	}
	return res, nil
}

// converse receives the greeting, says each line and receives the replies.
func (c *Caller) converse(ctx context.Context, voice io.Writer, ear *ear, report *Report) error {
	for i := range len(c.Lines) + 1 {
		next := i // The line that follows this reply.
		bargeIn := next < len(c.Lines) && c.Lines[next].BargeIn
		if err := ear.reply(report, bargeIn); err != nil {
			return err
		}
		if next == len(c.Lines) {
			return nil
		}
		if err := c.say(ctx, voice, c.Lines[next]); err != nil {
			return err
		}
	}
	return nil
}

// say plays one line in real time. A microphone returns a frame after its duration.
func (c *Caller) say(ctx context.Context, voice io.Writer, line Line) error {
	begins, ends := line.speech()
	start, sent := time.Now(), 0
	send := func(until time.Duration) error {
		if err := c.Speed.Until(ctx, start, until); err != nil {
			return err
		}
		size := min(line.Format.Size(until), len(line.Samples))
		frame := line.Samples[sent:max(size, sent)]
		if sent = max(size, sent); len(frame) == 0 {
			return nil
		}
		return wire.Write(voice, wire.Audio, frame)
	}
	detected, stopped := begins+wire.Attack, ends+wire.Hangover
	if err := c.Speed.Until(ctx, start, detected); err != nil {
		return err
	}
	if err := wire.Write(voice, wire.SpeechStarted, wire.Format(line.Format)); err != nil {
		return err
	}
	for at := detected; at < stopped; at += frameTime {
		if err := send(at); err != nil {
			return err
		}
	}
	if err := send(stopped); err != nil {
		return err
	}
	// What is left of the recording is silence, which the agent's recognizer knows it by.
	if rest := line.Samples[sent:]; len(rest) > 0 {
		if err := wire.Write(voice, wire.Audio, rest); err != nil {
			return err
		}
	}
	return wire.Write(voice, wire.SpeechStopped, wire.Offset(ends))
}
