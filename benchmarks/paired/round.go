// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package paired measures alternative implementations of some work, each beside the first in the
// same round, and writes tables of their costs.
package paired

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A Contender is one implementation of the work.
type Contender struct {
	Name string
	// Start creates what the contender needs.
	Start func() (Work, error)
}

// Work is the work of a contender.
type Work struct {
	// Run does the work n times; several goroutines call it concurrently if the plan is parallel.
	Run func(n int)
	// Settle, which may be nil, is called after each run and is not measured. It waits for
	// background work, and fails if the work was not done.
	Settle func() error
	// Stop, which may be nil, ends the work.
	Stop func()
}

// Settled settles the work, and reports whether it was done.
func (w Work) Settled() error {
	if w.Settle == nil {
		return nil
	}
	return w.Settle()
}

// Also settles and stops what is behind the work, too.
func (w Work) Also(settle func() error, stop func()) Work {
	own, ended := w.Settled, w.Stop
	w.Settle = func() error { return errors.Join(own(), settle()) }
	w.Stop = func() {
		if ended != nil {
			ended()
		}
		stop()
	}
	return w
}

// Figure is a contender's measurement.
type Figure struct {
	Name   string
	Time   time.Duration // Of one piece of work: the median of the rounds.
	Ratio  float64       // The ratio to the baseline in the same round: the median of the rounds.
	Low    float64       // The quartiles of the ratio.
	High   float64
	Allocs float64
	Bytes  float64
}

// Plan configures a measurement.
type Plan struct {
	Rounds   int
	Each     time.Duration // About how long a contender runs in a round.
	Most     int           // The maximum of pieces of work in a run; 0 for no limit.
	Parallel bool
	CPU      bool // Time is the CPU time of the whole process instead of the clock's.
	Held     bool // Bytes are those in use behind the work, before it settles, instead of all that were allocated.
	Size     int  // Bytes of a piece of work if the throughput is reported; else 0.
}

// Measure pairs each contender with the first, round by round: the machine's load, which changes
// times by a third or more on a shared machine, affects both.
func (p Plan) Measure(contenders []Contender) ([]Figure, error) {
	works := make([]Work, len(contenders))
	counts := make([]int, len(contenders))
	defer func() {
		for _, w := range works {
			if w.Stop != nil {
				w.Stop()
			}
		}
	}()
	for i, c := range contenders {
		w, err := c.Start()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		works[i] = w
		if counts[i], err = p.count(w); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	times := make([][]float64, len(contenders))
	ratios := make([][]float64, len(contenders))
	for round := range p.Rounds {
		for turn := range contenders {
			i := (turn + round) % len(contenders) // No contender is always the first after a pause.
			took, err := p.once(works[i], counts[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", contenders[i].Name, err)
			}
			times[i] = append(times[i], took)
		}
		for i := range contenders {
			ratios[i] = append(ratios[i], times[i][round]/times[0][round])
		}
	}
	figures := make([]Figure, len(contenders))
	for i, c := range contenders {
		f := Figure{
			Name: c.Name, Time: time.Duration(quantile(times[i], .5)),
			Ratio: quantile(ratios[i], .5), Low: quantile(ratios[i], .25), High: quantile(ratios[i], .75),
		}
		var err error
		if f.Allocs, f.Bytes, err = p.memory(works[i], counts[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		figures[i] = f
	}
	return figures, nil
}

// count returns the number of repetitions in a run.
func (p Plan) count(w Work) (int, error) {
	most := p.Most
	if most <= 0 {
		most = 1 << 30
	}
	for n := min(16, most); ; n = min(2*n, most) {
		took, err := p.once(w, n)
		if err != nil || n == most {
			return n, err
		}
		if all := took * float64(n); all >= float64(p.Each)/2 {
			return min(max(int(float64(n)*float64(p.Each)/all), 1), most), nil
		}
	}
}

// once returns the nanoseconds of a piece of work.
func (p Plan) once(w Work, n int) (float64, error) {
	runtime.GC() // A contender does not sweep the garbage of the others.
	spent, began := cpu(), time.Now()
	if p.Parallel {
		InParallel(runtime.GOMAXPROCS(0), n, w.Run)
	} else {
		w.Run(n)
	}
	took := time.Since(began)
	if p.CPU {
		took = cpu() - spent
	}
	return float64(took) / float64(n), w.Settled()
}

// InParallel lets a number of goroutines do their parts of n.
func InParallel(workers, n int, run func(n int)) {
	var wg sync.WaitGroup
	for i := range workers {
		part := n*(i+1)/workers - n*i/workers
		wg.Go(func() { run(part) })
	}
	wg.Wait()
}

// memory returns the allocations of a piece of work, including those of background work, and their
// bytes.
func (p Plan) memory(w Work, n int) (allocs, bytes float64, err error) {
	var before, after runtime.MemStats
	if p.Held {
		collect()
	}
	runtime.ReadMemStats(&before)
	w.Run(n)
	if p.Held {
		collect()
	}
	runtime.ReadMemStats(&after)
	bytes = float64(after.TotalAlloc - before.TotalAlloc)
	if p.Held {
		bytes = float64(after.HeapAlloc) - float64(before.HeapAlloc)
	}
	return float64(after.Mallocs-before.Mallocs) / float64(n), bytes / float64(n), w.Settled()
}

// collect collects all garbage. Pools are emptied by the second collection.
func collect() {
	runtime.GC()
	runtime.GC()
}

// quantile returns a quantile of values, which stay unchanged.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1)+.5)]
}
