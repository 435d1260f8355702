// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package speechtrack_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording/internal/speechtrack"
)

const ms = time.Millisecond

// track returns the speech in audio, read in pieces of a size.
func track(a *syllables.Audio, gap time.Duration, piece int) []speechtrack.Interval {
	t := speechtrack.New(a.Rate, gap)
	samples := make([]float32, len(a.Samples))
	for i := range samples {
		samples[i] = float32(a.Sample(i)) / 32768
	}
	for part := range slices.Chunk(samples, piece) {
		t.Write(part)
	}
	return t.Close()
}

// check compares intervals with a tolerance.
func check(t *testing.T, got, want []speechtrack.Interval, tolerance time.Duration) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("\ngot  %v\nwant %v", got, want)
	}
	for i := range got {
		for _, d := range []time.Duration{got[i].Start - want[i].Start, got[i].End - want[i].End} {
			if d.Abs() > tolerance {
				t.Errorf("interval %d is %v, want %v within %v", i, got[i], want[i], tolerance)
			}
		}
	}
}

var spoken = []speechtrack.Interval{
	{317 * ms, 1204 * ms},
	{2500 * ms, 2731 * ms}, // A backchannel.
	{4003 * ms, 9999 * ms},
	{10700 * ms, 12345 * ms},
}

func speak(rate int, level float64) *syllables.Audio {
	a := syllables.Silence(rate, 13*time.Second)
	for _, s := range spoken {
		a.Speak(s.Start, s.End, level)
	}
	return a
}

func TestEdges(t *testing.T) {
	for _, rate := range []int{8000, 16000, 22050, 24000, 44100, 48000} {
		for _, tt := range []struct {
			name      string
			level     float64
			change    func(*syllables.Audio)
			tolerance time.Duration
		}{
			{"clean", -20, func(*syllables.Audio) {}, 5 * ms},
			{"clean and quiet", -32, func(*syllables.Audio) {}, 5 * ms},
			{"clipped", 6, func(*syllables.Audio) {}, 5 * ms},
			{"noise at 30 dB", -20, func(a *syllables.Audio) { a.Noise(-50, 1) }, 10 * ms},
			{"noise at 20 dB", -20, func(a *syllables.Audio) { a.Noise(-40, 2) }, 10 * ms},
			{"offset", -20, func(a *syllables.Audio) { shift(a, 0.2) }, 5 * ms},
			{"offset and noise", -20, func(a *syllables.Audio) { shift(a, -0.1); a.Noise(-40, 3) }, 10 * ms},
			{"hum", -20, func(a *syllables.Audio) { hum(a, 50, -45) }, 10 * ms},
		} {
			t.Run(fmt.Sprintf("%d Hz/%s", rate, tt.name), func(t *testing.T) {
				a := speak(rate, tt.level)
				tt.change(a)
				check(t, track(a, 0, 777), spoken, tt.tolerance)
			})
		}
	}
}

// shift adds a DC offset.
func shift(a *syllables.Audio, offset float64) {
	for i := range a.Samples {
		a.Samples[i] += offset
	}
}

// hum adds a tone.
func hum(a *syllables.Audio, frequency, level float64) {
	gain := math.Sqrt2 * math.Pow(10, level/20)
	for i := range a.Samples {
		a.Samples[i] += gain * math.Sin(2*math.Pi*frequency*float64(i)/float64(a.Rate))
	}
}

// The noise of a line changes: it doubles in the middle of the call.
func TestNoiseThatChanges(t *testing.T) {
	a := syllables.Silence(8000, 2*time.Minute)
	var want []speechtrack.Interval
	for at := time.Second; at < 110*time.Second; at += 7 * time.Second {
		want = append(want, speechtrack.Interval{Start: at, End: at + 2*time.Second})
		a.Speak(at, at+2*time.Second, -20)
	}
	loud := syllables.Silence(8000, time.Minute)
	loud.Noise(-42, 4)
	quiet := syllables.Silence(8000, time.Minute)
	quiet.Noise(-52, 5)
	for i := range a.Samples {
		if i < len(quiet.Samples) {
			a.Samples[i] += quiet.Samples[i]
		} else {
			a.Samples[i] += loud.Samples[i-len(quiet.Samples)]
		}
	}
	got := track(a, 0, 160)
	// For 15 s before the step, the estimate is that of the quiet half, and after it as long.
	got = slices.DeleteFunc(got, func(s speechtrack.Interval) bool { return s.Start > 45*time.Second && s.Start < 75*time.Second })
	want = slices.DeleteFunc(want, func(s speechtrack.Interval) bool { return s.Start > 45*time.Second && s.Start < 75*time.Second })
	check(t, got, want, 10*ms)
}

