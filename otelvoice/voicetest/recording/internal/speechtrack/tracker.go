// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package speechtrack finds the intervals in which somebody speaks in one channel of audio.
//
// It measures the energy of each millisecond and compares it with the noise around it. Unlike the
// voice activity detector of an agent, it knows what comes later: it adds no hangover, and an
// interval ends where the sound ends. It does not tell speech from other sound of some length,
// such as music.
package speechtrack

import (
	"time"
)

// An Interval is a time in which somebody speaks, from the start of the audio.
type Interval struct{ Start, End time.Duration }

// DefaultGap is the longest pause that is part of an interval if New gets none: pauses between words
// are shorter, and pauses between sentences are mostly longer.
const DefaultGap = 250 * time.Millisecond

const (
	blocksPerSecond = 1000 // A block is 1 ms.
	binBlocks       = 500
	chunkBlocks     = 20
	// horizon is how many bins before and after a bin its noise is estimated from: 15 s.
	horizon = 30
)

// A Tracker finds speech in audio that arrives in pieces. It buffers the energies of 15 s, whatever
// the length of the audio, and grows by the intervals that it finds. It is not safe for concurrent
// use.
type Tracker struct {
	rate   int
	filled int // How many samples of the current block were read.
	size   int // How many samples the current block has.
	block  block
	blocks int // How many blocks were completed.
	chunk  block
	bins   []bin // Up to horizon bins that were processed, and those that wait for what follows.
	next   int   // The first of bins that waits.
	spare  []block
	edges  edges
}

// block is the sums of the samples of a time.
type block struct {
	sum, squares float64
	samples      int
}

func (b *block) add(other block) {
	b.sum += other.sum
	b.squares += other.squares
	b.samples += other.samples
}

// power is the variance of the samples: an offset, also one that drifts, is no sound.
func (b block) power() float64 {
	if b.samples == 0 {
		return 0
	}
	n := float64(b.samples)
	mean := b.sum / n
	return max(b.squares/n-mean*mean, 0)
}

// bin is half a second.
type bin struct {
	blocks []block // Until the bin is processed.
	chunks [binBlocks / chunkBlocks]block
	full   int // How many chunks are complete.
}

// quietest returns the power of the quietest chunk.
func (b *bin) quietest() float64 {
	power := b.chunks[0].power()
	for _, chunk := range b.chunks[1:b.full] {
		power = min(power, chunk.power())
	}
	return power
}

// New returns a tracker of audio with a sample rate in Hz, at least 1000. Pauses up to gap are part of
// an interval; 0 is [DefaultGap].
func New(rate int, gap time.Duration) *Tracker {
	if gap <= 0 {
		gap = DefaultGap
	}
	t := &Tracker{rate: max(rate, blocksPerSecond)}
	t.edges.join.gap = int(gap / time.Millisecond)
	t.size = t.blockSize()
	return t
}

// blockSize is how many samples the next block has. Blocks of 44.1 kHz have 44 or 45.
func (t *Tracker) blockSize() int {
	const n = blocksPerSecond
	return (t.blocks+1)*t.rate/n - t.blocks*t.rate/n
}

// Write reads the next samples, from -1 to 1.
func (t *Tracker) Write(samples []float32) {
	for _, s := range samples {
		v := float64(s)
		t.block.sum += v
		t.block.squares += v * v
		t.filled++
		if t.filled == t.size {
			t.endBlock()
		}
	}
}

// endBlock completes a block.
func (t *Tracker) endBlock() {
	t.block.samples = t.filled
	if t.blocks%binBlocks == 0 {
		t.bins = append(t.bins, bin{blocks: t.spare[:0]})
		t.spare = nil
	}
	b := &t.bins[len(t.bins)-1]
	b.blocks = append(b.blocks, t.block)
	t.chunk.add(t.block)
	t.block, t.filled = block{}, 0
	t.blocks++
	t.size = t.blockSize()
	if t.blocks%chunkBlocks == 0 {
		b.chunks[b.full] = t.chunk
		b.full++
		t.chunk = block{}
	}
	if t.blocks%binBlocks == 0 && len(t.bins) > t.next+horizon {
		t.process()
	}
}

// process passes the energies of the first bin that waits to the search for edges.
func (t *Tracker) process() {
	noise := t.noise()
	b := &t.bins[t.next]
	for _, block := range b.blocks {
		t.edges.push(block, noise)
	}
	t.spare, b.blocks = b.blocks, nil
	t.next++
	if t.next > horizon {
		t.bins = append(t.bins[:0], t.bins[1:]...)
		t.next--
	}
}

// noise returns the power of the noise in the bins that are known.
func (t *Tracker) noise() float64 {
	var quiet [2*horizon + 1]float64
	n := 0
	for i := range t.bins {
		if t.bins[i].full > 0 {
			quiet[n] = t.bins[i].quietest()
			n++
		}
	}
	return floor(quiet[:n])
}

// Close ends the audio and returns the intervals, in order. They do not overlap.
func (t *Tracker) Close() []Interval {
	if t.filled > 0 {
		t.endBlock()
	}
	for t.next < len(t.bins) {
		t.process()
	}
	return t.edges.close(t.blocks)
}
