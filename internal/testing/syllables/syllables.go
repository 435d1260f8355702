// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package syllables synthesises sound that resembles speech, with known edges, for the tests of what
// listens. The same arguments give the same samples.
package syllables

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"
)

// Audio is samples of one channel, from -1 to 1.
type Audio struct {
	Rate    int
	Samples []float64
}

// Silence returns audio without sound.
func Silence(rate int, d time.Duration) *Audio {
	return &Audio{rate, make([]float64, index(rate, d))}
}

// index is the number of samples in d.
func index(rate int, d time.Duration) int {
	return int(int64(d) * int64(rate) / int64(time.Second))
}

// Speak adds syllables from start to end: pulses of a voice and noise through two formants, in
// syllables of 90 to 220 ms with dips of 20 to 90 ms between them. The level is the power of the
// syllables in dB of full scale. The sound rises and falls within 4 ms at both ends.
func (a *Audio) Speak(start, end time.Duration, level float64) {
	from, to := max(index(a.Rate, start), 0), min(index(a.Rate, end), len(a.Samples))
	if from >= to {
		return
	}
	rng := rand.New(rand.NewPCG(uint64(start), uint64(end)))
	ms := func(n float64) int { return int(n * float64(a.Rate) / 1000) }
	sound := make([]float64, to-from)
	for at := 0; at < len(sound); {
		n := min(ms(90+130*rng.Float64()), len(sound)-at)
		if len(sound)-at-n < ms(120) { // The last syllable reaches the end.
			n = len(sound) - at
		}
		syllable(sound[at:at+n], a.Rate, rng)
		at += n + ms(20+70*rng.Float64())
	}
	power := 0.0
	voiced := 0
	for _, s := range sound {
		if s != 0 {
			power += s * s
			voiced++
		}
	}
	gain := math.Sqrt(math.Pow(10, level/10) / (power / float64(max(voiced, 1))))
	for i, s := range sound {
		a.Samples[from+i] += s * gain
	}
}

// syllable fills out with one syllable.
func syllable(out []float64, rate int, rng *rand.Rand) {
	pitch := 95 + 110*rng.Float64()
	first := resonator(350+450*rng.Float64(), 90, rate)
	second := resonator(min(1100+1100*rng.Float64(), 0.4*float64(rate)), 140, rate)
	ramp := rate * 4 / 1000
	phase := 0.0
	for i := range out {
		source := 0.05 * rng.NormFloat64()
		if phase += pitch / float64(rate); phase >= 1 {
			phase--
			source++
		}
		sound := first(source) + 0.6*second(source)
		edge := min(i, len(out)-1-i)
		envelope := 0.55 + 0.45*math.Sin(math.Pi*float64(i)/float64(len(out)))
		if edge < ramp {
			envelope *= 0.5 - 0.5*math.Cos(math.Pi*float64(edge+1)/float64(ramp+1))
		}
		out[i] = sound * envelope
	}
}

// resonator is a formant of two poles. It is warm: it has run before its first sample.
func resonator(frequency, bandwidth float64, rate int) func(float64) float64 {
	r := math.Exp(-math.Pi * bandwidth / float64(rate))
	c := 2 * r * math.Cos(2*math.Pi*frequency/float64(rate))
	y1, y2 := 1.0, 0.8
	return func(x float64) float64 {
		y := x + c*y1 - r*r*y2
		y1, y2 = y, y1
		return y
	}
}

// Noise adds white noise with a power in dB of full scale.
func (a *Audio) Noise(level float64, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	gain := math.Pow(10, level/20)
	for i := range a.Samples {
		a.Samples[i] += gain * rng.NormFloat64()
	}
}

// Sample returns sample i as 16 bits. It clips.
func (a *Audio) Sample(i int) int16 {
	return int16(math.Round(32767 * min(max(a.Samples[i], -1), 1)))
}

// WAV returns a file of 16-bit PCM with the channels side by side. They have one rate, and the length
// of the first.
func WAV(channels ...*Audio) []byte {
	le := binary.LittleEndian
	rate, n := channels[0].Rate, len(channels[0].Samples)
	width := 2 * len(channels)
	file := append(le.AppendUint32([]byte("RIFF"), uint32(36+n*width)), "WAVEfmt "...)
	file = le.AppendUint32(file, 16)
	file = le.AppendUint16(file, 1)
	file = le.AppendUint16(file, uint16(len(channels)))
	file = le.AppendUint32(file, uint32(rate))
	file = le.AppendUint32(file, uint32(rate*width))
	file = le.AppendUint16(file, uint16(width))
	file = le.AppendUint16(file, 16)
	file = le.AppendUint32(append(file, "data"...), uint32(n*width))
	for i := range n {
		for _, c := range channels {
			file = le.AppendUint16(file, uint16(c.Sample(i)))
		}
	}
	return file
}
