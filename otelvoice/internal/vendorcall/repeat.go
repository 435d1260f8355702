// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorcall

import "context"

// repeatKey is the key of the sign that words are a repetition.
type repeatKey struct{}

// Repetition returns a context with which Turn.StartSTT starts the recognition of words that another
// recogniser has reported. It marks on the turn only what no other has marked: the user did not speak
// again.
func Repetition(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatKey{}, true)
}

// IsRepetition reports whether a recognition that is started with a context is one of words that another
// recogniser has reported.
func IsRepetition(ctx context.Context) bool {
	is, _ := ctx.Value(repeatKey{}).(bool)
	return is
}
