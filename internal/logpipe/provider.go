// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logpipe is the one way in for log records: it decides by level,
// completes a record from its context and hands the same record to every way
// out (the JSON line and the collector), so that they can't tell two stories.
package logpipe

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
)

// Options say what a [Provider] does to the records that pass it. The zero
// Options are the defaults.
type Options struct {
	// Level is the least severe level let through; nil means INFO. It is asked
	// for each record, so a [slog.LevelVar] changes the level at run time.
	Level slog.Leveler
	// WithoutThreadID leaves out thread.id, which costs a system call a record.
	WithoutThreadID bool
}

// Provider is a [log.LoggerProvider] that completes each record and passes it
// on to all of its legs. It is safe for concurrent use, holds no record back
// and needs no shutdown: its legs have their own.
type Provider struct {
	embedded.LoggerProvider

	legs     []log.LoggerProvider
	level    slog.Leveler
	threadID bool
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider in front of the legs.
func New(opts Options, legs ...log.LoggerProvider) *Provider {
	p := &Provider{legs: legs, level: opts.Level, threadID: !opts.WithoutThreadID}
	if p.level == nil {
		p.level = slog.LevelInfo
	}
	return p
}

// Logger returns a logger that writes to every leg under the same name.
func (p *Provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	l := &logger{provider: p, legs: make([]log.Logger, 0, len(p.legs))}
	for _, leg := range p.legs {
		l.legs = append(l.legs, leg.Logger(name, opts...))
	}
	return l
}

type logger struct {
	embedded.Logger

	provider *Provider
	legs     []log.Logger
}

var _ log.Logger = (*logger)(nil)

// Enabled reports whether the level is let through and a leg wants the record.
func (l *logger) Enabled(ctx context.Context, param log.EnabledParameters) bool {
	if !l.provider.passes(param.Severity) {
		return false
	}
	for _, leg := range l.legs {
		if leg.Enabled(ctx, param) {
			return true
		}
	}
	return false
}

// Emit completes the record and passes it on. Records below the level are
// dropped here too, because callers need not ask Enabled first. A cancelled
// context does not matter: what happened is recorded.
func (l *logger) Emit(ctx context.Context, record log.Record) {
	if !l.provider.passes(record.Severity()) {
		return
	}
	record = l.provider.complete(ctx, record)
	for _, leg := range l.legs {
		leg.Emit(ctx, record)
	}
}

// passes compares on slog's scale, on which OpenTelemetry's severities lie nine
// steps higher (DEBUG -4 is 5, INFO 0 is 9). A record of no severity passes.
func (p *Provider) passes(severity log.Severity) bool {
	const offset = slog.Level(log.SeverityInfo) - slog.LevelInfo
	return severity == log.SeverityUndefined || slog.Level(severity)-offset >= p.level.Level()
}
