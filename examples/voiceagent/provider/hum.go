// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"time"
)

const samplesAMillisecond = sampleRate / 1000

// hum is a voice: after a silence, a pitch with two overtones whose loudness varies like
// syllables.
type hum struct {
	pitch   float64 // Hz
	silence int     // samples
	at      int     // samples already made
}

func newHum(name string, silence time.Duration) *hum {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // writes to a hash never fail
	return &hum{
		pitch:   100 + float64(h.Sum32()%120),
		silence: int(silence.Microseconds()) * samplesAMillisecond / 1000,
	}
}

// appendSamples appends the next n samples.
func (h *hum) appendSamples(b []byte, n int) []byte {
	const (
		syllables = 4.0 // a second
		loudness  = 6000.0
	)
	for range n {
		var v float64
		if h.at >= h.silence {
			t := 2 * math.Pi * float64(h.at-h.silence) / sampleRate
			swing := 0.5 - 0.5*math.Cos(t*syllables)
			p := t * h.pitch
			v = loudness * swing * (math.Sin(p) + 0.5*math.Sin(2*p) + 0.25*math.Sin(3*p))
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(v)))
		h.at++
	}
	return b
}
