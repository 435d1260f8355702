// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

// BenchmarkLineToFile measures a line from slog to the file.
func BenchmarkLineToFile(b *testing.B) {
	for _, bench := range []struct{ name, buffer string }{{"each line is written", "0"}, {"lines wait", "64KB"}} {
		b.Run(bench.name, func(b *testing.B) {
			env := map[string]string{
				"LOG_OUTPUT": "file", "LOG_FILE": filepath.Join(b.TempDir(), "app.log"), "LOG_BACKUP_COUNT": "1", "LOG_FILE_BUFFER": bench.buffer,
			}
			cfg := NewConfig()
			cfg.Lookup = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
			s, err := New(b.Context(), cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer func() {
				if err := s.Shutdown(b.Context()); err != nil {
					b.Error(err)
				}
			}()
			logger := slog.New(logpipe.NewHandler("m", "", s.Logs))
			attrs := []slog.Attr{slog.String("stage", "stt"), slog.Int("bytes", 48000), slog.Float64("confidence", .95), slog.String("language", "en")}
			b.ReportAllocs()
			for b.Loop() {
				logger.LogAttrs(b.Context(), slog.LevelInfo, "processing completed", attrs...)
			}
		})
	}
}
