// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/bounded"
)

// lifecycle is what the SDK's providers have in common.
type lifecycle interface {
	ForceFlush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// The names of the components in errors.
const (
	tracerProvider = "the tracer provider"
	meterProvider  = "the meter provider"
	loggerProvider = "the logger provider"
	logExporter    = "the log exporter"
)

// named is a component with its name in errors.
type named struct {
	lifecycle

	name string
}

// nameOf returns the name of a component in errors.
func nameOf(component any) string {
	switch c := component.(type) {
	case named:
		return c.name
	case interface{ Name() string }:
		return c.Name()
	}
	return fmt.Sprintf("the log output %T", component)
}

// step is one component that is flushed and shut down, in bounded time.
type step struct {
	lifecycle

	component *bounded.Component
}

func newStep(of lifecycle) step { return step{of, bounded.New(nameOf(of))} }

// steps are all components of a set.
type steps struct {
	groups  []group
	outputs []step             // Lines that were logged after the groups.
	files   []step             // Closed after those.
	log     *bounded.Component // The log, which reports what was left behind.
}

// group is the components that are flushed and shut down side by side, and the share that
// they get of the time: its weight divided by those of the groups that are left.
type group struct {
	weight int
	steps  []step
	spool  bool // It reports by itself what it could not send in time.
}

// arrange puts the components in order: spans and logs, then metrics, which report what the
// others lost, then the spool, which has all of it by then. The weights leave each group
// time when all before it hang: of 5 s, 2.5 s, 1.25 s and 1 s.
func (s *Set) arrange() {
	signals := group{weight: 10}
	for _, signal := range s.signals {
		signals.steps = append(signals.steps, newStep(signal))
	}
	s.steps.groups = append(s.steps.groups, signals)
	if s.metrics != nil {
		s.steps.groups = append(s.steps.groups, group{weight: 5, steps: []step{newStep(s.metrics)}})
	}
	if s.spool != nil {
		s.steps.groups = append(s.steps.groups, group{weight: 4, steps: []step{newStep(named{s.spool, "the spool"})}, spool: true})
	}
	for _, out := range s.outputs {
		s.steps.outputs = append(s.steps.outputs, newStep(out))
	}
	for _, c := range s.closers {
		s.steps.files = append(s.steps.files, step{closer{c}, bounded.New(nameOf(c))})
	}
	s.steps.log = bounded.New("the log")
}

// closer is an output that is closed at the end.
type closer struct{ io.Closer }

// ForceFlush does nothing: outputs are flushed among the signals.
func (closer) ForceFlush(context.Context) error { return nil }

// Shutdown closes the output.
func (c closer) Shutdown(context.Context) error { return c.Close() }

// ForceFlush sends pending telemetry, in bounded time. A component that does not return in
// its time is left behind and named in the error; the others are flushed.
func (s *Set) ForceFlush(ctx context.Context) error {
	s.order.Do(s.arrange)
	ctx, cancel := s.Bounded(ctx)
	defer cancel()
	before, done := share(ctx, 19, 20)
	defer done()
	err, late := s.inOrder(before, func(ctx context.Context, step step) error {
		return step.component.Flush(ctx, step.ForceFlush)
	})
	s.reportHang(ctx, "flush", late)
	return err
}

// Shutdown sends pending telemetry and releases what the set owns, in bounded time. A
// component that does not return in its time is left behind and named in the error; the
// others are flushed and shut down. It is called once.
func (s *Set) Shutdown(ctx context.Context) error {
	s.order.Do(s.arrange)
	ctx, cancel := s.Bounded(ctx)
	defer cancel()
	shutdown := func(ctx context.Context, step step) error { return step.component.Call(ctx, step.Shutdown) }
	s.tellFilter(ctx)
	before, done := share(ctx, 9, 10) // The rest is for the report, the lines that come last, and the files.
	defer done()
	err, late := s.inOrder(before, shutdown)
	s.reportHang(ctx, "shutdown", late)
	last, stop := share(ctx, 1, 2)
	defer stop()
	err = errors.Join(err, sideBySide(last, s.steps.outputs, shutdown))
	return errors.Join(err, sideBySide(ctx, s.steps.files, shutdown))
}

// Bounded returns a context for work that must be done whether or not the caller's was
// cancelled, but in bounded time: until the deadline of ctx or, if it has none or it has
// passed, for the time that is configured.
func (s *Set) Bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return bounded.Context(ctx, s.timeout)
}

// inOrder runs the operation on one group after the other, each within its share of the time. It returns
// the errors, and separately those of components that hung or ran out of time.
func (s *Set) inOrder(ctx context.Context, do func(context.Context, step) error) (all, late error) {
	weights := 0
	for _, g := range s.steps.groups {
		weights += g.weight
	}
	for _, g := range s.steps.groups {
		within, cancel := share(ctx, g.weight, weights)
		err := sideBySide(within, g.steps, do)
		cancel()
		weights -= g.weight
		all = errors.Join(all, err)
		if errors.Is(err, bounded.ErrLeftBehind) || errors.Is(err, context.DeadlineExceeded) && !g.spool {
			late = errors.Join(late, err)
		}
	}
	return all, late
}

// share returns ctx with part of whole of the time that is left.
func share(ctx context.Context, part, whole int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || part == whole {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(whole)*time.Duration(part))
}

// sideBySide runs the operation on all steps concurrently.
func sideBySide[T any](ctx context.Context, all []T, do func(context.Context, T) error) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { errs[i] = do(ctx, all[i]) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// tellFilter logs the effect of the module filter, if it may be a mistake.
func (s *Set) tellFilter(ctx context.Context) {
	if s.Logs == nil || !s.Logs.FilterInDoubt() {
		return
	}
	ctx, cancel := share(ctx, 1, 20)
	defer cancel()
	_ = s.steps.log.Call(ctx, func(ctx context.Context) error {
		s.Logs.ReportFilter(ctx)
		return nil
	})
}

// reportHang logs the components that were left behind, in half of the remaining time,
// because the log itself may hang.
func (s *Set) reportHang(ctx context.Context, operation string, err error) {
	if s.Logs == nil || err == nil || s.steps.log.Hanging() > 0 {
		return
	}
	ctx, cancel := share(ctx, 1, 2)
	defer cancel()
	_ = s.steps.log.Call(ctx, func(context.Context) error {
		s.Faults.Report(operation, fmt.Errorf("%s is incomplete: %w", operation, err))
		return nil
	})
}
