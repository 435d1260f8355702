// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"log/slog"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

// A record names the function that logs, or none if that is in the runtime or the standard
// library.
func TestPlaceOfRecords(t *testing.T) {
	const function = "github.com/voice-agents/telemetry/internal/logpipe_test.TestPlaceOfRecords"
	for _, tt := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"a call", func(l *slog.Logger) { l.Info("m") }, function + ".func1"},
		{"a deferred call", func(l *slog.Logger) { defer l.Info("m") }, function + ".func2"},
		{"a method that sync.Once calls", func(l *slog.Logger) { new(sync.Once).Do(teller{l}.tell) }, "github.com/voice-agents/telemetry/internal/logpipe_test.teller.tell"},
		{"the standard library's own line", func(l *slog.Logger) {
			slog.NewLogLogger(l.Handler(), slog.LevelInfo).Print("m")
		}, function + ".func4"},
		{"a call that a goroutine begins with", func(l *slog.Logger) {
			var wg sync.WaitGroup
			wg.Go(teller{l}.tell)
			wg.Wait()
		}, "github.com/voice-agents/telemetry/internal/logpipe_test.teller.tell"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &output{}
			tt.log(slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{}, via(l)))))
			if got := attrs(l.records[0])["code.function.name"]; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

type teller struct{ *slog.Logger }

func (t teller) tell() { t.Info("m") }
