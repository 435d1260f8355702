// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package exporters makes the SDK's processors and readers that take spans,
// metrics and logs out of the process, from a configuration or from the standard
// variables.
package exporters

import (
	"io"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/exporters/otlp"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/settings"
)

// Config says what is exported and where to. The zero Config exports nothing.
type Config struct {
	Traces  Signal
	Metrics Signal
	Logs    Signal
	// Scrape keeps metrics for a scraper, for [Set.Scrape] to serve.
	Scrape bool
	// Resource is whose spans and records are sent by OTLP. With it both are encoded when they
	// are made; without it the SDK's processors and exporters do it, and go by what the
	// SDK's providers say.
	Resource *resource.Resource
	// Console is where console exporters write, one at a time; nil is stdout.
	Console io.Writer
	// Spool says where what is sent by OTLP is kept until the collector has taken it. The
	// zero Config keeps it in memory, within a bound.
	Spool spool.Config
}

// Signal is the exporters of one signal.
type Signal struct {
	// OTLP sends to a collector; nil does not.
	OTLP *otlp.Config
	// Console prints, in OpenTelemetry's own shape, for looking at it in dev.
	Console bool
	// Queue is the batch processor's; for metrics only Interval and
	// ExportTimeout count.
	Queue Queue

	limited bool // Its records have limits that the SDK keeps.
}

// The names of exporters.
const (
	exporterOTLP       = "otlp"
	exporterConsole    = "console"
	exporterPrometheus = "prometheus" // Of metrics alone.
	exporterNone       = "none"
)

// FromEnv reads the standard variables. What is wrong with them goes to the
// reader.
//
// OTEL_{TRACES,METRICS,LOGS}_EXPORTER is a list of otlp, console and none, and for
// metrics of prometheus, which starts no server: the program serves [Set.Scrape]. Where it is unset, a signal goes out by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT or the
// signal's own endpoint is set, and not at all otherwise. The specification's
// default is OTLP to localhost; a program that was not asked to does not reach
// for the network.
//
// OTELVOICE_SPOOL_DIR is a directory in which what is sent by OTLP waits,
// OTELVOICE_SPOOL_MAX_BYTES and OTELVOICE_SPOOL_MAX_AGE (milliseconds) bound it.
//
// The limits of spans and log records, and what OTLP makes of metrics, are read
// by the SDK from the process's environment; here they are only checked.
func FromEnv(r *settings.Reader) Config {
	cfg := Config{
		Traces: readSignal(r, "TRACES", "/v1/traces", nil),
		Logs:   readSignal(r, "LOGS", "/v1/logs", nil),
	}
	cfg.Metrics = readSignal(r, "METRICS", "/v1/metrics", map[string]*bool{exporterPrometheus: &cfg.Scrape})
	cfg.Traces.Queue = readQueue(r, "OTEL_BSP_")
	cfg.Logs.Queue = readQueue(r, "OTEL_BLRP_")
	cfg.Metrics.Queue = Queue{
		Interval:      readDuration(r, "OTEL_METRIC_EXPORT_INTERVAL"),
		ExportTimeout: readDuration(r, "OTEL_METRIC_EXPORT_TIMEOUT"),
	}
	cfg.Spool = readSpool(r)
	checkSDK(r)
	cfg.Logs.limited = limitsLogs(r)
	return cfg
}

// readSignal reads what is said of one signal, which may have exporters of its own.
func readSignal(r *settings.Reader, signal, path string, own map[string]*bool) (s Signal) {
	variable := "OTEL_" + signal + "_EXPORTER"
	names, ok := r.List(variable)
	if !ok && endpointSet(r, signal) {
		names = []string{exporterOTLP}
	}
	send := false
	for _, name := range names {
		name = strings.ToLower(name)
		if chosen, ok := own[name]; ok {
			*chosen = true
			continue
		}
		switch name {
		case exporterOTLP:
			send = true
		case exporterConsole:
			s.Console = true
		case exporterNone:
		default:
			allowed := slices.Concat([]string{exporterOTLP, exporterConsole, exporterNone}, slices.Sorted(maps.Keys(own)))
			r.Fail(variable, name, "a list of "+strings.Join(allowed, ", "))
		}
	}
	// What is said about OTLP is read even when nothing is sent, so that a
	// mistake shows where it was made.
	cfg := readOTLP(r, signal, path)
	if send {
		s.OTLP = &cfg
	}
	return s
}

func endpointSet(r *settings.Reader, signal string) bool {
	_, common := r.String(otlpPrefix + "ENDPOINT")
	_, own := r.String(otlpPrefix + signal + "_ENDPOINT")
	return common || own
}
