// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package emit checks measurements, counts those that are left out, and holds what the others are
// recorded with: the guard of the program's code, the log and the instruments.
package emit

import (
	"context"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// An Emitter records the spans, the log lines and the metrics of a Telemetry.
type Emitter struct {
	Guard   *guard.Guard
	Log     *calllog.Log
	Metrics *instrument.Set
}

// LongestCall is the longest plausible duration of a session, a stream or an operation. [latency.Max] is that of
// a turn and of a stage.
const LongestCall = 24 * time.Hour

// StartTime returns the start time of work. The zero time is now. A start in the future, or longer ago than the
// work may take, is from another clock or from none: StartTime counts it as dropped and returns the current time.
func (e *Emitter) StartTime(ctx context.Context, start time.Time, longest time.Duration) time.Time {
	now := time.Now()
	if start.IsZero() || !e.PlausibleUpTo(ctx, semconv.VoiceDurationKey, now.Sub(start), longest) {
		return now
	}
	return start
}

// Plausible reports whether a duration is between 0 and [latency.Max]. If it is not, Plausible
// counts it as dropped.
func (e *Emitter) Plausible(ctx context.Context, key attribute.Key, d time.Duration) bool {
	return e.PlausibleUpTo(ctx, key, d, latency.Max)
}

// PlausibleUpTo does the same with another maximum, for work that may take longer than a turn.
func (e *Emitter) PlausibleUpTo(ctx context.Context, key attribute.Key, d, longest time.Duration) bool {
	switch {
	case d < 0:
		e.Dropped(ctx, key, semconv.VoiceDropReasonNegative)
	case d > longest:
		e.Dropped(ctx, key, semconv.VoiceDropReasonTooLong)
	default:
		return true
	}
	return false
}

// InRange reports whether a value is between 0 and upper. If it is not, InRange counts it as
// dropped.
func (e *Emitter) InRange(ctx context.Context, key attribute.Key, value, upper float64) bool {
	switch {
	case value >= 0 && value <= upper:
		return true
	case math.IsNaN(value) || math.IsInf(value, 0):
		e.Dropped(ctx, key, semconv.VoiceDropReasonNotFinite)
	case value < 0:
		e.Dropped(ctx, key, semconv.VoiceDropReasonNegative)
	default:
		e.Dropped(ctx, key, semconv.VoiceDropReasonOutOfRange)
	}
	return false
}

// Dropped counts a measurement that is left out.
func (e *Emitter) Dropped(ctx context.Context, key attribute.Key, reason string) {
	defer e.Guard.Recovered(guard.Instruments)
	e.Metrics.Dropped(ctx, string(key), reason)
}

// lateness is how long after its end a stage or stream accepts usage. Realtime and chat
// providers send usage within seconds after a barge-in.
const lateness = time.Minute

// TooLate reports whether a stage or stream ended too long ago to accept usage. The zero time is
// that of one that is open.
func TooLate(ended, now time.Time) bool {
	return !ended.IsZero() && now.Sub(ended) > lateness
}
