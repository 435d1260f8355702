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

// JSON reads a request of OTLP in JSON, as the Collector's file exporter writes one a line.
func JSON(line []byte) (*signal.Batch, error) {
	switch kindOf(line) {
	case "resourceSpans":
		traces, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(line)
		if err != nil {
			return nil, err
		}
		return Traces(traces), nil
	case "resourceLogs":
		logs, err := new(plog.JSONUnmarshaler).UnmarshalLogs(line)
		if err != nil {
			return nil, err
		}
		return Logs(logs), nil
	case "resourceMetrics":
		metrics, err := new(pmetric.JSONUnmarshaler).UnmarshalMetrics(line)
		if err != nil {
			return nil, err
		}
		return Metrics(metrics), nil
	}
	return nil, ErrNotOTLP
}

// kindOf returns the first field of the object.
func kindOf(line []byte) string {
	in := json.NewDecoder(bytes.NewReader(line))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	t, _ := in.Token()
	name, _ := t.(string)
	return name
}
