// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/otel/trace"
)

// Generator is the SDK's ID generator: random IDs, except that a root span
// takes its trace ID from the seed in its context. The zero Generator is ready
// to use and safe for concurrent use.
type Generator struct{}

// NewIDs returns the trace and span ID of a root span.
func (g Generator) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if id := Seed(ctx); id.IsValid() {
		return id.TraceID, g.NewSpanID(ctx, id.TraceID)
	}
	return NewTraceID(), g.NewSpanID(ctx, trace.TraceID{})
}

// NewSpanID returns a random span ID.
func (Generator) NewSpanID(context.Context, trace.TraceID) (sid trace.SpanID) {
	for !sid.IsValid() {
		binary.NativeEndian.PutUint64(sid[:], rand.Uint64())
	}
	return sid
}

// NewTraceID returns a random trace ID. All 128 bits are random; it is written
// as a UUID for people, but makes no claim to a UUID version.
func NewTraceID() (tid trace.TraceID) {
	for !tid.IsValid() {
		binary.NativeEndian.PutUint64(tid[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(tid[8:], rand.Uint64())
	}
	return tid
}
