// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/voice-agents/telemetry/internal/failure"
)

// maxRecording bounds what is kept of an utterance for as long as it is recognised:
// more than eight minutes at 16 kHz.
const maxRecording = 16 << 20

// recording is the audio of an utterance on its way to the recogniser: whoever
// listens never holds up who speaks, and a second attempt hears it from the
// beginning. It is gone with the turn.
type recording struct {
	mu      sync.Mutex
	stream  formats
	frames  []Frame
	size    int
	over    bool
	err     error         // Why there will be no more.
	changed chan struct{} // Closed and replaced whenever something comes.
}

func newRecording() *recording { return &recording{changed: make(chan struct{})} }

// add appends a frame. It reports whether the recording goes on.
func (r *recording) add(f Frame) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || len(f.Data) == 0 {
		return !r.over
	}
	f, err := r.stream.fill(f)
	if r.size += len(f.Data); err == nil && r.size > maxRecording {
		err = ErrTooLong
	}
	if err != nil {
		r.finish(err)
		return false
	}
	if len(f.Data) == 0 {
		return true // A header.
	}
	r.frames = append(r.frames, f)
	close(r.changed)
	r.changed = make(chan struct{})
	return true
}

// record records a sequence to its end, and says so before it closes the recording.
// A sequence that panics is audio that makes no sense.
func (r *recording) record(audio iter.Seq[Frame], ended func()) {
	defer func() {
		if panicked := recover(); panicked != nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.finish(fmt.Errorf("%w: %w", ErrAudio, failure.NewPanic(panicked)))
		}
	}()
	for f := range audio {
		if !r.add(f) {
			return
		}
	}
	ended()
	r.close()
}

// close says that the utterance is over.
func (r *recording) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	if r.size == 0 {
		r.finish(fmt.Errorf("%w: there is none", ErrAudio))
		return
	}
	r.finish(nil)
}

// finish ends the recording. The caller has the lock.
func (r *recording) finish(err error) {
	if r.over {
		return
	}
	r.over, r.err = true, err
	close(r.changed)
	r.changed = make(chan struct{})
}

// begun waits for the first frame, and returns why there is none.
func (r *recording) begun(ctx context.Context) error {
	_, err := r.next(ctx, 0)
	return err
}

// failed returns what is wrong with the audio.
func (r *recording) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// next waits for frame n. Without one, nor an error, the utterance is over.
func (r *recording) next(ctx context.Context, n int) (*Frame, error) {
	for {
		r.mu.Lock()
		if n < len(r.frames) {
			f := r.frames[n]
			r.mu.Unlock()
			return &f, nil
		}
		over, err, changed := r.over, r.err, r.changed
		r.mu.Unlock()
		if over {
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// all returns the audio from the beginning, as it comes. It ends with ctx.
func (r *recording) all(ctx context.Context) iter.Seq[Frame] {
	return func(yield func(Frame) bool) {
		for n := 0; ; n++ {
			f, err := r.next(ctx, n)
			if f == nil || err != nil || !yield(*f) {
				return
			}
		}
	}
}
