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

// maxModuleLevels bounds the modules with a level of their own. People set a few at a time.
const maxModuleLevels = 256

// Levels are the minimum levels of a [Provider]: one for all modules, and one for each module that
// has its own. They may change at run time and are safe for concurrent use.
type Levels struct {
	mu    sync.Mutex // Serializes changes.
	state atomic.Pointer[levelState]
}

// levelState is replaced and never changed. Loggers cache the level that they found in a state
// for as long as the state is current.
type levelState struct {
	base    slog.Leveler
	modules map[string]slog.Level
}

// NewLevels returns levels with one level for all modules; nil means INFO.
func NewLevels(base slog.Leveler) *Levels {
	if base == nil {
		base = slog.LevelInfo
	}
	l := &Levels{}
	l.state.Store(&levelState{base: base})
	return l
}

// Set sets the level of all modules without a level of their own.
func (l *Levels) Set(level slog.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Store(&levelState{base: level, modules: l.state.Load().modules})
}

// SetModule sets the level of a module and its submodules. It fails if the name is not valid or too
// many modules have levels.
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
		return fmt.Errorf("module %q: already %d modules have levels of their own", module, maxModuleLevels)
	}
	l.state.Store(&levelState{base: old.base, modules: modules})
	return nil
}

// ResetModule removes the level of a module, so that the level of all modules applies.
func (l *Levels) ResetModule(module string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.state.Load()
	modules := maps.Clone(old.modules)
	delete(modules, settings.Module(module))
	l.state.Store(&levelState{base: old.base, modules: modules})
}

// Levels returns the level of all modules and the levels of single modules.
func (l *Levels) Levels() (slog.Level, map[string]slog.Level) {
	s := l.state.Load()
	return s.base.Level(), maps.Clone(s.modules)
}

// of returns the level of the module, or else of its closest parent that has one.
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

// moduleLevel is the level of a logger's module in one state of the levels.
type moduleLevel struct {
	state *levelState
	level slog.Level
	own   bool
	floor slog.Level // No output writes records below it.
}

// least is the minimum level of a module. Its own level applies to every output. Without one, the
// level of all modules applies to outputs without a level of their own.
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

// aboveSlog is the difference of OpenTelemetry's severities to slog's levels: DEBUG is 5 instead
// of -4, INFO is 9 instead of 0.
const aboveSlog = slog.Level(log.SeverityInfo) - slog.LevelInfo

// levelOf returns the slog level of a severity. Records without a severity pass all levels.
func levelOf(severity log.Severity) slog.Level {
	if severity == log.SeverityUndefined {
		return math.MaxInt
	}
	return slog.Level(severity) - aboveSlog
}

func severityOf(level slog.Level) log.Severity { return log.Severity(level + aboveSlog) }
