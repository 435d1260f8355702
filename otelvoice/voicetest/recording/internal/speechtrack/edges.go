// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package speechtrack

import (
	"slices"
	"time"
)

// Powers, as parts of that of a square wave of full scale (0 dBFS).
const (
	// Speech is louder than these, however quiet the channel is.
	quietestEdge = 2e-6 // -57 dBFS
	quietestPeak = 2e-5 // -47 dBFS

	// Speech is louder than the noise by these factors.
	edgeFactor = 3  // 5 dB
	peakFactor = 20 // 13 dB

	// loudestNoise bounds the noise, so that speech without pauses is not taken for noise.
	loudestNoise = 1e-3 // -30 dBFS
)

const (
	window    = 16  // Blocks whose mean power is compared.
	click     = 20  // A sound shorter than this, in blocks, is a click,
	alone     = 100 // if it is farther than this from others. The release of a plosive is nearer.
	minSpeech = 50  // Less sound than this is no speech.
	// near is how far a quiet sound may be from a sound, to be a part of it: the end of a vowel that
	// fades.
	near = 50
)

// floor estimates the power of the noise from the quietest chunk of each bin: the mean of the lowest
// tenth.
func floor(quiet []float64) float64 {
	if len(quiet) == 0 {
		return 0
	}
	slices.Sort(quiet)
	n := (len(quiet) + 9) / 10
	sum := 0.0
	for _, power := range quiet[:n] {
		sum += power
	}
	return min(sum/float64(n), loudestNoise)
}

// edges finds the sounds: the times in which the mean power of a window stays above the lower
// threshold, and reaches the upper one. A quiet sound, which does not reach it, is a part of a sound that
// is near.
//
// A sound starts with the last block of the first window that is above, and ends with the first block
// of the last one. So the length of the window does not lengthen it.
type edges struct {
	blocks  [window]block
	pushed  int
	noise   float64
	inside  bool
	peaked  bool
	started int   // The last block of the first window.
	quiet   sound // The newest sound that does not reach the upper threshold.
	join    joiner
}

// push adds the next block.
func (e *edges) push(next block, noise float64) {
	e.noise = noise
	e.blocks[e.pushed%window] = next
	e.pushed++
	var all block
	for _, b := range e.blocks {
		all.add(b)
	}
	mean := all.power()
	switch above := mean > max(noise*edgeFactor, quietestEdge); {
	case above && !e.inside:
		e.inside, e.peaked, e.started = true, false, e.pushed-1
	case !above && e.inside:
		e.end()
	}
	if e.inside && mean > max(noise*peakFactor, quietestPeak) {
		e.peaked = true
	}
}

// end ends a sound before the newest window.
func (e *edges) end() {
	e.inside = false
	s := sound{e.started, max(e.pushed-window, e.started+1)}
	if e.peaked {
		if e.quiet.end > 0 && s.start-e.quiet.end <= near {
			s.start = e.quiet.start
		}
		e.quiet = sound{}
		e.join.add(s)
		return
	}
	switch newest := &e.join.newest; {
	case e.join.has && s.start-newest.end <= near:
		newest.end = s.end
	case e.quiet.end > 0 && s.start-e.quiet.end <= near:
		e.quiet.end = s.end
	default:
		e.quiet = s
	}
}

// close ends the audio after a number of blocks.
func (e *edges) close(blocks int) []Interval {
	for range window {
		e.push(block{}, e.noise)
	}
	return e.join.close(blocks)
}

// sound is the blocks from start to before end.
type sound struct{ start, end int }

// joiner makes intervals of sounds.
type joiner struct {
	gap       int
	before    sound // The sound before newest.
	newest    sound // A sound that may be a click.
	has       bool
	open      sound
	loud      int // How many blocks of open are sound.
	intervals []Interval
}

// add adds the next sound.
func (j *joiner) add(s sound) {
	if j.has {
		j.decide(s.start - j.newest.end)
		j.before = j.newest
	}
	j.newest, j.has = s, true
}

// decide drops the newest sound if it is a click, and joins it otherwise. after is the distance of
// what follows.
func (j *joiner) decide(after int) {
	s := j.newest
	isFirst := j.before.end == 0
	if s.end-s.start < click && after > alone && (isFirst || s.start-j.before.end > alone) {
		return
	}
	if j.loud > 0 && s.start-j.open.end > j.gap {
		j.flush()
	}
	if j.loud == 0 {
		j.open.start = s.start
	}
	j.open.end = s.end
	j.loud += s.end - s.start
}

// flush ends the open interval.
func (j *joiner) flush() {
	if j.loud >= minSpeech {
		const ms = time.Millisecond
		j.intervals = append(j.intervals, Interval{time.Duration(j.open.start) * ms, time.Duration(j.open.end) * ms})
	}
	j.open, j.loud = sound{}, 0
}

// close ends the audio.
func (j *joiner) close(blocks int) []Interval {
	if j.has {
		j.newest.end = min(j.newest.end, blocks)
		j.decide(alone + 1)
		j.has = false
	}
	j.flush()
	return j.intervals
}
