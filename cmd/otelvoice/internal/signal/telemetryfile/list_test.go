// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
)

// A list of objects on one line is read as the objects are.
func TestLists(t *testing.T) {
	const (
		span   = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"x"}]}]}]}`
		record = `{"timestamp":"2026-03-01T09:00:00Z","level":"INFO","message":"x"}`
	)
	for _, tt := range []struct {
		name, line     string
		kind           telemetryfile.Kind
		spans, records int
	}{
		{"one request", "[" + span + "]", telemetryfile.OTLP, 1, 0},
		{"requests and log lines", " [" + span + ", " + record + "," + span + "]\r\n", telemetryfile.OTLP, 2, 1},
		{"log lines and others", `[1,null,"x",[],{"a":1},` + record + "]", telemetryfile.LogLine, 0, 1},
		{"others", `[1,{"a":1}]`, telemetryfile.Text, 0, 0},
		{"nothing", "[]", telemetryfile.Text, 0, 0},
		{"a log with brackets", "[INFO] started", telemetryfile.Text, 0, 0},
		{"the first line of a list", "[", telemetryfile.Text, 0, 0},
		{"a request that is broken", `[{"resourceSpans":7}]`, telemetryfile.Broken, 0, 0},
	} {
		batch, kind, err := telemetryfile.Line([]byte(tt.line))
		if kind != tt.kind || (err != nil) != (kind == telemetryfile.Broken) {
			t.Errorf("%s: kind %v, %v", tt.name, kind, err)
		}
		if batch != nil && (len(batch.Spans) != tt.spans || len(batch.Records) != tt.records) || batch == nil && tt.spans+tt.records > 0 {
			t.Errorf("%s: %+v", tt.name, batch)
		}
	}
}
