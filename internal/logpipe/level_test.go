// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
)

func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		name    string
		base    slog.Level
		modules map[string]slog.Level
		own     slog.Leveler // The output's own level.
		module  string
		level   slog.Level
		want    bool
	}{
		{name: "base lets through", base: slog.LevelInfo, module: "voice.stt", level: slog.LevelInfo, want: true},
		{name: "base holds back", base: slog.LevelInfo, module: "voice.stt", level: slog.LevelDebug},
		{name: "module lets more through", base: slog.LevelInfo, modules: map[string]slog.Level{"voice.stt": slog.LevelDebug}, module: "voice.stt", level: slog.LevelDebug, want: true},
		{name: "a module counts for those below it", base: slog.LevelInfo, modules: map[string]slog.Level{"voice": slog.LevelDebug}, module: "voice.stt", level: slog.LevelDebug, want: true},
		{name: "the nearest counts", base: slog.LevelInfo, modules: map[string]slog.Level{"voice": slog.LevelDebug, "voice.stt": slog.LevelError}, module: "voice.stt", level: slog.LevelWarn},
		{name: "the other name of voice counts", base: slog.LevelInfo, modules: map[string]slog.Level{"voice_agents.stt": slog.LevelDebug}, module: "voice.stt", level: slog.LevelDebug, want: true},
		{name: "a name is not a prefix of another", base: slog.LevelInfo, modules: map[string]slog.Level{"voice": slog.LevelDebug}, module: "voicemail", level: slog.LevelDebug},
		{name: "module lets less through", base: slog.LevelInfo, modules: map[string]slog.Level{"voice.stt": slog.LevelError}, module: "voice.stt", level: slog.LevelInfo},
		{name: "an output's own level lets more through", base: slog.LevelError, own: slog.LevelDebug, module: "m", level: slog.LevelDebug, want: true},
		{name: "an output's own level holds back", base: slog.LevelDebug, own: slog.LevelWarn, module: "m", level: slog.LevelInfo},
		{name: "a quieter module counts there too", base: slog.LevelDebug, own: slog.LevelDebug, modules: map[string]slog.Level{"m": slog.LevelError}, module: "m", level: slog.LevelInfo},
		{name: "a louder module does not", base: slog.LevelInfo, own: slog.LevelWarn, modules: map[string]slog.Level{"m": slog.LevelDebug}, module: "m", level: slog.LevelInfo},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &output{}
			levels := logpipe.NewLevels(tt.base)
			pipe := logpipe.New(logpipe.Options{Levels: levels}, logpipe.Output{LoggerProvider: l, Level: tt.own})
			handler := logpipe.NewHandler(tt.module, "v", pipe)
			_ = handler.Enabled(t.Context(), tt.level) // A cached result must not survive a change.
			for module, level := range tt.modules {
				if err := levels.SetModule(module, level); err != nil {
					t.Fatal(err)
				}
			}
			if got := handler.Enabled(t.Context(), tt.level); got != tt.want {
				t.Errorf("Enabled = %v, want %v", got, tt.want)
			}
			slog.New(handler).Log(t.Context(), tt.level, "m")
			if got := len(l.records) == 1; got != tt.want {
				t.Errorf("written: %v, want %v", got, tt.want)
			}
			for module := range tt.modules {
				levels.ResetModule(module)
			}
			if _, modules := levels.Levels(); len(modules) != 0 {
				t.Errorf("levels of modules are left: %v", modules)
			}
		})
	}
}

func TestBadModuleNames(t *testing.T) {
	levels := logpipe.NewLevels(nil)
	for _, name := range []string{"", "a b", "voice.*", "a\n"} {
		if err := levels.SetModule(name, slog.LevelInfo); err == nil {
			t.Errorf("module %q was taken", name)
		}
	}
	var err error
	for i := range 300 {
		if err = levels.SetModule(string(rune('a'+i%26))+string(rune('a'+i/26)), slog.LevelInfo); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("modules with levels of their own are not bounded")
	}
}

