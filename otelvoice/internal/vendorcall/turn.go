// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorcall

import (
	"context"
	"time"
)

// A Turn is how a tap works on a turn that the program may have started, or may claim. The handles of
// the program win:
//
//   - The program claims an observed turn, one that a tap started, when it starts a turn of its own
//     while the observed one is open and no agent audio was played in it.
//   - The End of the program ends a claimed turn, and not that of the tap.
//   - A mark of the program replaces all observed occurrences of the mark, whichever came first.
//     The span keeps the events of both.
//
// It is safe for concurrent use.
type Turn interface {
	// IsClaimed reports whether the program has the turn, because it started or claimed it.
	IsClaimed() bool
	// MarkObserved records a mark, whose number is that of otelvoice.Mark, unless the program
	// marked it or the turn has ended. It reports whether it did. The anchor is of UserStopped.
	MarkObserved(mark uint8, at time.Time, anchor string) bool
	// SpokenObserved records that the user, of whom no turn is open yet, has spoken since a time and
	// still spoke when the turn was interrupted. It counts for an interruption that says the same time.
	SpokenObserved(since time.Time)
	// EndObserved ends the turn unless the program has it, and reports whether the turn has ended.
	// The program cannot claim the turn afterwards.
	EndObserved() bool
}

// TurnKey is the key of the Turn in a context.
type TurnKey struct{}

// TurnFromContext returns the Turn in a context, or nil.
func TurnFromContext(ctx context.Context) Turn {
	t, _ := ctx.Value(TurnKey{}).(Turn)
	return t
}

// ObservedKey is the key of the sign that a tap starts a turn.
type ObservedKey struct{}

// ObservedTurn returns a context with which Session.StartTurn starts an observed turn.
func ObservedTurn(ctx context.Context) context.Context {
	return context.WithValue(ctx, ObservedKey{}, true)
}

// IsObserved reports whether a turn that is started with a context is an observed one.
func IsObserved(ctx context.Context) bool {
	observed, _ := ctx.Value(ObservedKey{}).(bool)
	return observed
}