func TestWhatIsNoSpeech(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(*syllables.Audio)
	}{
		{"silence", func(*syllables.Audio) {}},
		{"noise", func(a *syllables.Audio) { a.Noise(-40, 1) }},
		{"loud noise", func(a *syllables.Audio) { a.Noise(-31, 1) }},
		{"offset", func(a *syllables.Audio) { shift(a, 0.3) }},
		{"hum", func(a *syllables.Audio) { hum(a, 60, -40) }},
		{"a click", func(a *syllables.Audio) { a.Speak(time.Second, time.Second+8*ms, -10) }},
		{"a sample", func(a *syllables.Audio) { a.Samples[5000] = 1 }},
		{"clicks in noise", func(a *syllables.Audio) {
			a.Noise(-45, 2)
			a.Speak(time.Second, time.Second+10*ms, -12)
			a.Speak(1400*ms, 1410*ms, -12)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := syllables.Silence(16000, 5*time.Second)
			tt.make(a)
			if got := track(a, 0, 1000); len(got) > 0 {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestPauses(t *testing.T) {
	a := syllables.Silence(16000, 6*time.Second)
	a.Speak(1000*ms, 1500*ms, -20)
	a.Speak(1740*ms, 2500*ms, -20) // After 240 ms.
	a.Speak(2770*ms, 3300*ms, -20) // After 270 ms.
	a.Speak(3360*ms, 3372*ms, -25) // The release of a plosive after a closure of 60 ms.
	for _, tt := range []struct {
		gap  time.Duration
		want []speechtrack.Interval
	}{
		{0, []speechtrack.Interval{{1000 * ms, 2500 * ms}, {2770 * ms, 3372 * ms}}},
		{300 * ms, []speechtrack.Interval{{1000 * ms, 3372 * ms}}},
		{200 * ms, []speechtrack.Interval{{1000 * ms, 1500 * ms}, {1740 * ms, 2500 * ms}, {2770 * ms, 3372 * ms}}},
	} {
		check(t, track(a, tt.gap, 4096), tt.want, 5*ms)
	}
}

// Sound that reaches both ends of the audio has them as its edges.
func TestSoundAtTheEnds(t *testing.T) {
	for _, d := range []time.Duration{60 * ms, 333 * ms, 700 * ms, 40 * time.Second} {
		a := syllables.Silence(8000, d)
		hum(a, 440, -10)
		check(t, track(a, 0, 999), []speechtrack.Interval{{0, d}}, 1*ms)
	}
	if got := track(syllables.Silence(8000, 0), 0, 1); got != nil {
		t.Errorf("got %v without samples", got)
	}
}

// Pieces of any size give the same intervals.
func TestPieces(t *testing.T) {
	a := speak(44100, -20)
	a.Noise(-50, 9)
	want := track(a, 0, len(a.Samples))
	for _, piece := range []int{1, 7, 160, 44100} {
		if got := track(a, 0, piece); !slices.Equal(got, want) {
			t.Errorf("in pieces of %d:\ngot  %v\nwant %v", piece, got, want)
		}
	}
}

// A recording of two hours takes no more memory than one of a minute.
func TestMemoryIsBounded(t *testing.T) {
	a := speak(4000, -20)
	samples := make([]float32, len(a.Samples))
	for i, s := range a.Samples {
		samples[i] = float32(s)
	}
	tracker := speechtrack.New(4000, 0)
	measure := func(times int) uint64 {
		for range times {
			tracker.Write(samples)
		}
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := measure(6)
	after := measure(548)
	if after > before+500_000 {
		t.Errorf("%d bytes after a minute, %d after two hours", before, after)
	}
	if got := len(tracker.Close()); got != 554*len(spoken) {
		t.Errorf("%d intervals, want %d", got, 554*len(spoken))
	}
}

func BenchmarkTracker(b *testing.B) {
	a := speak(16000, -20)
	samples := make([]float32, len(a.Samples))
	for i, s := range a.Samples {
		samples[i] = float32(s)
	}
	b.ReportAllocs()
	for b.Loop() {
		t := speechtrack.New(16000, 0)
		t.Write(samples)
		t.Close()
	}
	b.ReportMetric(13*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
}
