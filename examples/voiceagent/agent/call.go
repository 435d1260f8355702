// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/examples/voiceagent/tape"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A call is one conversation.
type call struct {
	session *otelvoice.Session
	line    *line
	speed   pace.Speed
	over    atomic.Bool // The caller has hung up.
}

// serve runs the call until the caller hangs up.
func (c *call) serve(ctx context.Context, pipeline *voicepipe.Pipeline, body io.Reader) {
	// A lost connection cancels the request's context. It is handled as a hang-up, when
	// reading the body fails.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	events, listening := make(chan voicepipe.Event), make(chan struct{})
	go func() {
		defer close(listening)
		defer close(events) // The caller has hung up.
		defer c.over.Store(true)
		c.end(ctx, c.listen(ctx, bufio.NewReader(body), events))
	}()
	if err := pipeline.Run(ctx, events, c.line); err != nil {
		slog.WarnContext(ctx, "call aborted", "error", err)
	}
	cancel()
	<-listening
}

// end records why the audio ended.
func (c *call) end(ctx context.Context, err error) {
	switch {
	case err == nil:
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, errTooLong):
		c.session.Fail(err)
	default:
		// Most people end a call in a browser by closing the page.
		slog.WarnContext(ctx, "connection lost", "error", err)
	}
}

// listen reads from the connection until the caller hangs up.
func (c *call) listen(ctx context.Context, r io.Reader, events chan<- voicepipe.Event) error {
	var format otelvoice.AudioFormat
	heard := hearing{speed: c.speed}
	size := 0
	for {
		kind, payload, err := wire.Read(r)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // There was no hang-up.
		}
		if err != nil {
			return err
		}
		var event voicepipe.Event
		switch kind {
		case wire.SpeechStarted:
			f, err := wire.ParseFormat(payload)
			if err != nil {
				return err
			}
			format, size = f.AudioFormat(), 0
			heard.start()
			// The device reports speech that it has heard for a while.
			event.Kind, event.At = voicepipe.SpeechStarted, time.Now().Add(-c.speed.Of(wire.Attack))
		case wire.Audio:
			if size += len(payload); size > maxUtterance {
				return errTooLong
			}
			event.Frame = voiceprovider.Frame{Format: format, Data: payload}
			c.line.tape.Add(tape.User, format, payload, heard.add(event.Frame.Duration()))
		case wire.SpeechStopped:
			// The device reports the end of speech after a hangover of silence. The caller
			// has been waiting since the start of the silence.
			event.Kind, event.Hangover = voicepipe.SpeechStopped, c.speed.Of(wire.Hangover)
			offset, known, err := wire.ParseOffset(payload)
			if err != nil {
				return err
			}
			if at := heard.at(offset); known && !at.IsZero() {
				event.At = at.Add(event.Hangover)
			}
		case wire.HangUp:
			return nil
		default:
			slog.DebugContext(ctx, "frame of unknown kind", "kind", int(kind))
			continue
		}
		select {
		case events <- event:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// turnEnded reports the end of a turn to the caller. The turn has ended before the report, so
// what the caller says next is not a barge-in.
func (c *call) turnEnded(res voicepipe.Result, err error) {
	frame := wire.Done
	outcome, _ := res.Turn.Outcome()
	switch {
	case c.over.Load():
		return
	case outcome == otelvoice.Interrupted:
		frame = wire.Cleared
	case err != nil:
		frame = wire.Failed
	}
	if err := c.line.send(frame, nil); err != nil {
		slog.Warn("end of reply not sent to caller", "error", err)
	}
}

// maxUtterance bounds the audio that is kept of one utterance, in bytes: a minute and a half
// of 16-bit samples at 16 kHz.
const maxUtterance = 3 << 20

var errTooLong = errors.New("agent: utterance exceeds 3 MiB of audio")
