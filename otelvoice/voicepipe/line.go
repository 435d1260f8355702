// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
)

// line is an output that can't hold a call up: it is written to in a goroutine of its
// own, which is left behind if it does not return.
type line struct {
	frames chan Frame
	played chan error
	timer  *time.Timer
	cancel context.CancelFunc
}

func newLine(ctx context.Context, out Output) *line {
	ctx, cancel := context.WithCancel(ctx)
	l := &line{frames: make(chan Frame), played: make(chan error), timer: time.NewTimer(time.Hour), cancel: cancel}
	go func() {
		for {
			select {
			case f := <-l.frames:
				if send(ctx, l.played, play(ctx, out, f)) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return l
}

// play plays a frame, unless the output panics.
func play(ctx context.Context, out Output, f Frame) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = failure.NewPanic(r)
		}
	}()
	return out.Play(ctx, f)
}

// play returns when the frame has been played, or patience or ctx has ended.
func (l *line) play(ctx context.Context, patience time.Duration, f Frame) error {
	if err := send(ctx, l.frames, f); err != nil {
		return err
	}
	l.timer.Reset(patience)
	select {
	case err := <-l.played:
		return err
	case <-l.timer.C:
		return ErrTimeout
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *line) close() {
	l.timer.Stop()
	l.cancel()
}
