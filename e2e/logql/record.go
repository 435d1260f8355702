// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logql

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// selected are the attributes that the queries select by. An extract has only these, so that it does not
// name a machine.
var selected = []string{"service.name", "session.id", "voice.correlation_id"}

// Extract returns the records of one trace with the attributes that the queries select by:
// a ResourceLogs in protobuf's JSON on each line, with one record in it.
func Extract(logs []otlptest.Log, trace string) ([]byte, error) {
	var lines bytes.Buffer
	for _, l := range logs {
		if hex.EncodeToString(l.GetTraceId()) != trace {
			continue
		}
		text, err := protojson.Marshal(&logspb.ResourceLogs{
			Resource: &resourcepb.Resource{Attributes: keep(l.Resource.GetAttributes())},
			ScopeLogs: []*logspb.ScopeLogs{{
				Scope: &commonpb.InstrumentationScope{Name: l.Scope.GetName()},
				LogRecords: []*logspb.LogRecord{{
					TimeUnixNano: l.GetTimeUnixNano(), SeverityText: l.GetSeverityText(), SeverityNumber: l.GetSeverityNumber(),
					Body: l.GetBody(), Attributes: keep(l.GetAttributes()), TraceId: l.GetTraceId(), SpanId: l.GetSpanId(),
				}},
			}},
		})
		if err != nil {
			return nil, fmt.Errorf("extract the records of %s: %w", trace, err)
		}
		// Protobuf's JSON varies its spaces on purpose. Remove them, so that files can be compared.
		if err := json.Compact(&lines, text); err != nil {
			return nil, fmt.Errorf("extract the records of %s: %w", trace, err)
		}
		lines.WriteByte('\n')
	}
	return lines.Bytes(), nil
}

func keep(attrs []*commonpb.KeyValue) (kept []*commonpb.KeyValue) {
	for _, kv := range attrs {
		if slices.Contains(selected, kv.GetKey()) {
			kept = append(kept, kv)
		}
	}
	return kept
}

// Recorded returns the records of an extract.
func Recorded(path string) (logs []otlptest.Log, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read recorded records: %w", err)
	}
	for line := range bytes.Lines(text) {
		var r logspb.ResourceLogs
		if err := protojson.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("read recorded records: %s: %w", path, err)
		}
		for _, s := range r.GetScopeLogs() {
			for _, l := range s.GetLogRecords() {
				logs = append(logs, otlptest.Log{LogRecord: l, Resource: r.GetResource(), Scope: s.GetScope()})
			}
		}
	}
	return logs, nil
}
