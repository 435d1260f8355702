// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/floor"
)

// An Option changes how [Measure] listens or how [Compare] matches. A nil Option is ignored.
type Option interface{ apply(config) config }

type config struct {
	gap     time.Duration
	swapped bool
	window  time.Duration
	deadAir time.Duration
}

func newConfig(opts []Option) config {
	c := config{gap: 250 * time.Millisecond, window: time.Second, deadAir: floor.DefaultDeadAir}
	for _, opt := range opts {
		if opt != nil {
			c = opt.apply(c)
		}
	}
	return c
}

type option func(config) config

func (f option) apply(c config) config { return f(c) }

// WithPause sets the longest pause that [Measure] takes for a part of speech. The default is 250 ms. It
// must be shorter than the shortest pause after which a side is to be seen to start anew. Values that
// are not positive are ignored.
func WithPause(pause time.Duration) Option {
	return option(func(c config) config {
		if pause > 0 {
			c.gap = min(pause, farthest)
		}
		return c
	})
}

// WithAgentLeft tells [Measure] that the agent is on the left and the user on the right.
func WithAgentLeft() Option {
	return option(func(c config) config { c.swapped = true; return c })
}

// WithWindow sets how far a start of speech may be from the one that telemetry tells, for [Compare] to take them
// for the same. The default is 1 s. A turn whose answer is farther away is not compared. Values that are not
// positive are ignored.
func WithWindow(window time.Duration) Option {
	return option(func(c config) config {
		if window > 0 {
			c.window = min(window, farthest)
		}
		return c
	})
}

// WithDeadAir sets the longest silence of both sides that [Compare] does not count as dead air. The
// default is 3 s, as that of otelvoice.WithDeadAir. Values that are not positive are ignored.
func WithDeadAir(bound time.Duration) Option {
	return option(func(c config) config {
		if bound > 0 {
			c.deadAir = bound
		}
		return c
	})
}
