// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package calllog

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

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

// Work is finished work that the program measured. Zero fields are unknown and left out.
type Work struct {
	Duration               time.Duration
	Outcome                outcome.Outcome
	AudioBytes, TextLength int
	Confidence             *float64
	Extra                  []attribute.KeyValue
}

// WorkFigures returns the figures of the work.
func WorkFigures(w *Work) attribute.KeyValue {
	figures := make([]attribute.KeyValue, 0, 6+len(w.Extra))
	if w.Duration > 0 {
		figures = append(figures, attribute.Float64(figureDuration, milliseconds(w.Duration.Seconds())))
	}
	figures = append(figures, attribute.Bool(figureSuccess, w.Outcome == outcome.Completed))
	if w.AudioBytes > 0 {
		figures = appendThroughput(figures, w.AudioBytes, w.Duration.Seconds())
		figures = append(figures, attribute.Int(figureAudio, w.AudioBytes))
	}
	if w.TextLength > 0 {
		figures = append(figures, attribute.Int(figureText, w.TextLength))
	}
	if w.Confidence != nil && *w.Confidence >= 0 && *w.Confidence <= 1 {
		figures = append(figures, attribute.Float64(figureConfidence, *w.Confidence))
	}
	return semconv.VoicePerformance(append(figures, w.Extra...)...)
}

// StageFigures returns the figures on the end line of a stage with the given attributes.
func StageFigures(seconds float64, o outcome.Outcome, attrs []attribute.KeyValue) attribute.KeyValue {
	figures := appendEnd(make([]attribute.KeyValue, 0, 4), seconds, o)
	if audio := audioSize(attrs); audio > 0 {
		figures = appendThroughput(figures, audio, seconds)
	}
	return semconv.VoicePerformance(figures...)
}

// TurnFigures returns the figures on the end line of a turn. duration_ms is the whole turn,
// including the user's speech and the answer. response_latency_ms is how long the user waited; it
// is left out if it was not measured.
func TurnFigures(took time.Duration, o outcome.Outcome, response time.Duration, measured bool) attribute.KeyValue {
	figures := make([]attribute.KeyValue, 0, 3)
	figures = appendEnd(figures, took.Seconds(), o)
	if measured {
		figures = append(figures, attribute.Float64(figureResponse, milliseconds(response.Seconds())))
	}
	return semconv.VoicePerformance(figures...)
}

// SessionFigures returns the figures on the end line of a session: its attributes in seconds,
// converted to milliseconds.
func SessionFigures(took time.Duration, err error, attrs []attribute.KeyValue) attribute.KeyValue {
	o := outcome.Completed
	if err != nil {
		o = outcome.Failed
	}
	figures := make([]attribute.KeyValue, 0, 3)
	figures = appendEnd(figures, took.Seconds(), o)
	for _, kv := range attrs {
		if kv.Key == semconv.VoiceSessionTimeToFirstAudioKey && kv.Value.Type() == attribute.FLOAT64 {
			figures = append(figures, attribute.Float64(figureFirstAudio, milliseconds(kv.Value.AsFloat64())))
			break
		}
	}
	return semconv.VoicePerformance(figures...)
}

// OperationFigures returns the figures on the end line of an operation, including those in its
// attributes. If several attributes give the same figure, the last one counts.
func OperationFigures(seconds float64, o outcome.Outcome, attrs []attribute.KeyValue) attribute.KeyValue {
	figures := make([]attribute.KeyValue, 0, 6)
	figures = appendEnd(figures, seconds, o)
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
func appendEnd(figures []attribute.KeyValue, seconds float64, o outcome.Outcome) []attribute.KeyValue {
	return append(figures,
		attribute.Float64(figureDuration, milliseconds(seconds)),
		attribute.Bool(figureSuccess, o == outcome.Completed || o == outcome.Interrupted))
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
