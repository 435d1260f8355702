// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package tape writes recordings of calls: WAV files of two channels, the user on the left and
// the agent on the right.
//
// The audio is placed by when it is heard, and the time between is silence. So an offset in the
// file is a time of the call, however long the call is.
package tape

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// A Side is a channel of the recording.
type Side int

// The sides.
const (
	User  Side = iota // On the left.
	Agent             // On the right.
)

const (
	// Rate is the sample rate of recordings, in Hz: that of the agent's voice.
	Rate = 24000
	// Channels is the number of channels.
	Channels = 2

	// gap is how far apart two pieces may be that follow each other without a gap. Times are
	// rounded to samples.
	gap = time.Millisecond
	// hold is how long audio is kept in memory, because the other side's audio of the same time
	// may come later, and because an interruption takes audio back.
	hold = 2 * time.Second
	// ahead is how far in the future audio may be heard.
	ahead = 30 * time.Second

	sampleSize = 2 // In bytes.
	frameSize  = Channels * sampleSize
)

var format = wav.Format{Encoding: wav.PCM, SampleRate: Rate, Channels: Channels, BitsPerSample: 8 * sampleSize}

// A Tape is a recording in progress. It is safe for concurrent use. The methods of a nil Tape do
// nothing, and one that cannot be written any more drops the audio: a call goes on without its
// recording. It holds at most 32 s of audio in memory.
type Tape struct {
	file  io.WriteSeeker
	start time.Time

	mu     sync.Mutex
	kept   []byte   // The newest samples, of both sides.
	first  int64    // The index of the first of them.
	ends   [2]int64 // The index after the newest sample of each side.
	err    error    // The first error.
	closed bool
}

// New starts a recording. Its first sample is heard now. Until the end of the recording, the
// header says that the length is unknown, so that the file of a killed process can be read.
func New(file io.WriteSeeker) (*Tape, error) {
	t := &Tape{file: file}
	if _, err := file.Write(format.Header(wav.Unknown)); err != nil {
		return nil, fmt.Errorf("tape: %w", err)
	}
	t.start = time.Now()
	return t, nil
}

// Start returns when the first sample was heard.
func (t *Tape) Start() time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.start
}

// Add adds audio of a side that is heard from a time on: not before the side's audio so far has
// ended, and without a gap if the time is less than 1 ms later. Audio of more than 2 s ago is lost.
// Formats that are neither PCM of 16 bits nor G.711 are dropped.
func (t *Tape) Add(side Side, f otelvoice.AudioFormat, data []byte, at time.Time) {
	if t == nil {
		return
	}
	samples := Resample(f, data)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.index(time.Now())
	from, end := t.index(at), t.ends[side]
	if end > 0 && from < end+samplesOf(gap) {
		from = end
	}
	if t.err != nil || t.closed || len(samples) == 0 || from > now+samplesOf(ahead) {
		return
	}
	t.ends[side] = from + int64(len(samples))
	t.extend(t.ends[side])
	for i, s := range samples {
		if to := t.offset(side, from+int64(i)); to >= 0 {
			binary.LittleEndian.PutUint16(t.kept[to:], uint16(s))
		}
	}
	t.flush(now - samplesOf(hold))
}

// Cut takes back the audio of a side from a time on: it is not heard.
func (t *Tape) Cut(side Side, at time.Time) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil || t.closed {
		return
	}
	from := max(t.index(at), t.first)
	for i := from; i < t.ends[side]; i++ {
		clear(t.kept[t.offset(side, i):][:sampleSize])
	}
	t.ends[side] = min(t.ends[side], from)
}

// Close ends the recording now and writes its length into the header. It returns the first error
// of the recording, and does not close the file. Only the first Close counts.
func (t *Tape) Close() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return t.err
	}
	t.closed = true
	end := t.index(time.Now())
	t.flush(end)
	t.kept = nil
	if t.err != nil {
		return t.err
	}
	_, err := t.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = t.file.Write(format.Header(int(t.first) * frameSize))
	}
	t.fail(err)
	return t.err
}

// flush writes the samples before an index, with silence where there is none.
func (t *Tape) flush(before int64) {
	const most = Rate // Samples that are written at once.
	for t.err == nil && t.first < before {
		n := min(before-t.first, most)
		t.extend(t.first + n)
		if _, err := t.file.Write(t.kept[:n*frameSize]); err != nil {
			t.fail(err)
			return
		}
		t.kept = t.kept[:copy(t.kept, t.kept[n*frameSize:])]
		t.first += n
	}
}

func (t *Tape) fail(err error) {
	if err != nil && t.err == nil {
		t.err = errors.Join(errors.New("tape: the recording is incomplete"), err)
		t.kept = nil
	}
}

// extend appends silence up to an index.
func (t *Tape) extend(end int64) {
	if missing := (end-t.first)*frameSize - int64(len(t.kept)); missing > 0 {
		t.kept = append(t.kept, make([]byte, missing)...)
	}
}

// offset returns where a sample is in kept. It is negative if the sample was written.
func (t *Tape) offset(side Side, index int64) int64 {
	return (index-t.first)*frameSize + int64(side)*sampleSize
}

// index returns the index of the sample that is heard at a time.
func (t *Tape) index(at time.Time) int64 { return max(samplesOf(at.Sub(t.start)), 0) }

func samplesOf(d time.Duration) int64 { return int64((d*Rate + time.Second/2) / time.Second) }
