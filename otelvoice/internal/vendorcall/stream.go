// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorcall

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// A Stream is how a tap works on a stream of a recogniser. It is safe for concurrent use.
type Stream interface {
	// ModelObserved sets the model, unless it is known. Utterances that have started keep theirs.
	ModelObserved(name string)
	// ConnectedObserved records that a connection was open at a time.
	ConnectedObserved(at time.Time)
	// RefusedObserved records that the provider could not do what a message asked for, and goes on.
	RefusedObserved(err error)
	// UsedObserved adds the tokens of an utterance, of a recogniser that charges by token.
	UsedObserved(usage llmreport.Usage)
}

// StreamKey is the key of the Stream in the context of its connections.
type StreamKey struct{}

// StreamFromContext returns the Stream in a context, or one that records nothing.
func StreamFromContext(ctx context.Context) Stream {
	if s, ok := ctx.Value(StreamKey{}).(Stream); ok {
		return s
	}
	return ignoredStream{}
}

type ignoredStream struct{}

func (ignoredStream) ModelObserved(string)         {}
func (ignoredStream) ConnectedObserved(time.Time)  {}
func (ignoredStream) RefusedObserved(error)        {}
func (ignoredStream) UsedObserved(llmreport.Usage) {}