func TestModuleFilters(t *testing.T) {
	for _, tt := range []struct {
		name          string
		only, without []string
		module        string
		want          bool
	}{
		{"no filter", nil, nil, "m", true},
		{"named", []string{"voice.stt"}, nil, "voice.stt", true},
		{"below one that is named", []string{"voice"}, nil, "voice.stt", true},
		{"not named", []string{"voice"}, nil, "db", false},
		{"a name is not a prefix of another", []string{"voice"}, nil, "voicemail", false},
		{"left out", nil, []string{"voice.http"}, "voice.http", false},
		{"left out below one that is named", []string{"voice"}, []string{"voice.http"}, "voice.http.client", false},
		{"named by the other name of voice", []string{"voice_agents.stt"}, nil, "voice.stt", true},
		{"left out by the other name of voice", nil, []string{"voice_agents"}, "voice.stt", false},
		{"called by the other name of voice", []string{"voice.stt"}, nil, "voice_agents.stt", true},
		{"kept beside one that is left out", []string{"voice"}, []string{"voice.http"}, "voice.stt", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &output{}
			pipe := logpipe.New(logpipe.Options{FilterModules: tt.only, ExcludeModules: tt.without}, via(l))
			handler := logpipe.NewHandler(tt.module, "v", pipe)
			if got := handler.Enabled(t.Context(), slog.LevelError); got != tt.want {
				t.Errorf("Enabled = %v, want %v", got, tt.want)
			}
			slog.New(handler).Error("m")
			got := slices.ContainsFunc(l.records, func(r log.Record) bool { return r.Body().AsString() == "m" })
			if got != tt.want {
				t.Errorf("written: %v, want %v", got, tt.want)
			}
		})
	}
}

// Levels may change while other goroutines log.
func TestLevelsConcurrentSafe(t *testing.T) {
	l := &output{}
	levels := logpipe.NewLevels(nil)
	logger := slog.New(logpipe.NewHandler("voice.stt", "v", logpipe.New(logpipe.Options{Levels: levels}, via(l))))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				logger.Debug("m")
			}
		})
	}
	for i := range 200 {
		levels.Set(slog.Level(i%3 - 4))
		if err := levels.SetModule("voice", slog.LevelDebug); err != nil {
			t.Error(err)
		}
		levels.ResetModule("voice")
	}
	wg.Wait()
	levels.Set(slog.LevelError)
	if logger.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("the last level does not count")
	}
}

func TestWithoutIDs(t *testing.T) {
	l := &output{}
	pipe := logpipe.New(logpipe.Options{WithoutIDs: true, WithoutThreadID: true}, via(l))
	ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: "c", SessionID: "s", UserID: "u"})
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	slog.New(logpipe.NewHandler("m", "v", pipe)).InfoContext(ctx, "m")
	if got := attrs(l.records[0]); got["session.id"] != "" || got["voice.correlation.id"] != "" || got["user.id"] != "" {
		t.Errorf("unexpected IDs: %v", got)
	}
	if trace.SpanContextFromContext(l.contexts[0]).IsValid() {
		t.Error("the span is still in the context")
	}
}

// A filtered module and a disabled level cost nothing.
func TestDisabledDoesNotAllocate(t *testing.T) {
	pipe := logpipe.New(logpipe.Options{FilterModules: []string{"m", "quiet"}, ExcludeModules: []string{"noisy"}}, via(&output{}))
	for _, tt := range []struct {
		name, module string
		level        slog.Level
	}{{"level", "m", slog.LevelDebug}, {"module", "noisy.sub", slog.LevelError}, {"not named", "other", slog.LevelError}} {
		t.Run(tt.name, func(t *testing.T) {
			logger := slog.New(logpipe.NewHandler(tt.module, "v", pipe))
			ctx := context.Background()
			if got := testing.AllocsPerRun(100, func() { logger.LogAttrs(ctx, tt.level, "m", slog.Int("n", 1)) }); got != 0 {
				t.Errorf("%v allocations, want none", got)
			}
		})
	}
}
