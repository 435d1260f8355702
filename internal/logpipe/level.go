// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/settings"
)

// maxModuleLevels bounds the modules with a level of their own: a person sets
// a few while looking for something.
const maxModuleLevels = 256

// Levels are the levels of a [Provider], which may change at run time: one for
// all, and one for each module that has its own. They are safe for concurrent
// use.
type Levels struct {
	mu    sync.Mutex // Serialises changes.
	state atomic.Pointer[levelState]
}

// levelState is never changed, but replaced: a logger remembers what it found
// in one state as long as it is the current one.
type levelState struct {
	base    slog.Leveler
	modules map[string]slog.Level
}

// NewLevels returns levels with one for all modules; nil means INFO.
func NewLevels(base slog.Leveler) *Levels {
	if base == nil {
		base = slog.LevelInfo
	}
	l := &Levels{}
	l.state.Store(&levelState{base: base})
	return l
}

// Set sets the level of all modules that have none of their own.
func (l *Levels) Set(level slog.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Store(&levelState{base: level, modules: l.state.Load().modules})
}

// SetModule sets the level of a module and of those below it. The error is
// that of a name that is none, or of too many.
func (l *Levels) SetModule(module string, level slog.Level) error {
	if module == "" || len(module) > 256 || strings.ContainsAny(module, " *\n") {
		return fmt.Errorf("module %q: want a dotted name such as voice.stt", module)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.state.Load()
	modules := maps.Clone(old.modules)
	if modules == nil {
		modules = make(map[string]slog.Level)
	}
	modules[strings.Clone(settings.Module(module))] = level
	if len(modules) > maxModuleLevels {
		return fmt.Errorf("module %q: %d modules have levels of their own already", module, maxModuleLevels)
	}
	l.state.Store(&levelState{base: old.base, modules: modules})
	return nil
}

// ResetModule gives a module the level of all again.
func (l *Levels) ResetModule(module string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.state.Load()
	modules := maps.Clone(old.modules)
	delete(modules, settings.Module(module))
	l.state.Store(&levelState{base: old.base, modules: modules})
}

// Levels returns the level of all modules, and of those that have their own.
func (l *Levels) Levels() (slog.Level, map[string]slog.Level) {
	s := l.state.Load()
	return s.base.Level(), maps.Clone(s.modules)
}

// of returns the level of the longest prefix of the module that has one.
func (s *levelState) of(module string) (slog.Level, bool) {
	for len(s.modules) > 0 {
		if level, ok := s.modules[module]; ok {
			return level, true
		}
		dot := strings.LastIndexByte(module, '.')
		if dot < 0 {
			break
		}
		module = module[:dot]
	}
	return 0, false
}

// moduleLevel is what a logger's module is to log in one state of the levels.
type moduleLevel struct {
	state *levelState
	level slog.Level
	own   bool
	floor slog.Level // No leg takes what is below.
}

// least is the least severe level of a module: its own, which counts for every leg, or that of
// all, which a leg may have another one for.
type least struct {
	level slog.Level
	own   bool
}

func (m *moduleLevel) least() least {
	if m.own {
		return least{m.level, true}
	}
	return least{m.state.base.Level(), false}
}

// aboveSlog is how much higher OpenTelemetry's severities lie than slog's levels: DEBUG -4
// is 5, INFO 0 is 9.
const aboveSlog = slog.Level(log.SeverityInfo) - slog.LevelInfo

// levelOf compares on slog's scale. A record of no severity passes.
func levelOf(severity log.Severity) slog.Level {
	if severity == log.SeverityUndefined {
		return math.MaxInt
	}
	return slog.Level(severity) - aboveSlog
}

func severityOf(level slog.Level) log.Severity { return log.Severity(level + aboveSlog) }
