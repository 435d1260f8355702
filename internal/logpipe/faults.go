// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// Faults counts and logs the faults of code that the program brings: providers, processors,
// samplers, outputs, observers. It is safe for concurrent use.
type Faults struct {
	redactor *redaction.Engine
	panics   atomic.Uint64
	observed atomic.Bool              // A metric reports the panics.
	logs     atomic.Pointer[Provider] // Nil until there is a log.

	mu         sync.Mutex
	components map[string]otel.ErrorHandler // The rate limit of each component.
}

// NewFaults returns faults without a log. [New] gives them one.
func NewFaults(r *redaction.Engine) *Faults { return &Faults{redactor: r} }

// maxComponents bounds how many components have a rate limit of their own.
const maxComponents = 64

// Panics returns how many panics were recovered.
func (f *Faults) Panics() uint64 { return f.panics.Load() }

// FirstObserver reports whether this is its first call. Telemetry that shares the faults calls it
// before it reports the panics as a metric: two would report the sum.
func (f *Faults) FirstObserver() bool { return !f.observed.Swap(true) }

// Recovered counts a panic, and logs it at most once in 30 s for each component. It is called
// where the panic was recovered.
func (f *Faults) Recovered(component string, value any) {
	f.panics.Add(1)
	f.Report(component, fmt.Errorf("%s panicked, fix it or leave it out: %w", component, failure.NewPanic(value)))
}

// Report logs a fault, at most once in 30 s for each component. The log itself may be at fault,
// and panic: the fault is then written to the standard error.
func (f *Faults) Report(component string, err error) {
	defer func() {
		if recover() != nil {
			fmt.Fprintf(os.Stderr, "otelvoice: %s\n", f.redactor.String(failure.Message(err)))
		}
	}()
	if logs := f.logs.Load(); logs != nil {
		f.log(logs, component).Handle(err)
	}
}

func (f *Faults) log(logs *Provider, component string) otel.ErrorHandler {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l := f.components[component]; l != nil {
		return l
	}
	if len(f.components) >= maxComponents {
		component = ""
		if l := f.components[component]; l != nil {
			return l
		}
	}
	l := NewErrorLog(slog.New(NewHandler(TelemetryModule, "", logs)))
	if f.components == nil {
		f.components = make(map[string]otel.ErrorHandler)
	}
	f.components[component] = l
	return l
}

// Guard returns a logger provider of the program's. Panics in it are recovered, counted and
// reported under the name of the component.
func (f *Faults) Guard(next log.LoggerProvider, component string) log.LoggerProvider {
	return guardedProvider{next, f, component}
}

type guardedProvider struct {
	log.LoggerProvider

	faults    *Faults
	component string
}

// Logger returns a guarded logger.
func (g guardedProvider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	return guardedLogger{g.LoggerProvider.Logger(name, opts...), g}
}

type guardedLogger struct {
	log.Logger

	provider guardedProvider
}

// Enabled asks the logger. One that panics may want the record.
func (g guardedLogger) Enabled(ctx context.Context, param log.EnabledParameters) (enabled bool) {
	defer func() {
		if v := recover(); v != nil {
			g.provider.faults.Recovered(g.provider.component, v)
			enabled = true
		}
	}()
	return g.Logger.Enabled(ctx, param)
}

// Emit hands the record on.
func (g guardedLogger) Emit(ctx context.Context, record log.Record) {
	defer func() {
		if v := recover(); v != nil {
			g.provider.faults.Recovered(g.provider.component, v)
		}
	}()
	g.Logger.Emit(ctx, record)
}
