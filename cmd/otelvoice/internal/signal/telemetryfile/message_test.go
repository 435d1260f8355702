// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// withLength returns messages with a length before each.
func withLength(messages ...[]byte) (file []byte) {
	for _, m := range messages {
		file = append(binary.BigEndian.AppendUint32(file, uint32(len(m))), m...) // #nosec G115 -- of a test.
	}
	return file
}

// Files of the Collector's file exporter with the format proto, and with a compression.
func TestMessages(t *testing.T) {
	traces := ptrace.NewTraces()
	span := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID([16]byte{1})
	span.SetSpanID([8]byte{2})
	span.SetName("x")
	logs := plog.NewLogs()
	logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().SetTimestamp(1)
	metrics := pmetric.NewMetrics()
	metric := metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	metric.SetName("sixteen.letters.") // As long as the ID of a trace.
	metric.SetEmptyGauge().DataPoints().AppendEmpty().SetIntValue(1)
	aTrace, err := new(ptrace.ProtoMarshaler).MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	aLog, err := new(plog.ProtoMarshaler).MarshalLogs(logs)
	if err != nil {
		t.Fatal(err)
	}
	aMetric, err := new(pmetric.ProtoMarshaler).MarshalMetrics(metrics)
	if err != nil {
		t.Fatal(err)
	}
	inJSON, err := new(ptrace.JSONMarshaler).MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	span.SetName(strings.Repeat("x", 1<<16))
	long, err := new(ptrace.ProtoMarshaler).MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name                   string
		file                   []byte
		spans, records, points int
		broken                 int
		cut                    bool
	}{
		{"spans", withLength(aTrace, aTrace), 2, 0, 0, 0, false},
		{"log records", withLength(aLog, aLog), 0, 2, 0, 0, false},
		{"metrics", withLength(aMetric), 0, 0, 1, 0, false},
		{"a long one", withLength(long), 1, 0, 0, 0, false},
		{"each compressed", withLength(inZstd(t, aTrace), inZstd(t, aLog)), 1, 1, 0, 0, false},
		{"JSON, each compressed", withLength(inZstd(t, inJSON), inZstd(t, inJSON)), 2, 0, 0, 0, false},
		{"JSON", withLength(inJSON, inJSON), 2, 0, 0, 0, false},
		{"compressed as a whole", inZstd(t, withLength(aTrace, aTrace)), 2, 0, 0, 0, false},
		{"in gzip", inGzip(t, withLength(aTrace, aLog)), 1, 1, 0, 0, false},
		{"one that is broken", withLength(aTrace, []byte("\n\xff\xff"), aTrace), 2, 0, 0, 1, false},
		{"one that is damaged zstd", withLength(aTrace, append([]byte("\x28\xb5\x2f\xfd"), "abc"...), aTrace), 2, 0, 0, 1, false},
		{"JSON of others", withLength(aTrace, []byte(`{"a":1}`), aTrace), 2, 0, 0, 1, false},
		{"an empty one", withLength(aTrace, nil, aTrace), 2, 0, 0, 0, false},
		{"cut in a message", withLength(aTrace, aTrace)[:len(aTrace)+10], 1, 0, 0, 1, true},
		{"cut in a length", withLength(aTrace, aTrace)[:len(aTrace)+6], 1, 0, 0, 1, true},
		{"a length that is wrong", append(withLength(aTrace), "\xff\xff\xff\xff\xff"...), 1, 0, 0, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, counts := read(t, bytes.Clone(tt.file))
			if len(all.Spans) != tt.spans || len(all.Records) != tt.records || counts.Points != tt.points || counts.Broken != tt.broken || counts.Cut != tt.cut {
				t.Errorf("got %d spans, %d records, %+v", len(all.Spans), len(all.Records), counts)
			}
		})
	}
}
