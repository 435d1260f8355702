// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/wait"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Play function plays a frame to the user, as the Output of a pipeline does.
type Play func(ctx context.Context, f voiceprovider.Frame) error

// output runs a [Play] function in a goroutine of its own, so that the function cannot block
// the call. If it does not return, the goroutine is abandoned.
type output struct {
	frames chan voiceprovider.Frame
	played chan error
	timer  *time.Timer
	cancel context.CancelFunc
}

func newOutput(ctx context.Context, out Play) *output {
	ctx, cancel := context.WithCancel(ctx)
	o := &output{
		frames: make(chan voiceprovider.Frame), played: make(chan error),
		timer: time.NewTimer(time.Hour), cancel: cancel,
	}
	go func() {
		for {
			select {
			case f := <-o.frames:
				if wait.Send(ctx, o.played, play(ctx, out, f)) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return o
}

// play plays a frame. It turns a panic into an error.
func play(ctx context.Context, out Play, f voiceprovider.Frame) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = failure.NewPanic(r)
		}
	}()
	return out(ctx, f)
}

// play returns when the frame was played, the timeout has passed or ctx is done. It marks when the
// agent is heard meanwhile.
func (o *output) play(ctx context.Context, timeout time.Duration, f voiceprovider.Frame, heard *onset) error {
	if err := wait.Send(ctx, o.frames, f); err != nil {
		return err
	}
	o.timer.Reset(timeout)
	for {
		select {
		case err := <-o.played:
			return err
		case <-heard.due():
			heard.mark()
		case <-o.timer.C:
			return voiceprovider.ErrTimeout
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (o *output) close() {
	o.timer.Stop()
	o.cancel()
}
