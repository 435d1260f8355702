// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/voice-agents/telemetry/internal/failure"
)

// signalWatch is the goroutine that shuts telemetry down on a signal. Methods on a nil one
// do nothing.
type signalWatch struct {
	signals chan os.Signal
	quit    chan struct{} // Closed by stop.
	once    sync.Once
	done    chan struct{} // Closed when the goroutine ends.
}

// watchSignals calls shutdown on the first signal, and raises the signal again if shutdown
// says so.
func watchSignals(shutdown func(os.Signal) (raise bool)) *signalWatch {
	w := &signalWatch{signals: make(chan os.Signal, 1), quit: make(chan struct{}), done: make(chan struct{})}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if !signal.Ignored(s) {
			signal.Notify(w.signals, s)
		}
	}
	deaths.watch()
	go w.run(shutdown)
	return w
}

func (w *signalWatch) run(shutdown func(os.Signal) (raise bool)) {
	defer close(w.done)
	select {
	case s := <-w.signals:
		signal.Stop(w.signals) // A second one ends the process at once.
		if !shutdown(s) {
			s = nil
		}
		deaths.leave(s)
	case <-w.quit:
		signal.Stop(w.signals)
		deaths.leave(nil)
	}
}

// stop ends the watch and waits for its goroutine.
func (w *signalWatch) stop(ctx context.Context) {
	if w == nil {
		return
	}
	w.once.Do(func() { close(w.quit) })
	select {
	case <-w.done:
	case <-ctx.Done():
	}
}

// shutdownOnSignal is called by the watch.
func (s *SDK) shutdownOnSignal(received os.Signal) (raise bool) {
	ctx, cancel := s.set.Bounded(context.Background())
	defer cancel()
	s.lastLine(ctx, slog.LevelWarn, "signal received, shutting down", slog.String("signal", received.String()))
	if err := s.shutdown(ctx, ctx); err != nil {
		// The log is closed, and nothing else is left to report it to.
		fmt.Fprintf(os.Stderr, "%s\n", s.redacted(failure.Message(err)))
	}
	return !s.asked.Load() // The program that calls Shutdown itself ends by itself.
}

// deaths makes several watches end the process once, when the last is done. It is a global
// because the process is.
var deaths signalDeaths

type signalDeaths struct {
	mu       sync.Mutex
	watching int
	raise    os.Signal
}

func (d *signalDeaths) watch() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watching++
}

// leave ends a watch, and the process by the signal if one is to be raised and no other
// watch goes on.
func (d *signalDeaths) leave(raise os.Signal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watching--
	if raise != nil {
		d.raise = raise
	}
	if d.watching > 0 || d.raise == nil {
		return
	}
	raise, d.raise = d.raise, nil
	dieOf(raise)
}
