// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/settings"
)

// filter decides which modules are logged. A misspelled name could leave the log empty without an
// explanation. The filter therefore watches its names until each has a module and a record was
// written.
type filter struct {
	only, without []string
	matched       []atomic.Bool // For each name in only: a matching module has a logger.
	wrote         atomic.Bool   // A record was written.
	omitted       atomic.Int64  // The records of modules not in only, while the filter watches.
	settled       atomic.Bool   // The filter no longer watches.
	warnedNone    atomic.Bool   // A warning said that no name matches.
	reported      atomic.Bool   // ReportFilter has run.
	since         time.Time
}

// reportAfter is the time before a name without a module is reported. Some programs create loggers
// with their first call.
const reportAfter = time.Minute

// maxNames bounds the names in a warning.
const maxNames = 10

// newFilter returns the filter of the options. Known modules count as if they had loggers.
func newFilter(opts Options) *filter {
	f := &filter{only: opts.FilterModules, without: opts.ExcludeModules, since: time.Now()}
	f.matched = make([]atomic.Bool, len(f.only))
	f.settled.Store(len(f.only) == 0)
	for _, module := range opts.KnownModules {
		f.match(module)
	}
	return f
}

// keeps reports whether the records of a module are logged, and whether the filter watches the
// module. Records are logged if the module or a parent is in only, or only is empty, and none is in
// without. Watched modules are those that are not in only, unless they are in without.
func (f *filter) keeps(module string) (kept, watched bool) {
	if settings.Belongs(module, f.without) {
		return false, false
	}
	kept = f.match(module) || len(f.only) == 0
	return kept, !kept
}

// match marks the names that match a module, and reports whether there is one.
func (f *filter) match(module string) (found bool) {
	for i := range f.only {
		if settings.Belongs(module, f.only[i:i+1]) {
			f.matched[i].Store(true)
			found = true
		}
	}
	return found
}

// missing returns the number of names without a module.
func (f *filter) missing() (n int) {
	for i := range f.matched {
		if !f.matched[i].Load() {
			n++
		}
	}
	return n
}

// unmatched returns the names without a module.
func (f *filter) unmatched() (names []string) {
	for i := range f.only {
		if !f.matched[i].Load() {
			names = append(names, f.only[i])
		}
	}
	return names
}

// countOmitted counts a record of a module that is not in only. It warns at once if no name has a
// module, and after a while if some name has none or no record was written.
func (p *Provider) countOmitted(ctx context.Context, module string, level slog.Level) {
	f := p.filter
	if f.settled.Load() || level < p.levelFor(module) || len(p.outputs) == 0 {
		return
	}
	f.omitted.Add(1)
	switch missing := f.missing(); {
	case missing == len(f.only):
		if !f.warnedNone.Swap(true) {
			p.warnFilter(ctx, "no module is named "+quoted(f.only)+" so far, so nothing is logged; dropped a record of "+
				strconv.Quote(module)+"; "+p.known())
		}
	case missing == 0 && f.wrote.Load():
		f.settled.Store(true)
	case time.Since(f.since) >= reportAfter:
		p.ReportFilter(ctx)
	}
}

// FilterInDoubt reports whether [Provider.ReportFilter] may log a warning.
func (p *Provider) FilterInDoubt() bool {
	return !p.filter.settled.Load() && p.filter.omitted.Load() > 0
}

// ReportFilter logs a warning once if the filter may be a mistake: no record was logged, or a name
// has no module. The filter does not apply to the warning.
func (p *Provider) ReportFilter(ctx context.Context) {
	f := p.filter
	if !p.FilterInDoubt() || f.reported.Swap(true) {
		return
	}
	f.settled.Store(true)
	names := f.unmatched()
	switch {
	case !f.wrote.Load():
		p.warnFilter(ctx, fmt.Sprintf("%s matched no record; dropped records of other modules: %d; %s", quoted(f.only), f.omitted.Load(), p.known()))
	case len(names) > 0:
		p.warnFilter(ctx, "no module is named "+quoted(names)+"; "+p.known())
	}
}

func (p *Provider) known() string {
	if len(p.opts.KnownModules) == 0 {
		return "modules are names of loggers"
	}
	return "modules are names of loggers, and " + strings.Join(p.opts.KnownModules, ", ")
}

func quoted(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i == maxNames {
			fmt.Fprintf(&b, " or %d others", len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(" or ")
		}
		b.WriteString(strconv.Quote(name))
	}
	return b.String()
}

// levelFor returns the level of a module. The filter does not matter.
func (p *Provider) levelFor(module string) slog.Level {
	state := p.opts.Levels.state.Load()
	if level, ok := state.of(module); ok {
		return level
	}
	return state.base.Level()
}

// warnFilter logs a warning about the filter to every output at any level. Otherwise the log might
// stay empty.
func (p *Provider) warnFilter(ctx context.Context, message string) {
	l := p.unfiltered(p.opts.OwnModule)
	r := logrecord.New(&p.keys)
	defer r.Free()
	r.Time, r.Body = time.Now(), attribute.StringValue("telemetry: filter_modules: "+message)
	r.Severity, r.SeverityText = log.SeverityWarn, slog.LevelWarn.String()
	l.send(ctx, r, func(*loggerOutput) bool { return true })
}
