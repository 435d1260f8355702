// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"math"
	"time"
)

// How long each part of an answer takes, at the speed of life: what hosted
// vendors showed over a good line in 2026. Nine in ten of the values drawn lie
// inside, the rest at the ends.
var (
	transcriptionDelay = span{120 * time.Millisecond, 300 * time.Millisecond}
	partialDelay       = span{15 * time.Millisecond, 40 * time.Millisecond}
	firstTokenDelay    = span{250 * time.Millisecond, 600 * time.Millisecond}
	tokenDelay         = span{20 * time.Millisecond, 40 * time.Millisecond}
	firstAudioDelay    = span{100 * time.Millisecond, 250 * time.Millisecond}
	audioDelay         = span{20 * time.Millisecond, 60 * time.Millisecond} // per audioChunk
	leadingSilence     = span{60 * time.Millisecond, 120 * time.Millisecond}
	failureDelay       = span{10 * time.Millisecond, 50 * time.Millisecond}
)

// span is a closed range of durations.
type span struct{ low, high time.Duration }

// draw returns a duration in the span. The draw is log-normal, with most
// values near the geometric middle and a tail towards high, as latencies have.
func (d dice) draw(s span) time.Duration {
	middle := math.Sqrt(float64(s.low) * float64(s.high))
	sigma := math.Log(float64(s.high)/float64(s.low)) / (2 * 1.645) // 5 % beyond each end
	v := time.Duration(middle * math.Exp(sigma*d.rng.NormFloat64()))
	return min(max(v, s.low), s.high)
}

// clock passes time at the vendor's speed.
type clock struct{ speed float64 }

func newClock(speed float64) clock {
	if !(speed > 0) { // also NaN
		speed = 1
	}
	return clock{speed}
}

// wait lets a duration of the vendor's time pass. It returns early, with the
// cause, when ctx ends: the caller hung up or was interrupted.
func (c clock) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(time.Duration(float64(d) / c.speed))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
