// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioclock

import "time"

// A Format describes audio. A zero field is unknown.
type Format struct {
	Codec      string
	SampleRate int // In Hz.
	Channels   int
}

// The codecs of constant rate.
const (
	PCM16 = "pcm_s16le" // Linear PCM of 16 bits, little-endian.
	MuLaw = "pcm_mulaw" // G.711 µ-law, 8 bits.
	ALaw  = "pcm_alaw"  // G.711 A-law, 8 bits.
)

// bytesPerSecond returns the rate of a codec of constant rate, or 0.
func (f Format) bytesPerSecond() int {
	width := 0
	switch f.Codec {
	case PCM16:
		width = 2
	case MuLaw, ALaw:
		width = 1
	}
	return width * f.SampleRate * max(f.Channels, 1)
}

// Duration returns how long size bytes of audio play. It is 0 if the codec has no constant
// rate or the sample rate is unknown.
func (f Format) Duration(size int64) time.Duration {
	rate := f.bytesPerSecond()
	if rate <= 0 || size <= 0 {
		return 0
	}
	return time.Duration(float64(size) / float64(rate) * float64(time.Second))
}
