// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/wav"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// A call is one conversation. Its goroutine listens to the line; a reply is
// prepared and played in another, one at a time.
type call struct {
	agent   *Agent
	session *otelvoice.Session
	line    line
	reply   *reply // The newest, nil before the first.

	// messages is the conversation so far. It belongs to the reply while one is
	// under way.
	messages []openai.Message
}

// utterance is what the caller says in one go.
type utterance struct {
	format  wav.Format
	samples []byte
}

// serve talks with the caller until they hang up.
func (c *call) serve(ctx context.Context, body io.Reader) {
	ctx, hangUp := context.WithCancel(ctx)
	defer func() { hangUp(); c.reply.wait() }()
	c.messages = []openai.Message{
		{Role: "system", Content: instructions},
		{Role: "assistant", Content: greeting},
	}
	c.reply = c.greet(ctx)

	err := c.listen(ctx, bufio.NewReader(body))
	switch {
	case err == nil:
		c.session.SetEndReason(otelvoice.EndUserHangup)
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, errTooLong):
		c.session.Fail(err)
	default:
		// A line that breaks is how most people end a call in a browser.
		slog.WarnContext(ctx, "the line broke", "error", err)
		c.session.SetEndReason(otelvoice.EndUserHangup)
	}
}

// listen reads the line until the caller hangs up.
func (c *call) listen(ctx context.Context, r io.Reader) error {
	var heard utterance
	var turn *otelvoice.Turn
	tctx := ctx // The turn's, while there is one.
	// A caller who hangs up in the middle of a sentence leaves a turn behind;
	// the session ends it, as abandoned.
	for {
		kind, payload, err := wire.Read(r)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // Nobody hung up.
		}
		if err != nil {
			return err
		}
		switch kind {
		case wire.SpeechStarted:
			c.reply.interrupt()
			if heard.format, err = wire.ParseFormat(payload); err != nil {
				return err
			}
			heard.samples = nil
			tctx, turn = c.session.StartTurn(ctx) //nolint:fatcontext // One context a turn, from the session's.
			turn.Mark(otelvoice.UserStarted)
		case wire.Audio:
			if len(heard.samples)+len(payload) > maxUtterance {
				return errTooLong
			}
			heard.samples = append(heard.samples, payload...)
		case wire.SpeechStopped:
			if turn == nil {
				continue // Nobody spoke.
			}
			// The device says so only after a hangover of silence: the caller
			// has been waiting since then.
			now := time.Now()
			turn.VADStopped(now, c.agent.Speed.Of(wire.Hangover))
			c.reply = c.respond(tctx, turn, heard, now)
			turn = nil
		case wire.HangUp:
			return nil
		default:
			slog.DebugContext(ctx, "frame of unknown kind", "kind", int(kind))
		}
	}
}

// maxUtterance bounds what is kept of one utterance: a minute and a half at 16
// kHz.
const maxUtterance = 3 << 20

var errTooLong = errors.New("agent: the caller does not stop talking")
