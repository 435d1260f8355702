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

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// A call is one conversation.
type call struct {
	session *otelvoice.Session
	line    *line
	speed   pace.Speed
	over    atomic.Bool // Nobody listens any more.
}

// serve talks with the caller until they hang up.
func (c *call) serve(ctx context.Context, pipeline *voicepipe.Pipeline, body io.Reader) {
	// A line that breaks cancels the request's context. That is a caller who hangs
	// up like any other, and shows in what is read.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	events, listening := make(chan voicepipe.Event), make(chan struct{})
	go func() {
		defer close(listening)
		defer close(events) // The caller has hung up.
		defer c.over.Store(true)
		c.end(ctx, c.listen(ctx, bufio.NewReader(body), events))
	}()
	if err := pipeline.Run(ctx, events, c.line); err != nil {
		slog.WarnContext(ctx, "the call was broken off", "error", err)
	}
	cancel()
	<-listening
}

// end notes why there is no more to listen to.
func (c *call) end(ctx context.Context, err error) {
	switch {
	case err == nil:
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, errTooLong):
		c.session.Fail(err)
	default:
		// A line that breaks is how most people end a call in a browser.
		slog.WarnContext(ctx, "the line broke", "error", err)
	}
}

// listen reads the line until the caller hangs up.
func (c *call) listen(ctx context.Context, r io.Reader, events chan<- voicepipe.Event) error {
	var format otelvoice.AudioFormat
	size := 0
	for {
		kind, payload, err := wire.Read(r)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // Nobody hung up.
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
			format, size = audioFormat(f), 0
			event.Kind = voicepipe.SpeechStarted
		case wire.Audio:
			if size += len(payload); size > maxUtterance {
				return errTooLong
			}
			event.Frame = voicepipe.Frame{Format: format, Data: payload}
		case wire.SpeechStopped:
			// The device says so only after a hangover of silence: the caller has
			// been waiting since then.
			event.Kind, event.Hangover = voicepipe.SpeechStopped, c.speed.Of(wire.Hangover)
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

// told tells the caller how a turn went. It has ended before they know: what they say
// next is no barge-in.
func (c *call) told(_ voicepipe.Result, m voicepipe.TurnMetrics, err error) {
	frame := wire.Done
	switch {
	case c.over.Load():
		return
	case m.Outcome == otelvoice.Interrupted:
		frame = wire.Cleared
	case err != nil:
		frame = wire.Failed
	}
	if err := c.line.send(frame, nil); err != nil {
		slog.Warn("the caller cannot be told that the reply has ended", "error", err)
	}
}

// audioFormat is the format in the words of telemetry.
func audioFormat(f wav.Format) otelvoice.AudioFormat {
	codec := otelvoice.CodecPCM16
	switch f.Encoding {
	case wav.ALaw:
		codec = otelvoice.CodecALaw
	case wav.MuLaw:
		codec = otelvoice.CodecMuLaw
	case wav.PCM:
	}
	return otelvoice.AudioFormat{Codec: codec, SampleRate: int(f.SampleRate), Channels: int(f.Channels)}
}

// maxUtterance bounds what is kept of one utterance: a minute and a half at 16
// kHz.
const maxUtterance = 3 << 20

var errTooLong = errors.New("agent: the caller does not stop talking")
