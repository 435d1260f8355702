// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// Performance holds the measurements of a finished piece of work for [Telemetry.LogPerformance].
// Zero fields are unknown and left out.
type Performance struct {
	Duration time.Duration
	Err      error // The error of failed work; nil is success.

	AudioBytes int // The size of the processed audio, in bytes.
	TextLength int // The length of the processed text, in characters.
	// Confidence is from 0 to 1; nil is unknown.
	Confidence *float64
	// Extra holds measurements of your own, such as "cache_hits". If a measurement has a
	// unit, put it in the name: "queue_ms".
	Extra []attribute.KeyValue

	// Component and Type are the name and the type of the component that did the work.
	Component string
	Type      ComponentType
}

// LogPerformance writes a log line with the measurements of finished work in the field
// performance_metrics: duration_ms, success, throughput_bytes_per_second (of audio),
// audio_size_bytes, text_length, confidence and your own. The level is ERROR if the work failed,
// else INFO. The module is voice.performance. If performance tracking is off, LogPerformance
// writes nothing.
//
// The end lines of stages, turns, sessions, operations and requests have performance_metrics
// already. Use LogPerformance for other work.
func (t *Telemetry) LogPerformance(ctx context.Context, name string, p Performance) { //nolint:contextcheck // A nil one is replaced.
	if t == nil || !t.logs.Performance() {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	work := calllog.Work{
		Duration: p.Duration, Outcome: outcome.Completed,
		AudioBytes: p.AudioBytes, TextLength: p.TextLength, Confidence: p.Confidence, Extra: p.Extra,
	}
	if p.Err != nil {
		work.Outcome = outcome.Failed
	}
	attrs := []attribute.KeyValue{semconv.VoiceOperationName(name)}
	if p.Duration > 0 {
		attrs = append(attrs, semconv.VoiceDuration(p.Duration.Seconds()))
	}
	if p.Component != "" {
		attrs = append(attrs, semconv.VoiceComponentName(p.Component))
	}
	if p.Type != "" {
		attrs = append(attrs, semconv.VoiceComponentType(string(p.Type)))
	}
	t.emit.Log.Performance(ctx, calllog.LevelFor(work.Outcome), name, p.Err, append(attrs, calllog.WorkFigures(&work))...)
}
