// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

// The race detector empties pools at random.

package urgent_test

import (
	"path/filepath"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/exporters/logfile"
	"github.com/voice-agents/telemetry/internal/bootstrap/urgent"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/output"
)

// An output checks for urgent records without an allocation, whether or not there are any.
func TestUrgentRecordsDoNotAllocate(t *testing.T) {
	file, err := logfile.Open(filepath.Join(t.TempDir(), "app.log"), &logfile.Options{Buffer: 64 << 10, FlushInterval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := output.NewRepairing(file, output.Options{Buffer: 64 << 10, Interval: time.Hour, Flush: file.Flush})
	writer, ok := urgent.New(jsonlog.New(out, nil), out).Logger("m").(logrecord.Writer)
	if !ok {
		t.Fatal("the logger is not a logrecord.Writer")
	}
	var table logrecord.KeyCache
	for _, severity := range []log.Severity{log.SeverityInfo, log.SeverityError} {
		if got := testing.AllocsPerRun(1000, func() {
			r := logrecord.New(&table)
			r.Severity, r.Body = severity, attribute.StringValue("message")
			writer.WriteRecord(t.Context(), r)
			r.Free()
		}); got > 0 {
			t.Errorf("%v: %v allocations a record, want none", severity, got)
		}
	}
}
