// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestDrawsKeepToTheirBounds(t *testing.T) {
	for p := transcription; p <= outageNotice; p++ {
		low, high := p.bounds()
		d := newDice(1, "bounds")
		var draws []time.Duration
		for range 1000 {
			draws = append(draws, d.draw(p))
		}
		slices.Sort(draws)
		median, middle := draws[500], time.Duration(math.Sqrt(float64(low)*float64(high)))
		if draws[0] < low || draws[999] > high || median < middle*9/10 || median > middle*11/10 {
			t.Errorf("part %d: got %v to %v around %v, want %v to %v around %v", p, draws[0], draws[999], median, low, high, middle)
		}
	}
}

func TestOneSeedGivesOneStory(t *testing.T) {
	story := func(seed uint64, questions ...string) map[string][]time.Duration {
		s := &Server{opts: Options{Seed: seed}, asked: make(map[string]int)}
		spokenText := make(map[string][]time.Duration)
		for _, q := range questions {
			spokenText[q] = append(spokenText[q], s.dice(q).draw(firstToken))
		}
		return spokenText
	}
	first := story(1, "a", "b", "a", "c")
	shuffled := story(1, "c", "a", "a", "b")
	for q, want := range first {
		if got := shuffled[q]; !slices.Equal(got, want) {
			t.Errorf("question %s in another order: got %v, want %v", q, got, want)
		}
	}
	if first["a"][0] == first["a"][1] {
		t.Errorf("asked again: got %v twice, want another delay", first["a"][0])
	}
	if other := story(2, "a", "b", "c"); other["b"][0] == first["b"][0] && other["c"][0] == first["c"][0] {
		t.Error("another seed gives the same delays")
	}
}

func TestClockPassesTimeAtItsSpeed(t *testing.T) {
	tests := map[string]struct {
		speed float64
		want  time.Duration
	}{
		"life":         {1, time.Minute},
		"twenty times": {20, 3 * time.Second},
		"zero is life": {0, time.Minute},
		"negative":     {-1, time.Minute},
		"NaN":          {math.NaN(), time.Minute},
		"half":         {0.5, 2 * time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				if err := newClock(tt.speed).wait(t.Context(), time.Minute); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(start); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestWaitEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(interrupted) })
		start := time.Now()
		if err := newClock(1).wait(ctx, time.Hour); !errors.Is(err, interrupted) {
			t.Errorf("got %v, want %v", err, interrupted)
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("got %v, want 1s", got)
		}
	})
}
