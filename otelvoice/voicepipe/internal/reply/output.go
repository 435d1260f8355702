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

// An Output plays the replies of a call, one frame at a time. Each reply plays in a goroutine of
// its own, so that the [Play] function cannot block the call. A reply that is interrupted does not
// wait for the frame that plays, but the next one does.
type Output struct {
	play Play
	idle chan struct{} // Has a value unless the goroutine of a reply runs.
}

// NewOutput returns the output of a call.
func NewOutput(play Play) *Output {
	o := &Output{play: play, idle: make(chan struct{}, 1)}
	o.idle <- struct{}{}
	return o
}

// playout is how one reply uses the output of its call.
type playout struct {
	frames chan voiceprovider.Frame
	played chan error
	timer  *time.Timer
	cancel context.CancelFunc
}

// open waits until no frame of an earlier reply plays, at most for the timeout.
func (o *Output) open(ctx context.Context, timeout time.Duration) (*playout, error) {
	timer := time.NewTimer(timeout)
	select {
	case <-o.idle:
	case <-timer.C:
		return nil, voiceprovider.ErrTimeout
	case <-ctx.Done():
		timer.Stop()
		return nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &playout{
		frames: make(chan voiceprovider.Frame), played: make(chan error),
		timer: timer, cancel: cancel,
	}
	go func() {
		defer func() { o.idle <- struct{}{} }()
		for {
			select {
			case f := <-p.frames:
				if wait.Send(ctx, p.played, play(ctx, o.play, f)) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return p, nil
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
func (p *playout) play(ctx context.Context, timeout time.Duration, f voiceprovider.Frame, heard *onset) error {
	if err := wait.Send(ctx, p.frames, f); err != nil {
		return err
	}
	p.timer.Reset(timeout)
	for {
		select {
		case err := <-p.played:
			return err
		case <-heard.due():
			heard.mark()
		case <-p.timer.C:
			return voiceprovider.ErrTimeout
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (p *playout) close() {
	p.timer.Stop()
	p.cancel()
}
