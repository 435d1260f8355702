// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package mediastream

import (
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

// FormatOf returns the format that a line names: "audio/x-mulaw", "audio/x-l16;rate=8000", "PCMU", "L16".
func FormatOf(name string, sampleRate, channels int) wire.Format {
	if name == "" {
		return wire.Format{SampleRate: sampleRate, Channels: channels}
	}
	if !strings.Contains(name, "/") {
		name = "audio/" + name
	}
	f := audioformat.OfContentType(name)
	if sampleRate > 0 {
		f.SampleRate = sampleRate
	}
	if channels > 0 {
		f.Channels = channels
	}
	return f
}

// A clock turns sizes of audio into durations.
type clock struct {
	format wire.Format
	rate   int // Bytes a second; 0 if the format has no constant bit rate.
}

func (c *clock) set(f wire.Format) {
	c.format, c.rate = f, 0
	channels := max(f.Channels, 1)
	switch f.Codec {
	case audioformat.MuLaw, audioformat.ALaw:
		c.rate = f.SampleRate * channels
	case audioformat.PCM:
		c.rate = 2 * f.SampleRate * channels
	case "g722":
		c.rate = 8000 // 64 kbit/s, whatever its sample rate is called.
	}
}

func (c *clock) duration(size int) time.Duration {
	if c.rate == 0 {
		return 0
	}
	return time.Duration(int64(size) * int64(time.Second) / int64(c.rate))
}
