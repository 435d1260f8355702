// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/logpipe"
)

// faults are the panics that were recovered, and the logs of faults, by what is at fault.
type faults struct {
	panics atomic.Uint64

	mu   sync.Mutex
	logs map[string]otel.ErrorHandler // Each an errorLog.
}

// maxFaultLogs bounds how many components have a rate limit of their own.
const maxFaultLogs = 64

// Panics returns how many panics of processors, observers and outputs were recovered.
func (s *Set) Panics() uint64 { return s.faults.panics.Load() }

// Recovered counts a panic in code that the program brought, and logs it at most once in
// 30 s for each component. It is called where the panic was recovered.
func (s *Set) Recovered(component string, value any) {
	s.faults.panics.Add(1)
	s.report(component, fmt.Errorf("%s panicked, fix it or leave it out: %w", component, failure.NewPanic(value)))
}

// report logs a fault, unless one of the same component was logged a moment ago. The log
// itself may be at fault, and panic again.
func (s *Set) report(component string, err error) {
	defer func() {
		if recover() != nil {
			fmt.Fprintf(os.Stderr, "otelvoice: %s\n", s.Redactor.String(failure.Message(err)))
		}
	}()
	if s.Logs != nil {
		s.faultLog(component).Handle(err)
	}
}

func (s *Set) faultLog(component string) otel.ErrorHandler {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if l := s.faults.logs[component]; l != nil {
		return l
	}
	if len(s.faults.logs) >= maxFaultLogs {
		component = ""
		if l := s.faults.logs[component]; l != nil {
			return l
		}
	}
	l := newErrorLog(slog.New(logpipe.NewHandler(errorModule, "", s.Logs)))
	if s.faults.logs == nil {
		s.faults.logs = make(map[string]otel.ErrorHandler)
	}
	s.faults.logs[component] = l
	return l
}
