// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audio

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// MaxSize bounds the audio that is kept of an utterance while it is recognized, in bytes:
// more than eight minutes of 16-bit samples at 16 kHz.
const MaxSize = 16 << 20

// A Recording buffers the audio of an utterance. A slow recognizer does not block the caller
// that adds frames, and a second attempt reads the audio from the beginning.
type Recording struct {
	mu      sync.Mutex
	stream  Formats
	frames  []voiceprovider.Frame
	size    int
	over    bool
	err     error         // Why the recording ended early.
	changed chan struct{} // Closed and replaced on each change.
}

// NewRecording returns an empty recording.
func NewRecording() *Recording { return &Recording{changed: make(chan struct{})} }

// Add appends a frame. It reports whether the recording continues.
func (r *Recording) Add(f voiceprovider.Frame) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || len(f.Data) == 0 {
		return !r.over
	}
	f, err := r.stream.Fill(f)
	if r.size += len(f.Data); err == nil && r.size > MaxSize {
		err = voiceprovider.ErrTooLong
	}
	if err != nil {
		r.finish(err)
		return false
	}
	if len(f.Data) == 0 {
		return true // The frame was a header.
	}
	r.frames = append(r.frames, f)
	close(r.changed)
	r.changed = make(chan struct{})
	return true
}

// Record adds a sequence of frames. At its end it calls ended and then closes the recording.
// A panic of the sequence ends the recording with an error.
func (r *Recording) Record(audio iter.Seq[voiceprovider.Frame], ended func()) {
	defer func() {
		if panicked := recover(); panicked != nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.finish(fmt.Errorf("%w: %w", voiceprovider.ErrAudio, failure.NewPanic(panicked)))
		}
	}()
	for f := range audio {
		if !r.Add(f) {
			return
		}
	}
	ended()
	r.Close()
}

// Close ends the recording.
func (r *Recording) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	if r.size == 0 {
		r.finish(fmt.Errorf("%w: no audio", voiceprovider.ErrAudio))
		return
	}
	r.finish(nil)
}

// finish ends the recording. The caller holds the lock.
func (r *Recording) finish(err error) {
	if r.over {
		return
	}
	r.over, r.err = true, err
	close(r.changed)
	r.changed = make(chan struct{})
}

// WaitForAudio waits for the first frame. It returns an error if there is none.
func (r *Recording) WaitForAudio(ctx context.Context) error {
	_, err := r.next(ctx, 0)
	return err
}

// Err returns the error that ended the recording, or nil.
func (r *Recording) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// next waits for frame n. It returns nil and no error if the recording has ended before it.
func (r *Recording) next(ctx context.Context, n int) (*voiceprovider.Frame, error) {
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

// All returns the audio from the beginning, as it arrives. The sequence ends with ctx.
func (r *Recording) All(ctx context.Context) iter.Seq[voiceprovider.Frame] {
	return func(yield func(voiceprovider.Frame) bool) {
		for n := 0; ; n++ {
			f, err := r.next(ctx, n)
			if f == nil || err != nil || !yield(*f) {
				return
			}
		}
	}
}
