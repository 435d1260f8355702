// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import "time"

// An Option configures [Interceptor]. Nil options are ignored.
type Option interface{ apply(c *config) }

type config struct {
	pause   time.Duration
	unmarks bool
}

type option func(c *config)

func (o option) apply(c *config) { o(c) }

// DefaultPause is the shortest silence of the agent that separates two answers. It is ten packets
// of 20 ms: an agent that writes samples in time has a shorter pause only within an answer.
const DefaultPause = 200 * time.Millisecond

// WithPause replaces [DefaultPause]. A pause that is not positive is ignored.
func WithPause(pause time.Duration) Option {
	return option(func(c *config) {
		if pause > 0 {
			c.pause = pause
		}
	})
}

// WithoutAgentMarks leaves [otelvoice.AgentStarted] and [otelvoice.AgentStopped] to the program. It
// is for agents whose track has audible audio that is no answer, such as music.
func WithoutAgentMarks() Option {
	return option(func(c *config) { c.unmarks = true })
}
