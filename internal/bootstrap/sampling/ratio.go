// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sampling decides which traces are kept.
package sampling

import (
	"encoding/binary"
	"fmt"
	"math"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A Ratio is a sampler that keeps a fixed share of traces, the same ones in every process.
//
// The SDK's TraceIDRatioBased compares the upper bits of a trace ID's second
// half with a bound. In a UUID these bits start with the variant, which is
// always binary 10, so a trace ID made from a UUID is never kept below a ratio
// of one half and always from three quarters on. Newer drafts of the
// specification compare the last 56 bits instead, which in a version 1 UUID
// are the address of the machine: all or nothing. This sampler mixes all 128
// bits first, so no fixed field of any UUID version can tilt it.
type Ratio struct {
	bound       uint64
	description string
}

var _ sdktrace.Sampler = (*Ratio)(nil)

// NewRatio returns a sampler that keeps the given share of traces.
// Ratios below 0 (and NaN) count as 0, those above 1 as 1.
func NewRatio(ratio float64) *Ratio {
	if !(ratio > 0) {
		ratio = 0
	}
	s := &Ratio{description: fmt.Sprintf("UnbiasedTraceIDRatio{%g}", min(ratio, 1))}
	if ratio >= 1 {
		s.bound = math.MaxUint64
	} else {
		s.bound = uint64(ratio * math.Exp2(64))
	}
	return s
}

// ShouldSample decides by the trace ID alone.
func (s *Ratio) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	decision := sdktrace.Drop
	if s.bound == math.MaxUint64 || mix(p.TraceID) < s.bound {
		decision = sdktrace.RecordAndSample
	}
	return sdktrace.SamplingResult{
		Decision:   decision,
		Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState(),
	}
}

// Description names the sampler and its ratio.
func (s *Ratio) Description() string { return s.description }

// mix spreads all bits of a trace ID evenly over 64 bits. The finalizer is
// SplitMix64's (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014), applied to each half in turn.
func mix(tid trace.TraceID) uint64 {
	const golden = 0x9e3779b97f4a7c15
	h := finalize(binary.BigEndian.Uint64(tid[:8]) + golden)
	return finalize(h ^ binary.BigEndian.Uint64(tid[8:]) + golden)
}

func finalize(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return x
}
