// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"math"
	"time"
)

// part is a part of an answer with a delay.
type part int

const (
	transcription  part = iota // the whole answer
	firstToken                 // of a chat
	nextToken                  // each later token
	firstAudio                 // of a synthesis
	nextAudio                  // each later audioChunk
	leadingSilence             // in the audio, before the voice
	outageNotice               // a vendor that is down answers quickly
)

// bounds returns the shortest and the longest delay of a part in real time, as of hosted vendors
// over a good connection.
func (p part) bounds() (low, high time.Duration) {
	switch p {
	case transcription:
		return 120 * time.Millisecond, 300 * time.Millisecond
	case firstToken:
		return 250 * time.Millisecond, 600 * time.Millisecond
	case nextToken:
		return 20 * time.Millisecond, 40 * time.Millisecond
	case firstAudio:
		return 100 * time.Millisecond, 250 * time.Millisecond
	case nextAudio:
		return 20 * time.Millisecond, 60 * time.Millisecond
	case leadingSilence:
		return 60 * time.Millisecond, 120 * time.Millisecond
	default: // outageNotice
		return 10 * time.Millisecond, 50 * time.Millisecond
	}
}

// draw returns a random delay of a part. Delays are log-normal, as latencies are: most are near
// the geometric mean, with a long tail. The tenth that would be outside the bounds is clamped.
func (d dice) draw(p part) time.Duration {
	low, high := p.bounds()
	middle := math.Sqrt(float64(low) * float64(high))
	sigma := math.Log(float64(high)/float64(low)) / (2 * 1.645) // 5 % beyond each end
	v := time.Duration(middle * math.Exp(sigma*d.rng.NormFloat64()))
	return min(max(v, low), high)
}

// clock waits at the vendor's speed.
type clock struct{ speed float64 }

func newClock(speed float64) clock {
	if !(speed > 0) { // also NaN
		speed = 1
	}
	return clock{speed}
}

// of returns how long a duration of the vendor's time is.
func (c clock) of(d time.Duration) time.Duration { return time.Duration(float64(d) / c.speed) }

// wait waits for a duration of the vendor's time. It returns early, with the cause, when ctx
// ends because the client hung up or was interrupted.
func (c clock) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(c.of(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
