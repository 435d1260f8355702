// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

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

// The fields of performance_metrics. Times are in milliseconds, because people read log lines;
// the attributes of spans are in seconds.
const (
	figureDuration   = "duration_ms"
	figureSuccess    = "success"
	figureThroughput = "throughput_bytes_per_second"
	figureAudio      = "audio_size_bytes"
	figureText       = "text_length"
	figureConfidence = "confidence"
	figureResponse   = "response_latency_ms"
	figureFirstAudio = "time_to_first_audio_ms"
)

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
	outcome := Completed
	if p.Err != nil {
		outcome = Failed
	}
	figures := make([]attribute.KeyValue, 0, 6+len(p.Extra))
	attrs := []attribute.KeyValue{semconv.VoiceOperationName(name)}
	if p.Duration > 0 {
		attrs = append(attrs, semconv.VoiceDuration(p.Duration.Seconds()))
		figures = append(figures, attribute.Float64(figureDuration, milliseconds(p.Duration.Seconds())))
	}
	figures = append(figures, attribute.Bool(figureSuccess, outcome == Completed))
	if p.AudioBytes > 0 {
		figures = appendThroughput(figures, p.AudioBytes, p.Duration.Seconds())
		figures = append(figures, attribute.Int(figureAudio, p.AudioBytes))
	}
	if p.TextLength > 0 {
		figures = append(figures, attribute.Int(figureText, p.TextLength))
	}
	if p.Confidence != nil && *p.Confidence >= 0 && *p.Confidence <= 1 {
		figures = append(figures, attribute.Float64(figureConfidence, *p.Confidence))
	}
	figures = append(figures, p.Extra...)
	if p.Component != "" {
		attrs = append(attrs, semconv.VoiceComponentName(p.Component))
	}
	if p.Type != "" {
		attrs = append(attrs, semconv.VoiceComponentType(string(p.Type)))
	}
	t.lines.write(ctx, t.lines.performance, levelFor(outcome), name, p.Err, 0, append(attrs, semconv.VoicePerformance(figures...)))
}

// ended returns the figures on the end line of a stage.
func ended(seconds float64, outcome Outcome, audio int) attribute.KeyValue {
	figures := appendEnd(make([]attribute.KeyValue, 0, 4), seconds, outcome)
	if audio > 0 {
		figures = appendThroughput(figures, audio, seconds)
	}
	return semconv.VoicePerformance(figures...)
}

// turnFigures returns the figures on the end line of a turn. duration_ms is the whole turn,
// including the user's speech and the answer. response_latency_ms is how long the user waited; it
// is left out if unknown.
func turnFigures(took time.Duration, outcome Outcome, latency Latency, measured bool) attribute.KeyValue {
	figures := make([]attribute.KeyValue, 0, 3)
	figures = appendEnd(figures, took.Seconds(), outcome)
	if measured {
		figures = append(figures, attribute.Float64(figureResponse, milliseconds(latency.Response.Seconds())))
	}
	return semconv.VoicePerformance(figures...)
}

// sessionFigures returns the figures on the end line of a session: its attributes in seconds,
// converted to milliseconds.
func sessionFigures(took time.Duration, err error, attrs []attribute.KeyValue) attribute.KeyValue {
	outcome := Completed
	if err != nil {
		outcome = Failed
	}
	figures := make([]attribute.KeyValue, 0, 3)
	figures = appendEnd(figures, took.Seconds(), outcome)
	for _, kv := range attrs {
		if kv.Key == semconv.VoiceSessionTimeToFirstAudioKey && kv.Value.Type() == attribute.FLOAT64 {
			figures = append(figures, attribute.Float64(figureFirstAudio, milliseconds(kv.Value.AsFloat64())))
			break
		}
	}
	return semconv.VoicePerformance(figures...)
}

// operationFigures returns the figures on the end line of an operation, including those in its
// attributes. If several attributes give the same figure, the last one counts.
func operationFigures(seconds float64, outcome Outcome, attrs []attribute.KeyValue) attribute.KeyValue {
	figures := make([]attribute.KeyValue, 0, 6)
	figures = appendEnd(figures, seconds, outcome)
	audio, text, confidence := -1.0, -1.0, -1.0 // Unknown.
	for _, kv := range attrs {
		n, ok := number(kv.Value)
		switch {
		case !ok || n < 0 || n > maxSize:
		case kv.Key == "audio_size" || kv.Key == figureAudio || kv.Key == semconv.VoiceAudioSizeKey:
			audio = n
		case kv.Key == figureText || kv.Key == semconv.VoiceTTSCharactersKey:
			text = n
		case (kv.Key == figureConfidence || kv.Key == semconv.VoiceSTTConfidenceKey) && n <= 1:
			confidence = n
		}
	}
	if audio >= 0 {
		figures = appendThroughput(figures, int(audio), seconds)
		figures = append(figures, attribute.Int(figureAudio, int(audio)))
	}
	if text >= 0 {
		figures = append(figures, attribute.Int(figureText, int(text)))
	}
	if confidence >= 0 {
		figures = append(figures, attribute.Float64(figureConfidence, confidence))
	}
	return semconv.VoicePerformance(figures...)
}

// maxSize is the largest accepted size; a float64 holds it exactly.
const maxSize = 1 << 53

// number returns a numeric value, and whether v is one.
func number(v attribute.Value) (float64, bool) {
	switch v.Type() {
	case attribute.INT64:
		return float64(v.AsInt64()), true
	case attribute.FLOAT64:
		return v.AsFloat64(), !math.IsNaN(v.AsFloat64())
	}
	return 0, false
}

// appendEnd appends the figures of every end line.
func appendEnd(figures []attribute.KeyValue, seconds float64, outcome Outcome) []attribute.KeyValue {
	return append(figures,
		attribute.Float64(figureDuration, milliseconds(seconds)),
		attribute.Bool(figureSuccess, outcome == Completed || outcome == Interrupted))
}

func appendThroughput(figures []attribute.KeyValue, bytes int, seconds float64) []attribute.KeyValue {
	if seconds <= 0 {
		return figures
	}
	return append(figures, attribute.Int(figureThroughput, int(float64(bytes)/seconds)))
}

// audioSize returns the bytes of audio among a stage's attributes, or 0.
func audioSize(attrs []attribute.KeyValue) int {
	for _, kv := range attrs {
		if kv.Key == semconv.VoiceAudioSizeKey {
			return int(kv.Value.AsInt64())
		}
	}
	return 0
}

// milliseconds returns seconds in milliseconds, to the microsecond.
func milliseconds(seconds float64) float64 { return math.Round(seconds*1e6) / 1e3 }
