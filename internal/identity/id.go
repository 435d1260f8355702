// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package identity holds the ids of a piece of work: correlation, request, session, turn and user.
//
// The correlation ID and the trace ID are one ID. [Propagator] reads a caller's ID into the
// context. [Generator] turns it into the trace ID of the first span that is started there.
// [Wrap] makes a propagator of W3C Trace Context follow level 2 of the specification
// (https://www.w3.org/TR/trace-context-2/).
//
// An [Identity] is carried by a context. Log records and outgoing requests read all ids from it
// in one look-up.
package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// MaxCorrelationLength is the longest correlation ID, in bytes, accepted from outside.
const MaxCorrelationLength = 128

// ID is a correlation ID with its trace ID. The zero ID is invalid.
type ID struct {
	// Text is the ID in logs and headers: a UUID in lower case, or a caller's ID as it was sent.
	Text string
	// TraceID is the trace ID, which can be computed from Text.
	TraceID trace.TraceID
}

// IsValid reports whether id holds an ID.
func (id ID) IsValid() bool { return id.Text != "" }

// Parse reads a correlation ID from outside.
//
// A UUID, with or without hyphens and in either case, is its own trace ID; its
// Text is the UUID in lower case with hyphens. Any other text of at most
// [MaxCorrelationLength] characters from [A-Za-z0-9._:-] keeps its spelling, and its trace
// ID is the first 16 bytes of its SHA-256. Everything else, the nil UUID
// included, is refused. Text shares no memory with the argument.
func Parse(text string) (ID, bool) {
	if text == "" || len(text) > MaxCorrelationLength {
		return ID{}, false
	}
	for i := range len(text) {
		if !allowed(text[i]) {
			return ID{}, false
		}
	}
	if tid, ok := parseUUID(text); ok {
		if !tid.IsValid() {
			return ID{}, false
		}
		return ID{Text: Format(tid), TraceID: tid}, true
	}
	return ID{Text: strings.Clone(text), TraceID: hash(text)}, true
}

// FromTraceID returns the correlation ID of a trace ID, which must be valid.
func FromTraceID(tid trace.TraceID) ID {
	return ID{Text: Format(tid), TraceID: tid}
}

// Format writes a trace ID as a UUID: 8-4-4-4-12 lower-case hex digits.
func Format(tid trace.TraceID) string {
	var b [36]byte
	Put(&b, tid)
	return string(b[:])
}

// Put writes the result of [Format] into dst.
func Put(dst *[36]byte, tid trace.TraceID) {
	hex.Encode(dst[0:8], tid[0:4])
	hex.Encode(dst[9:13], tid[4:6])
	hex.Encode(dst[14:18], tid[6:8])
	hex.Encode(dst[19:23], tid[8:10])
	hex.Encode(dst[24:36], tid[10:16])
	dst[8], dst[13], dst[18], dst[23] = '-', '-', '-', '-'
}

func allowed(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '.' || c == '_' || c == ':' || c == '-'
}

// parseUUID accepts two spellings: the UUID of RFC 9562, and its 32 digits without hyphens, as tracing
// systems write a trace ID. If the latter were hashed, a caller who sends a trace ID would get another
// trace.
func parseUUID(s string) (tid trace.TraceID, ok bool) {
	var digits [32]byte
	switch len(s) {
	case 32:
		copy(digits[:], s)
	case 36:
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return tid, false
		}
		n := copy(digits[:], s[0:8])
		n += copy(digits[n:], s[9:13])
		n += copy(digits[n:], s[14:18])
		n += copy(digits[n:], s[19:23])
		copy(digits[n:], s[24:36])
	default:
		return tid, false
	}
	if _, err := hex.Decode(tid[:], digits[:]); err != nil {
		return trace.TraceID{}, false
	}
	return tid, true
}

func hash(text string) (tid trace.TraceID) {
	sum := sha256.Sum256([]byte(text))
	copy(tid[:], sum[:])
	if !tid.IsValid() {
		tid[15] = 1 // A zero trace ID is invalid. The chance is one in 2^128.
	}
	return tid
}

type seedKey struct{}

// WithSeed returns a context in which the next root span has the trace ID of id. A zero id removes the
// seed.
func WithSeed(ctx context.Context, id ID) context.Context {
	return context.WithValue(ctx, seedKey{}, &id)
}

// WithoutSeed removes the seed, so that root spans started from the context get random trace IDs. It
// returns a context without a seed unchanged.
func WithoutSeed(ctx context.Context) context.Context {
	if !Seed(ctx).IsValid() {
		return ctx
	}
	return context.WithValue(ctx, seedKey{}, (*ID)(nil))
}

// Seed returns the ID of [WithSeed], or the zero ID.
func Seed(ctx context.Context) ID {
	if id, _ := ctx.Value(seedKey{}).(*ID); id != nil {
		return *id
	}
	return ID{}
}
