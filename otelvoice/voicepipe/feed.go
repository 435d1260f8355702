// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"iter"
	"sync"
	"time"
)

// feed is the audio of a call on its way to a recogniser that stays connected. What
// belongs to an utterance that is not understood yet is kept for the next connection.
type feed struct {
	mu      sync.Mutex
	frames  []capturedFrame
	first   int // The number of the first of them.
	next    int // The number of the frame that the connection takes next.
	size    int
	kept    time.Time // What was captured since then is kept; zero is none.
	flushes int
	taken   bool // There is a connection.
	over    bool
	changed chan struct{} // Closed and replaced whenever something comes.
	dropped func(frames int)
}

// capturedFrame is a frame and when its end was heard. One without data asks the
// recogniser to tell what it has understood.
type capturedFrame struct {
	Frame

	at    time.Time
	flush int // The number of the request, if it is one.
}

// leadIn is how much audio before the beginning of speech belongs to it: detectors
// are late.
const leadIn = 500 * time.Millisecond

// newFeed returns a feed that calls dropped with the number of frames that no recogniser
// gets although it should.
func newFeed(dropped func(frames int)) *feed {
	return &feed{changed: make(chan struct{}), dropped: dropped}
}

func (f *feed) add(frame Frame, at time.Time) {
	if len(frame.Data) > 0 {
		f.append(capturedFrame{Frame: frame, at: at})
	}
}

// flush asks for what has been understood. It returns the number of the request.
func (f *feed) flush() int {
	f.mu.Lock()
	f.flushes++
	n := f.flushes
	f.mu.Unlock()
	f.append(capturedFrame{at: time.Now(), flush: n})
	return n
}

func (f *feed) append(frame capturedFrame) {
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

// trim drops what nobody needs. A recogniser that takes no audio loses the oldest, which
// is counted. The caller has the lock.
func (f *feed) trim() (lost int) {
	recent := time.Now().Add(-leadIn)
	if !f.kept.IsZero() && f.kept.Before(recent) {
		recent = f.kept
	}
	n := 0
	for ; n < len(f.frames); n++ {
		frame := f.frames[n]
		given := f.taken && f.first+n < f.next
		needed := !frame.at.Before(recent) || f.taken && !given
		if needed && f.size <= maxRecording {
			break
		}
		f.size -= len(frame.Data)
		if needed && !given && len(frame.Data) > 0 {
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

func (f *feed) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// keep keeps the audio from the beginning of an utterance on; the zero time keeps none.
func (f *feed) keep(from time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept = from; !from.IsZero() {
		f.kept = from.Add(-leadIn)
	}
}

// since returns the audio that there is of an utterance.
func (f *feed) since(from time.Time) (frames []Frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, frame := range f.frames {
		if len(frame.Data) > 0 && frame.at.After(from.Add(-leadIn)) {
			frames = append(frames, frame.Frame)
		}
	}
	return frames
}

// close says that the call is over.
func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over {
		f.over = true
		f.wake()
	}
}

// connect returns the audio for a connection: that of the utterance that is not
// understood yet, and what comes. It ends with ctx.
func (f *feed) connect(ctx context.Context) iter.Seq[capturedFrame] {
	return func(yield func(capturedFrame) bool) {
		f.rewind()
		defer f.release()
		for {
			f.mu.Lock()
			var frame capturedFrame
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

// rewind goes back to what the next connection must hear.
func (f *feed) rewind() {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := f.kept
	if from.IsZero() {
		from = time.Now().Add(-leadIn)
	}
	n := 0
	for n < len(f.frames) && f.frames[n].at.Before(from) {
		n++
	}
	f.next, f.taken = f.first+n, true
}

// release says that there is no connection.
func (f *feed) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken = false
}
