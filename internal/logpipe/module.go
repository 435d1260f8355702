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

// filter is which modules are logged. A name that no module has would leave the log
// empty without a word, so it watches what becomes of its names until each has a module
// and a record went out.
type filter struct {
	only, without []string
	matched       []atomic.Bool // For each of only: a logger of such a module was made.
	wrote         atomic.Bool   // A record went out.
	left          atomic.Int64  // Records of modules that are not in only, while it watches.
	settled       atomic.Bool   // There is nothing more to watch.
	toldNone      atomic.Bool   // A warning said that no name matches.
	told          atomic.Bool   // The late warning was considered.
	since         time.Time
}

// patience is how long modules may take to come up: those that a program makes with its
// first call are no mistake in the filter.
const patience = time.Minute

// maxNames bounds the names in a warning.
const maxNames = 10

// newFilter returns the filter of the options. Modules that are known count as if they
// had loggers already.
func newFilter(opts Options) *filter {
	f := &filter{only: opts.FilterModules, without: opts.ExcludeModules, since: time.Now()}
	f.matched = make([]atomic.Bool, len(f.only))
	f.settled.Store(len(f.only) == 0)
	for _, module := range opts.KnownModules {
		f.match(module)
	}
	return f
}

// keeps reports whether a module's records are kept: it is one of those that are named,
// or below one, and none of those that are left out. No names at all mean every module.
// A module that the names leave out is watched, unless it is left out anyway.
func (f *filter) keeps(module string) (kept, watched bool) {
	if settings.Belongs(module, f.without) {
		return false, false
	}
	kept = f.match(module) || len(f.only) == 0
	return kept, !kept
}

// match marks the names that a module belongs to.
func (f *filter) match(module string) (found bool) {
	for i := range f.only {
		if settings.Belongs(module, f.only[i:i+1]) {
			f.matched[i].Store(true)
			found = true
		}
	}
	return found
}

// missing returns how many names no module has.
func (f *filter) missing() (n int) {
	for i := range f.matched {
		if !f.matched[i].Load() {
			n++
		}
	}
	return n
}

// unmatched returns the names that no module has.
func (f *filter) unmatched() (names []string) {
	for i := range f.only {
		if !f.matched[i].Load() {
			names = append(names, f.only[i])
		}
	}
	return names
}

// leftOut counts a record that the names leave out. It warns at once if no module has any
// of the names, and after a while if a name has no module or nothing was written.
func (p *Provider) leftOut(ctx context.Context, module string, level slog.Level) {
	f := p.filter
	if f.settled.Load() || level < p.levelFor(module) || len(p.legs) == 0 {
		return
	}
	f.left.Add(1)
	switch missing := f.missing(); {
	case missing == len(f.only):
		if !f.toldNone.Swap(true) {
			p.tellFilter(ctx, "no module is called "+quoted(f.only)+" so far, so nothing is logged; a record of "+
				strconv.Quote(module)+" was left out; "+p.known())
		}
	case missing == 0 && f.wrote.Load():
		f.settled.Store(true)
	case time.Since(f.since) >= patience:
		p.TellFilter(ctx)
	}
}

// FilterInDoubt reports whether [Provider.TellFilter] may have something to log.
func (p *Provider) FilterInDoubt() bool {
	return !p.filter.settled.Load() && p.filter.left.Load() > 0
}

// TellFilter logs what a filter of modules has come to, once, if it may be a mistake:
// nothing was let through, or a name is that of no module. The filter does not hold the
// record back.
func (p *Provider) TellFilter(ctx context.Context) {
	f := p.filter
	if !p.FilterInDoubt() || f.told.Swap(true) {
		return
	}
	f.settled.Store(true)
	names := f.unmatched()
	switch {
	case !f.wrote.Load():
		p.tellFilter(ctx, fmt.Sprintf("%s let nothing through; records of other modules that were left out: %d; %s", quoted(f.only), f.left.Load(), p.known()))
	case len(names) > 0:
		p.tellFilter(ctx, "no module is called "+quoted(names)+"; "+p.known())
	}
}

func (p *Provider) known() string {
	if len(p.opts.KnownModules) == 0 {
		return "modules are the names of loggers"
	}
	return "modules are the names of loggers, and " + strings.Join(p.opts.KnownModules, ", ")
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

// levelFor returns the level that a module has, whatever the filter says.
func (p *Provider) levelFor(module string) slog.Level {
	state := p.opts.Levels.state.Load()
	if level, ok := state.of(module); ok {
		return level
	}
	return state.base.Level()
}

// tellFilter logs a warning about the filter by every leg, whatever level it takes:
// otherwise there may be no record at all.
func (p *Provider) tellFilter(ctx context.Context, message string) {
	l := p.unfiltered(p.opts.OwnModule)
	r := logrecord.New(&p.keys)
	defer r.Free()
	r.Time, r.Body = time.Now(), attribute.StringValue("telemetry: filter_modules: "+message)
	r.Severity, r.SeverityText = log.SeverityWarn, slog.LevelWarn.String()
	l.send(ctx, r, func(*loggerLeg) bool { return true })
}
