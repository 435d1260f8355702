// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package logfile_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// A thousand lines allocate nothing, including the writes of the buffer.
func TestWriteDoesNotAllocate(t *testing.T) {
	line := []byte(strings.Repeat("x", 511) + "\n")
	for name, buffer := range map[string]int{"each line is written": 0, "lines wait": 64 << 10} {
		t.Run(name, func(t *testing.T) {
			f := open(t, filepath.Join(t.TempDir(), "app.log"), logfile.Options{Buffer: buffer, FlushInterval: time.Hour})
			if got := testing.AllocsPerRun(5, func() {
				for range 1000 {
					_, _ = f.Write(line)
				}
			}); got > 0 {
				t.Errorf("%v allocations in a thousand lines, want none", got)
			}
		})
	}
}
