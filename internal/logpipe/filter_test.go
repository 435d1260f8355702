// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

// warnings returns the warnings about the filter.
func warnings(l *output) (warnings []string) {
	for _, r := range l.records {
		if text := r.Body().AsString(); strings.HasPrefix(text, "telemetry: filter_modules: ") {
			warnings = append(warnings, text)
		}
	}
	return warnings
}

// A WARN line reports that a filter leaves the log empty, or has a name that no module has.
func TestFilterThatMatchesNothing(t *testing.T) {
	type step struct {
		after  time.Duration
		module string
		level  slog.Level
	}
	for _, tt := range []struct {
		name    string
		only    []string
		without []string
		level   slog.Level
		steps   []step
		want    []string // A part of each warning.
		end     []string // Likewise, of those at the end.
	}{
		{
			name: "no module has the name", only: []string{"voice.sst"},
			steps: []step{{module: "agent"}, {module: "agent"}, {module: "voice.stt"}},
			want:  []string{`no module is named "voice.sst" so far, so nothing is logged; dropped a record of "agent"; modules are names of loggers, and voice.stt, voice.tool`},
			end:   []string{`"voice.sst" matched no record; dropped records of other modules: 3`},
		},
		{name: "the name of a module that comes later is no mistake at first", only: []string{"voice.stt"}, steps: []step{{module: "agent"}, {module: "voice.stt"}}},
		{name: "the other name of voice", only: []string{"voice_agents.stt"}, steps: []step{{module: "agent"}, {module: "voice.stt"}}},
		{name: "voice_agents and what is not there", only: []string{"voice_agents.core"}, steps: []step{{module: "agent"}}, want: []string{`"voice_agents.core"`}, end: []string{"matched no record"}},
		{name: "one of two names", only: []string{"voice.stt", "voice.sst"}, steps: []step{{module: "agent"}, {module: "voice.stt"}}, end: []string{`no module is named "voice.sst"; modules are`}},
		{
			name: "one of two names, in a program that goes on", only: []string{"voice.stt", "voice.sst"},
			steps: []step{{module: "voice.stt"}, {module: "agent"}, {after: time.Minute, module: "agent"}, {module: "agent"}},
			want:  []string{`no module is named "voice.sst"; modules are`},
		},
		{
			name: "a module that logs nothing for a minute", only: []string{"voice.tool"},
			steps: []step{{module: "agent"}, {after: time.Minute, module: "agent"}},
			want:  []string{`"voice.tool" matched no record; dropped records of other modules: 2`},
		},
		{name: "a module of the program's own", only: []string{"booking"}, steps: []step{{module: "booking"}, {module: "agent"}, {after: time.Hour, module: "agent"}}},
		{name: "below a level that is not logged, nothing is missed", only: []string{"voice.sst"}, steps: []step{{module: "agent", level: slog.LevelDebug}}},
		{name: "the warning passes a level above it", only: []string{"voice.sst"}, level: slog.LevelError, steps: []step{{module: "agent", level: slog.LevelError}}, want: []string{"voice.sst"}, end: []string{"dropped records of other modules: 1"}},
		{name: "what is left out anyway is not missed", only: []string{"voice.sst"}, without: []string{"agent"}, steps: []step{{module: "agent"}}},
		{name: "no filter", steps: []step{{module: "agent"}}},
		{name: "modules that are left out on purpose", without: []string{"agent"}, steps: []step{{module: "agent"}, {after: time.Hour, module: "agent"}}},
		{
			name: "many names", only: strings.Split("a,b,c,d,e,f,g,h,i,j,k,l", ","), steps: []step{{module: "agent"}},
			want: []string{`"i" or "j" or 2 others so far`}, end: []string{`"j" or 2 others matched no record`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &output{}
				pipe := logpipe.New(logpipe.Options{
					Levels: logpipe.NewLevels(tt.level), FilterModules: tt.only, ExcludeModules: tt.without,
					KnownModules: []string{"voice.stt", "voice.tool"}, OwnModule: "otelvoice.telemetry",
				}, logpipe.Output{LoggerProvider: l, Level: tt.level})
				for _, s := range tt.steps {
					<-time.After(s.after)
					slog.New(logpipe.NewHandler(s.module, "v", pipe)).Log(t.Context(), s.level, "m")
				}
				check := func(got, want []string) {
					t.Helper()
					if len(got) != len(want) {
						t.Fatalf("got %q, want %d warnings", got, len(want))
					}
					for i := range want {
						if !strings.Contains(got[i], want[i]) {
							t.Errorf("got  %s\nwant %s", got[i], want[i])
						}
					}
				}
				check(warnings(l), tt.want)
				pipe.ReportFilter(t.Context())
				pipe.ReportFilter(t.Context())
				check(warnings(l)[len(tt.want):], tt.end)
			})
		})
	}
}
