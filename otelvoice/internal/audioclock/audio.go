// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioclock

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// Audio describes the audio of a stage, without the audio itself.
type Audio struct {
	Format   Format
	Duration time.Duration
	Size     int64
	Header   int64 // The part of Size that is a header.
}

// Length returns the duration that was set, else the duration computed from the size, else 0.
func (a Audio) Length() time.Duration {
	if a.Duration > 0 {
		return a.Duration
	}
	return a.Format.Duration(a.Size - a.Header)
}

// Attributes appends what is known of the audio.
func (a Audio) Attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if a.Format.Codec != "" {
		attrs = append(attrs, semconv.VoiceAudioCodec(a.Format.Codec))
	}
	if a.Format.SampleRate > 0 {
		attrs = append(attrs, semconv.VoiceAudioSampleRate(a.Format.SampleRate))
	}
	if a.Format.Channels > 0 {
		attrs = append(attrs, semconv.VoiceAudioChannels(a.Format.Channels))
	}
	if a.Size > 0 {
		attrs = append(attrs, semconv.VoiceAudioSize(int(a.Size)))
	}
	return attrs
}

// Fill uses what was observed of the audio where nothing is known. The observed duration is at most
// [latency.Max].
func (a *Audio) Fill(format Format, size, header int64, duration time.Duration) {
	if a.Format == (Format{}) {
		a.Format = format
	}
	if a.Size == 0 {
		a.Size, a.Header = size, header
	}
	if a.Duration == 0 {
		a.Duration = min(duration, latency.Max)
	}
}

// Feed holds the times at which the first and the newest audio were added.
type Feed struct{ from, to time.Time }

// Add records audio that is added now.
func (f *Feed) Add(now time.Time) {
	if f.from.IsZero() {
		f.from = now
	}
	f.to = now
}

// Took returns the time between them.
func (f *Feed) Took() time.Duration { return f.to.Sub(f.from) }
