// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import (
	"context"

	"github.com/voice-agents/telemetry/otelvoice"
)

// An Option configures [Wrap]. Nil options are ignored.
type Option interface{ apply(c *config) }

type config struct {
	turn             func(ctx context.Context) *otelvoice.Turn
	turnPerUtterance bool
}

type option func(c *config)

func (o option) apply(c *config) { o(c) }

// WithTurn chooses the turn of each utterance. It is called when an utterance begins, with the
// session's context, before the program's callback. If it returns nil, the utterance is not
// recorded.
func WithTurn(turn func(ctx context.Context) *otelvoice.Turn) Option {
	return option(func(c *config) { c.turn = turn })
}

// WithTurnPerUtterance starts a turn for each utterance. The turn ends when the next utterance
// begins or the connection ends. It is for agents whose code has no turns. [WithTurn] goes before it.
func WithTurnPerUtterance() Option {
	return option(func(c *config) { c.turnPerUtterance = true })
}
