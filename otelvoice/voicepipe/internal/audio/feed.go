// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audio

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Feed buffers the audio of a call for a streaming recognizer. The audio of an utterance
// that is not recognized yet is kept for the next connection.
type Feed struct {
	mu        sync.Mutex
	frames    []CapturedFrame
	first     int // The number of frames[0].
	next      int // The number of the frame that the connection reads next.
	size      int
	kept      time.Time // Frames captured since then are kept; zero keeps none.
	flushes   int
	connected bool
	over      bool
	changed   chan struct{} // Closed and replaced on each change.
	dropped   func(frames int)
}

// A CapturedFrame is a frame and the time at which its end was captured. A frame without
// data is a flush request: it asks the recognizer for a final transcript of the audio so far.
type CapturedFrame struct {
	voiceprovider.Frame

	At    time.Time
	Flush int // The number of a flush request, from 1; else 0.
}

// leadIn is how much audio before the detected start of speech belongs to the utterance:
// detectors are late.
const leadIn = 500 * time.Millisecond

// NewFeed returns a feed that calls dropped with the number of frames that were dropped
// before a recognizer read them.
func NewFeed(dropped func(frames int)) *Feed {
	return &Feed{changed: make(chan struct{}), dropped: dropped}
}

// Add appends a frame that was captured at an instant.
func (f *Feed) Add(frame voiceprovider.Frame, at time.Time) {
	if len(frame.Data) > 0 {
		f.append(CapturedFrame{Frame: frame, At: at})
	}
}

// Flush appends a flush request. It returns its number.
func (f *Feed) Flush() int {
	f.mu.Lock()
	f.flushes++
	n := f.flushes
	f.mu.Unlock()
	f.append(CapturedFrame{At: time.Now(), Flush: n})
	return n
}

func (f *Feed) append(frame CapturedFrame) {
	f.mu.Lock()
	if f.over {
		f.mu.Unlock()
		return
	}
	f.frames = append(f.frames, frame)
	f.size += len(frame.Data)
	lost := f.trim()
	f.wake()
	f.mu.Unlock()
	if lost > 0 {
		f.dropped(lost)
	}
}

// trim drops frames that are not needed. If the recognizer does not keep up, it drops the
// oldest frames and returns their number. The caller holds the lock.
func (f *Feed) trim() (lost int) {
	recent := time.Now().Add(-leadIn)
	if !f.kept.IsZero() && f.kept.Before(recent) {
		recent = f.kept
	}
	n := 0
	for ; n < len(f.frames); n++ {
		frame := f.frames[n]
		read := f.connected && f.first+n < f.next
		needed := !frame.At.Before(recent) || f.connected && !read
		if needed && f.size <= MaxSize {
			break
		}
		f.size -= len(frame.Data)
		if needed && !read && len(frame.Data) > 0 {
			lost++
		}
	}
	if n > 0 {
		clear(f.frames[:n])
		f.frames = f.frames[n:]
		f.first += n
		f.next = max(f.next, f.first)
	}
	return lost
}

func (f *Feed) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Keep keeps the audio since the start of an utterance. The zero time keeps none.
func (f *Feed) Keep(from time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept = from; !from.IsZero() {
		f.kept = from.Add(-leadIn)
	}
}

// Since returns the kept audio of an utterance that started at an instant.
func (f *Feed) Since(from time.Time) (frames []voiceprovider.Frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, frame := range f.frames {
		if len(frame.Data) > 0 && frame.At.After(from.Add(-leadIn)) {
			frames = append(frames, frame.Frame)
		}
	}
	return frames
}

// Close ends the feed, at the end of the call.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over {
		f.over = true
		f.wake()
	}
}

// Connect returns the audio for a connection: the kept audio of an utterance that is not
// recognized yet, and then new frames as they arrive. The sequence ends with ctx.
func (f *Feed) Connect(ctx context.Context) iter.Seq[CapturedFrame] {
	return func(yield func(CapturedFrame) bool) {
		f.rewind()
		defer f.release()
		for {
			f.mu.Lock()
			var frame CapturedFrame
			ok := f.next-f.first < len(f.frames)
			if ok {
				frame = f.frames[f.next-f.first]
				f.next++
			}
			over, changed := f.over, f.changed
			f.mu.Unlock()
			if ok {
				if ctx.Err() != nil || !yield(frame) {
					return
				}
				continue
			}
			if over {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// rewind moves the read position back to the kept audio, for a new connection.
func (f *Feed) rewind() {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := f.kept
	if from.IsZero() {
		from = time.Now().Add(-leadIn)
	}
	n := 0
	for n < len(f.frames) && f.frames[n].At.Before(from) {
		n++
	}
	f.next, f.connected = f.first+n, true
}

// release records the end of a connection.
func (f *Feed) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.connected = false
}
