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
	turn func(ctx context.Context) *otelvoice.Turn
}

type option func(c *config)

func (o option) apply(c *config) { o(c) }

// WithTurn chooses the turn of each utterance. It is called when an utterance begins, with the
// session's context, before the program's callback. If it returns nil, the utterance is not
// recorded.
func WithTurn(turn func(ctx context.Context) *otelvoice.Turn) Option {
	return option(func(c *config) { c.turn = turn })
}
