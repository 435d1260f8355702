// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import "github.com/voice-agents/telemetry/internal/otlp"

// Signal is the kind of telemetry in a request.
type Signal string

// The signals.
const (
	Traces  Signal = "traces"
	Metrics Signal = "metrics"
	Logs    Signal = "logs"
)

func (s Signal) code() byte { return s[0] }

// Noun names the items of a request.
func (s Signal) Noun() string {
	switch s {
	case Traces:
		return "spans"
	case Metrics:
		return "metric points"
	case Logs:
		return "log records"
	}
	return string(s)
}

// Kind returns the nesting of the signal's requests.
func (s Signal) Kind() otlp.Kind {
	if s == Metrics {
		return otlp.Points
	}
	return otlp.Items
}
