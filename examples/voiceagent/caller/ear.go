// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package caller

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
)

// An ear receives the agent's audio, also while the caller speaks.
type ear struct {
	frames     chan frame
	stopped    chan struct{}
	err        error // Why frames was closed; nil at the end of the call.
	spokenOver bool  // A reply has begun whose end has not been heard.
}

type frame struct {
	kind    wire.Kind
	payload []byte
}

// listen receives frames until the call or ctx ends.
func listen(ctx context.Context, r io.Reader) *ear {
	// The agent plays in real time, so the buffer is larger than what arrives while the caller
	// speaks.
	e := &ear{frames: make(chan frame, 64), stopped: make(chan struct{})}
	go func() {
		defer close(e.stopped)
		defer close(e.frames)
		for r := bufio.NewReader(r); ; {
			kind, payload, err := wire.Read(r)
			if err != nil {
				if !errors.Is(err, io.EOF) {
					e.err = err
				}
				return
			}
			select {
			case e.frames <- frame{kind, payload}:
			case <-ctx.Done():
				e.err = context.Cause(ctx)
				return
			}
		}
	}()
	return e
}

// wait returns when there are no more frames.
func (e *ear) wait() { <-e.stopped }

// reply receives the agent's next reply to its end, or until the barge-in.
func (e *ear) reply(report *Report, bargeIn bool) error {
	if e.spokenOver {
		if _, err := e.hear(report, forever); err != nil {
			return err
		}
	}
	limit := forever
	if bargeIn {
		limit = bargeInAfter
	}
	heard, err := e.hear(report, limit)
	if err == nil && heard == 0 {
		return ErrSilence
	}
	return err
}

const forever = time.Duration(1<<63 - 1)

// hear receives a reply until it ends or has lasted for limit. It returns its duration.
func (e *ear) hear(report *Report, limit time.Duration) (heard time.Duration, err error) {
	format := wire.ReplyFormat()
	for f := range e.frames {
		switch f.kind {
		case wire.Audio:
			d := format.Duration(len(f.payload))
			heard, report.Heard = heard+d, report.Heard+d
			if e.spokenOver = heard >= limit; e.spokenOver {
				return heard, nil
			}
		case wire.Cleared:
			report.Interrupted++
			fallthrough
		case wire.Done:
			report.Replies++
			e.spokenOver = false
			return heard, nil
		case wire.Failed:
			return heard, ErrReply
		default:
			return heard, fmt.Errorf("caller: frame of unknown kind %d", f.kind)
		}
	}
	if e.err != nil {
		return heard, e.err
	}
	return heard, ErrHungUp
}

// silence waits for the end of the call.
func (e *ear) silence() error {
	for range e.frames {
	}
	return e.err
}
