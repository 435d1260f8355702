// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// Handlers with which programs wrap the default handler.
type (
	passing struct{ slog.Handler }       // Passes everything on.
	opaque  struct{ inner slog.Handler } // Answers by itself what it can.
)

func (o opaque) Enabled(context.Context, slog.Level) bool        { return true }
func (o opaque) Handle(ctx context.Context, r slog.Record) error { return o.inner.Handle(ctx, r) }
func (o opaque) WithAttrs([]slog.Attr) slog.Handler              { return o }
func (o opaque) WithGroup(string) slog.Handler                   { return o }
func load(context.Context, int) (menu string, err error)         { return "soup", nil }

// Timed and Wrap find the telemetry of a Setup with globals, even if the program replaces slog's
// default logger.
func TestTelemetryBehindTheDefaultLogger(t *testing.T) {
	for _, tt := range []struct {
		name string
		wrap func(*slog.Logger) *slog.Logger
	}{
		{"as it is", func(l *slog.Logger) *slog.Logger { return l }},
		{"with attributes", func(l *slog.Logger) *slog.Logger { return l.With("region", "eu") }},
		{"with a group", func(l *slog.Logger) *slog.Logger { return l.WithGroup("app") }},
		{"with both, twice", func(l *slog.Logger) *slog.Logger { return l.With("a", 1).WithGroup("b").With("c", 2).WithGroup("d") }},
		{"in a handler that passes on", func(l *slog.Logger) *slog.Logger { return slog.New(passing{l.Handler()}).With("a", 1) }},
		{"in a handler that does not", func(l *slog.Logger) *slog.Logger { return slog.New(opaque{l.Handler()}) }},
		{"beside another", func(l *slog.Logger) *slog.Logger {
			return slog.New(slog.NewMultiHandler(slog.NewTextHandler(new(bytes.Buffer), nil), l.Handler()))
		}},
		{"replaced", func(*slog.Logger) *slog.Logger { return slog.New(slog.DiscardHandler) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Cleanup(globals())
			var out bytes.Buffer
			tel, err := voicesdk.Setup(t.Context(), variables(), voicesdk.WithLogWriter(&out))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tel.Shutdown(context.WithoutCancel(t.Context())) }()
			wrapped := otelvoice.Wrap("load menu", load)
			slog.SetDefault(tt.wrap(slog.Default()))
			if _, err := otelvoice.Timed(t.Context(), "count", func(context.Context) (int, error) { return 1, nil }); err != nil {
				t.Error(err)
			}
			if _, err := wrapped(t.Context(), 1); err != nil {
				t.Error(err)
			}
			for _, want := range []string{`"count completed"`, `"load menu completed"`} {
				if n := strings.Count(out.String(), want); n != 1 {
					t.Errorf("%d lines have %s in\n%s", n, want, out.String())
				}
			}
		})
	}
}
