// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command calls makes many concurrent calls with providers that need no time, and reports the costs
// on standard output. Its log lines go to a file that discards them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/e2e/load"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

type config struct {
	calls, turns, rounds int
	telemetry, work      string
	pause                time.Duration
	ledger, profile      string
}

func main() {
	var cfg config
	flag.IntVar(&cfg.calls, "calls", 1000, "how many calls go on at a time")
	flag.IntVar(&cfg.turns, "turns", 10, "how many turns a call has")
	flag.IntVar(&cfg.rounds, "rounds", 3, "how often all of it is done")
	flag.StringVar(&cfg.telemetry, "telemetry", "on", "on, off (nil, the same work), or no-export (all is recorded, and nothing sent)")
	flag.StringVar(&cfg.work, "work", "hand", "hand (calls are recorded by hand) or pipe (a pipeline runs them)")
	flag.DurationVar(&cfg.pause, "pause", 0, "between the turns of a call, on average")
	flag.StringVar(&cfg.ledger, "ledger", "", "the file that the ids of spans are written to, at the end")
	flag.StringVar(&cfg.profile, "cpuprofile", "", "the file of a CPU profile of all rounds but the first")
	flag.Parse()
	if err := run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, "calls:", err)
		os.Exit(1)
	}
}

func run(cfg config) (err error) {
	s := &service{cfg: cfg, out: json.NewEncoder(os.Stdout), made: newMade(cfg.rounds * cfg.calls * (1 + spansOfTurn*cfg.turns)), before: runtime.NumGoroutine()}
	if s.tel, err = cfg.setup(s.made); err != nil {
		return err
	}
	if s.work, err = newWork(cfg.work, s.tel.Telemetry); err != nil {
		return err
	}
	if err := s.round(1); err != nil {
		return err
	}
	if cfg.profile != "" {
		stop, err := profile(cfg.profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	for round := 2; round <= cfg.rounds; round++ {
		if err := s.round(round); err != nil {
			return err
		}
	}
	if err := s.tel.Shutdown(context.Background()); err != nil {
		return err
	}
	if err := s.report(load.Ended, 0, used()); err != nil {
		return err
	}
	if cfg.ledger != "" {
		return s.made.write(cfg.ledger)
	}
	return nil
}

// spansOfTurn is the maximum number of spans of a turn.
const spansOfTurn = 6

// setup sets telemetry up. Its lines are encoded and discarded.
func (c config) setup(made *made) (*voicesdk.SDK, error) {
	if c.telemetry == "off" {
		return &voicesdk.SDK{}, nil // The zero SDK records nothing: the baseline.
	}
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	opts := []voicesdk.Option{
		voicesdk.WithServiceName("calls"), voicesdk.WithLogWriter(nowhere), voicesdk.WithSpanProcessor(made), voicesdk.WithShutdownTimeout(time.Minute),
	}
	switch c.telemetry {
	case "on":
	case "no-export":
		opts = append(opts, voicesdk.WithMetricReader(sdkmetric.NewManualReader()), voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	default:
		return nil, fmt.Errorf("-telemetry %s: must be on, off or no-export", c.telemetry)
	}
	return voicesdk.Setup(context.Background(), opts...)
}

// service is the process.
type service struct {
	cfg    config
	work   work
	tel    *voicesdk.SDK
	made   *made
	out    *json.Encoder
	before int // Goroutines.
}

// round makes all calls and waits until their telemetry is delivered.
func (s *service) round(n int) error {
	start := used()
	errs := make(chan error, s.cfg.calls)
	var all sync.WaitGroup
	for range s.cfg.calls {
		all.Go(func() {
			ctx, session := s.tel.StartSession(context.Background())
			defer session.End()
			for turn := range s.cfg.turns {
				if turn > 0 {
					rest(s.cfg.pause)
				}
				if err := s.work(ctx, session); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	err := <-errs
	return errors.Join(err, s.report(load.Made, n, start), s.tel.ForceFlush(context.Background()), s.report(load.Delivered, n, start))
}

// rest is the pause between two turns: random, from 0 to twice the configured one.
func rest(pause time.Duration) {
	if pause > 0 {
		<-time.After(rand.N(2 * pause))
	}
}

// report writes a report.
func (s *service) report(phase string, round int, start usage) error {
	now := used()
	r := load.Report{
		Phase: phase, Round: round, Took: now.at.Sub(start.at), CPU: now.cpu - start.cpu,
		Before: s.before, PeakRSS: peakRSS(), Spans: s.made.count(),
	}
	if phase == load.Made {
		r.Goroutines = runtime.NumGoroutine()
	} else {
		r.Heap, r.Goroutines = inUse(), settled(s.before)
	}
	health := s.tel.Health()
	r.Sending = health.Sending
	for _, lost := range health.LinesLost {
		r.LinesLost += lost
	}
	return s.out.Encode(r)
}

// profile writes a CPU profile until stop is called.
func profile(path string) (stop func(), err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = file.Close() }, nil
}
