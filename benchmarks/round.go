// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"runtime"
	"slices"
	"sync"
	"time"
)

// A contender does a piece of work its own way.
type contender struct {
	name string
	// start makes what the contender needs. Run does the work n times, and is called by
	// several goroutines at once if parallel is asked for; settle, which may be nil, is
	// called between two runs and is not measured; stop ends it.
	start func() (work, error)
}

type work struct {
	run    func(n int)
	settle func()
	stop   func()
}

// figure is what was measured of a contender.
type figure struct {
	name   string
	time   time.Duration // Of one piece of work: the median of the rounds.
	ratio  float64       // To the base in the same round: the median of the rounds.
	low    float64       // The quartiles of the ratio.
	high   float64
	allocs float64
	bytes  float64
}

// plan says how much is measured.
type plan struct {
	rounds   int
	each     time.Duration // About how long a contender runs in a round.
	most     int           // Pieces of work in a run; 0 is any number.
	parallel bool
}

// measure pairs each contender with the first, round by round: what the machine does
// meanwhile, which on a shared one is a third more or less, it does to both.
func (p plan) measure(contenders []contender) ([]figure, error) {
	works := make([]work, len(contenders))
	counts := make([]int, len(contenders))
	defer func() {
		for _, w := range works {
			if w.stop != nil {
				w.stop()
			}
		}
	}()
	for i, c := range contenders {
		w, err := c.start()
		if err != nil {
			return nil, err
		}
		works[i] = w
		counts[i] = p.count(w)
	}
	times := make([][]float64, len(contenders))
	ratios := make([][]float64, len(contenders))
	for round := range p.rounds {
		order := make([]int, len(contenders))
		for i := range order {
			order[i] = (i + round) % len(order) // Nobody is always first after a rest.
		}
		for _, i := range order {
			times[i] = append(times[i], p.once(works[i], counts[i]))
		}
		for i := range contenders {
			ratios[i] = append(ratios[i], times[i][round]/times[0][round])
		}
	}
	figures := make([]figure, len(contenders))
	for i, c := range contenders {
		f := figure{
			name: c.name, time: time.Duration(quantile(times[i], .5)),
			ratio: quantile(ratios[i], .5), low: quantile(ratios[i], .25), high: quantile(ratios[i], .75),
		}
		f.allocs, f.bytes = memory(works[i], counts[i])
		figures[i] = f
	}
	return figures, nil
}

// count returns how often the work is done in a run.
func (p plan) count(w work) int {
	n := 16
	for {
		took := time.Duration(p.once(w, n) * float64(n))
		if p.most > 0 && n >= p.most {
			return p.most
		}
		if took >= p.each/2 {
			return max(int(float64(n)*float64(p.each)/float64(took)), 1)
		}
		n *= 2
	}
}

// once returns the nanoseconds that a piece of work takes.
func (p plan) once(w work, n int) float64 {
	if w.settle != nil {
		w.settle()
	}
	runtime.GC() // What others have left behind is not this one's to sweep.
	start := time.Now()
	if !p.parallel {
		w.run(n)
		return float64(time.Since(start)) / float64(n)
	}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for range workers {
		wg.Go(func() { w.run(n / workers) })
	}
	wg.Wait()
	return float64(time.Since(start)) / float64(n)
}

// memory returns what a piece of work allocates, what its helpers do meanwhile included.
func memory(w work, n int) (allocs, bytes float64) {
	if w.settle != nil {
		w.settle()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w.run(n)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

// quantile returns a quantile of values, which it does not change.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1)+.5)]
}
