// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlpdata

import (
	"bytes"
	"encoding/json"
	"errors"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// ErrNotOTLP is returned for an object of JSON that is not a request of OTLP.
var ErrNotOTLP = errors.New("not a request of OTLP")

// The fields of the three kinds of requests.
const (
	resourceSpans   = "resourceSpans"
	resourceLogs    = "resourceLogs"
	resourceMetrics = "resourceMetrics"
)

// JSON reads a request of OTLP in JSON, as the Collector's file exporter writes one a line. It reads other spellings of
// it, too: see [spelled].
func JSON(line []byte) (*signal.Batch, error) {
	field := firstField(line)
	switch field {
	case resourceSpans, resourceLogs, resourceMetrics:
		return jsonOf(field, line)
	}
	if spelled := spelled(line); spelled != nil {
		return spelled.batch()
	}
	return nil, ErrNotOTLP
}

// TracesJSON reads a request that was sent for spans. LogsJSON and MetricsJSON read those for records and points.
func TracesJSON(body []byte) (*signal.Batch, error) { return jsonOf(resourceSpans, body) }

// LogsJSON reads a request that was sent for log records.
func LogsJSON(body []byte) (*signal.Batch, error) { return jsonOf(resourceLogs, body) }

// MetricsJSON reads a request that was sent for metrics.
func MetricsJSON(body []byte) (*signal.Batch, error) { return jsonOf(resourceMetrics, body) }

// jsonOf reads a request as OTLP has it. One that is not read, or that seems to be empty, may be spelled otherwise.
func jsonOf(field string, text []byte) (*signal.Batch, error) {
	batch, err := strictly(field, text)
	if err == nil && batch.Len() > 0 {
		return batch, nil
	}
	if spelled := spelled(text); spelled != nil {
		if batch, err := spelled.batch(); err == nil {
			return batch, nil
		}
	}
	return batch, err
}

// strictly reads a request as OTLP has it.
func strictly(field string, text []byte) (*signal.Batch, error) {
	switch field {
	case resourceSpans:
		traces, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(text)
		if err != nil {
			return nil, err
		}
		return Traces(traces), nil
	case resourceLogs:
		logs, err := new(plog.JSONUnmarshaler).UnmarshalLogs(text)
		if err != nil {
			return nil, err
		}
		return Logs(logs), nil
	}
	metrics, err := new(pmetric.JSONUnmarshaler).UnmarshalMetrics(text)
	if err != nil {
		return nil, err
	}
	return Metrics(metrics), nil
}

// firstField returns the first field of the object.
func firstField(line []byte) string {
	in := json.NewDecoder(bytes.NewReader(line))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	t, _ := in.Token()
	name, _ := t.(string)
	return name
}
