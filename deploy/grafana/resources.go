// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.opentelemetry.io/otel/attribute"
	upstream "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/goconv"
	"go.opentelemetry.io/otel/semconv/v1.43.0/processconv"

	"github.com/voice-agents/telemetry/semconv"
)

// resources shows the resource usage and throughput of the service, and whether its
// telemetry is complete.
func resources() *dashboard.DashboardBuilder {
	var (
		cpu        = stored(conventional(processconv.CPUTime{}, semconv.Counter))
		resident   = stored(conventional(processconv.MemoryUsage{}, semconv.UpDownCounter))
		goMemory   = stored(conventional(goconv.MemoryUsed{}, semconv.UpDownCounter))
		allocated  = stored(conventional(goconv.MemoryAllocated{}, semconv.Counter))
		goroutines = stored(conventional(goconv.GoroutineCount{}, semconv.UpDownCounter))
		mode       = upstream.CPUModeKey
		byInstance = []attribute.Key{"job", "instance"}
	)
	perInstance := func(expr string) withLegend { return each(by(expr, byInstance...), byInstance...) }
	return page("voice-resources", "Resources", "Resource usage and throughput of the service, and the completeness of its telemetry.").
		WithVariable(chosenJobs(stored(semconv.MetricVoiceTurnCount()))).
		WithRow(dashboard.NewRowBuilder("Process")).
		WithPanel(stacked(graph(third, plain, "CPU", "CPU cores in use, by mode.", each(by(perSecond(series(cpu)), mode), mode)))).
		WithPanel(graph(third, bytesIEC, "Memory", "Resident memory by instance. Container memory limits apply to it.", perInstance(series(resident)))).
		WithPanel(graph(third, bytesIEC, "Memory of the Go runtime", "Included in the resident memory.", perInstance(series(goMemory)))).
		WithPanel(graph(third, plain, "Goroutines", "A rise without a rise in calls indicates a goroutine leak.", perInstance(series(goroutines)))).
		WithPanel(graph(third, "Bps", "Allocations", "Allocated bytes per second, which the garbage collector has to free.", perInstance(perSecond(series(allocated))))).
		WithPanel(graph(third, plain, "Open calls", "Open sessions.", perInstance(series(stored(semconv.MetricVoiceSessionActive()))))).
		WithRow(dashboard.NewRowBuilder("Throughput")).
		WithPanel(graph(third, perSec, "Turns", "Ended turns.", perInstance(perSecond(series(stored(semconv.MetricVoiceTurnCount())))))).
		WithPanel(graph(third, perSec, "Requests", "By stage.",
			each(by(perSecond(series(stored(semconv.MetricVoiceStageDuration())+"_count")), semconv.VoiceStageKey), semconv.VoiceStageKey))).
		WithPanel(graph(third, plain, "Audio", "Seconds of audio per second: recognised and synthesised.",
			named("recognised", by(perSecond(series(stored(semconv.MetricVoiceSTTAudioDuration()))))), named("synthesised", by(perSecond(series(stored(semconv.MetricVoiceTTSAudioDuration()))))))).
		WithRow(dashboard.NewRowBuilder("Telemetry of the service")).
		WithPanel(graph(third, plain, "Lost", "Since the process started. A queue was full, an output failed, a component panicked, or the collector was down for too long.",
			named("spool: {{"+label(semconv.VoiceSignalKey)+"}} {{"+label(semconv.VoiceSpoolDropReasonKey)+"}}", by(series(stored(semconv.MetricVoiceSpoolDropped())), semconv.VoiceSignalKey, semconv.VoiceSpoolDropReasonKey)),
			named("log lines: {{"+label(semconv.VoiceLogOutputKey)+"}}", by(series(stored(semconv.MetricVoiceLogsDropped())), semconv.VoiceLogOutputKey)),
			named("measurements: {{"+label(semconv.VoiceMeasurementKey)+"}}", by(series(stored(semconv.MetricVoiceMeasurementsDropped())), semconv.VoiceMeasurementKey)),
			named("left out of scrapes: {{"+label(semconv.VoiceMeasurementKey)+"}}", by(series(stored(semconv.MetricVoiceScrapeDropped())), semconv.VoiceMeasurementKey)),
			named("failed metric callbacks", by(series(stored(semconv.MetricVoiceMetricsCallbackFailures())))),
			named("panics", by(series(stored(semconv.MetricVoiceTelemetryPanics())))))).
		WithPanel(graph(third, plain, "Waiting to be sent", "Items in the spool, by signal. It grows while the collector is down.",
			each(by(series(stored(semconv.MetricVoiceSpoolQueueSize())), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, seconds, "Age of the oldest request", "By signal. By default, requests older than one day are dropped.",
			each("max by ("+label(semconv.VoiceSignalKey)+") ("+series(stored(semconv.MetricVoiceSpoolAge()))+")", semconv.VoiceSignalKey))).
		WithPanel(graph(third, bytesIEC, "Spool size on disk", "By signal, of all processes.",
			each(by(series(stored(semconv.MetricVoiceSpoolDiskUsage())), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, perSec, "Sent", "Spans, metric points and log records that the collector accepted.",
			each(by(perSecond(series(stored(semconv.MetricVoiceSpoolSent()))), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, perSec, "Failed export requests", "They are retried.",
			each(by(perSecond(series(stored(semconv.MetricVoiceSpoolRetries()))), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, seconds, "Export duration, p95", "The time that the collector takes to answer.",
			each(quantile(0.95, semconv.MetricVoiceSpoolAttemptDuration(), []attribute.Key{semconv.VoiceSignalKey}), semconv.VoiceSignalKey))).
		WithRow(dashboard.NewRowBuilder("Collector")).
		WithPanel(graph(third, percent, "Queues", "By exporter. At 100 %, new items are dropped.",
			named("{{instance}} {{exporter}}", "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity")).Max(1)).
		WithPanel(graph(third, perSec, "Received", "By signal.",
			named("spans", "sum(rate(otelcol_receiver_accepted_spans_total[$__rate_interval]))"),
			named("log records", "sum(rate(otelcol_receiver_accepted_log_records_total[$__rate_interval]))"),
			named("metric points", "sum(rate(otelcol_receiver_accepted_metric_points_total[$__rate_interval]))"))).
		WithPanel(graph(third, perSec, "Refused or lost", "The sender retries refused items.",
			named("refused spans", "sum(rate(otelcol_receiver_refused_spans_total[$__rate_interval]))"),
			named("refused log records", "sum(rate(otelcol_receiver_refused_log_records_total[$__rate_interval]))"),
			named("spans: queue full", "sum(rate(otelcol_exporter_enqueue_failed_spans_total[$__rate_interval]))"),
			named("log records: queue full", "sum(rate(otelcol_exporter_enqueue_failed_log_records_total[$__rate_interval]))"),
			named("spans: not delivered", "sum(rate(otelcol_exporter_send_failed_spans_total[$__rate_interval]))"),
			named("log records: not delivered", "sum(rate(otelcol_exporter_send_failed_log_records_total[$__rate_interval]))")))
}
