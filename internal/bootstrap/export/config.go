// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package export builds the processors and readers that export spans, metrics and logs, from
// a configuration or from OpenTelemetry's standard environment variables.
package export

import (
	"io"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/internal/spool"
)

// Config names the exporters of each signal. The zero Config exports nothing.
type Config struct {
	Traces  Signal
	Metrics Signal
	Logs    Signal
	// Scrape adds a reader whose metrics [Set.Scrape] serves to Prometheus.
	Scrape bool
	// Profile is the vocabulary of the spans that are sent over OTLP; 0 is that of package semconv.
	Profile profile.Profile
	// Resource describes the process in OTLP requests with spans and log records. Those with
	// metrics have the resource of the meter provider.
	Resource *resource.Resource
	// Console is the output of console exporters, which write one at a time; nil is stdout.
	Console io.Writer
	// Spool bounds the OTLP requests that wait for a collector. The zero Config keeps them in
	// memory.
	Spool spool.Config
}

// Signal is the exporters of one signal.
type Signal struct {
	// OTLP is the collector; nil sends to none.
	OTLP *Collector
	// Console prints in the format of OpenTelemetry's stdout exporters, for development.
	Console bool
	// Queue configures the batch processor. For metrics only Interval and ExportTimeout are used.
	Queue Queue

	// Limited makes log records pass through a logger provider of the SDK, which applies limits.
	Limited bool
}

// The names of exporters.
const (
	exporterOTLP       = "otlp"
	exporterConsole    = "console"
	exporterPrometheus = "prometheus" // For metrics only.
	exporterNone       = "none"
)

// FromEnv reads the standard variables. Invalid values are reported to the reader.
//
// OTEL_{TRACES,METRICS,LOGS}_EXPORTER is a list of otlp, console and none, and for metrics also
// prometheus, which starts no server: the program serves [Set.Scrape]. If it is unset, a signal
// is exported over OTLP if OTEL_EXPORTER_OTLP_ENDPOINT or the signal's own endpoint is set, and
// not exported otherwise. The specification's default is OTLP to localhost; here a program uses
// the network only if it is configured to.
//
// OTELVOICE_SPOOL_DIR is the directory in which OTLP requests wait for the collector.
// OTELVOICE_SPOOL_MAX_BYTES and OTELVOICE_SPOOL_MAX_AGE (milliseconds) bound them.
//
// OTELVOICE_SPAN_PROFILE is the vocabulary of spans that are sent.
//
// The SDK reads the limits of spans and log records, and the temporality and aggregation of
// metrics, from the process's environment; FromEnv only checks them.
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
	cfg.Spool = ReadSpool(r)
	cfg.Profile = readProfile(r)
	checkSDK(r)
	cfg.Logs.Limited = limitsLogs(r)
	return cfg
}

// readProfile reads the vocabulary of spans.
func readProfile(r *settings.Reader) profile.Profile {
	var none profile.Profile
	allowed := []string{none.String()}
	for _, p := range profile.Profiles() {
		allowed = append(allowed, p.String())
	}
	p, _ := profile.Parse(r.Enum("OTELVOICE_SPAN_PROFILE", none.String(), allowed...)) // It is one of those allowed.
	return p
}

// readSignal reads the variables of one signal, which may have exporters of its own.
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
	// OTLP's variables are read even if the signal is not sent, so that mistakes are reported.
	c := readCollector(r, signal, path)
	if send {
		s.OTLP = &c
	}
	return s
}

func endpointSet(r *settings.Reader, signal string) bool {
	_, common := r.String(otlpPrefix + "ENDPOINT")
	_, own := r.String(otlpPrefix + signal + "_ENDPOINT")
	return common || own
}
