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

// resources says what the service uses, how much it does with it, and whether its
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
	return page("voice-resources", "Resources", "What the service uses, how much it does with it, and whether its telemetry is complete.").
		WithVariable(chosenJobs(stored(semconv.MetricVoiceTurnCount()))).
		WithRow(dashboard.NewRowBuilder("The process")).
		WithPanel(stacked(graph(third, plain, "CPU", "Cores in use, in the program and in the system on its behalf.", each(by(perSecond(series(cpu)), mode), mode)))).
		WithPanel(graph(third, bytesIEC, "Memory", "What the process holds, by instance: what a container is killed for.", perInstance(series(resident)))).
		WithPanel(graph(third, bytesIEC, "Memory of the Go runtime", "A part of what the process holds.", perInstance(series(goMemory)))).
		WithPanel(graph(third, plain, "Goroutines", "If they grow and calls do not, something is left behind.", perInstance(series(goroutines)))).
		WithPanel(graph(third, "Bps", "Allocations", "Work for the garbage collector.", perInstance(perSecond(series(allocated))))).
		WithPanel(graph(third, plain, "Calls at a time", "Sessions that are open.", perInstance(series(stored(semconv.MetricVoiceSessionActive()))))).
		WithRow(dashboard.NewRowBuilder("Throughput")).
		WithPanel(graph(third, perSec, "Turns", "That ended.", perInstance(perSecond(series(stored(semconv.MetricVoiceTurnCount())))))).
		WithPanel(graph(third, perSec, "Requests", "By stage.",
			each(by(perSecond(series(stored(semconv.MetricVoiceStageDuration())+"_count")), semconv.VoiceStageKey), semconv.VoiceStageKey))).
		WithPanel(graph(third, plain, "Audio", "Seconds of audio a second: heard and spoken.",
			named("heard", by(perSecond(series(stored(semconv.MetricVoiceSTTAudioDuration()))))), named("spoken", by(perSecond(series(stored(semconv.MetricVoiceTTSAudioDuration()))))))).
		WithRow(dashboard.NewRowBuilder("Telemetry of the service")).
		WithPanel(graph(third, plain, "Lost", "Since the process started. Anything but nothing is worth a look: more came at once than there is room for, or the collector was away too long.",
			named("not sent: {{"+label(semconv.VoiceSignalKey)+"}} {{"+label(semconv.VoiceSpoolDropReasonKey)+"}}", by(series(stored(semconv.MetricVoiceSpoolDropped())), semconv.VoiceSignalKey, semconv.VoiceSpoolDropReasonKey)),
			named("lines: {{"+label(semconv.VoiceLogOutputKey)+"}}", by(series(stored(semconv.MetricVoiceLogsDropped())), semconv.VoiceLogOutputKey)),
			named("measurements: {{"+label(semconv.VoiceMeasurementKey)+"}}", by(series(stored(semconv.MetricVoiceMeasurementsDropped())), semconv.VoiceMeasurementKey)),
			named("not scraped: {{"+label(semconv.VoiceMeasurementKey)+"}}", by(series(stored(semconv.MetricVoiceScrapeDropped())), semconv.VoiceMeasurementKey)),
			named("metric callbacks that failed", by(series(stored(semconv.MetricVoiceMetricsCallbackFailures())))))).
		WithPanel(graph(third, plain, "Waiting to be sent", "It grows while the collector is away, and shrinks when it is back.",
			each(by(series(stored(semconv.MetricVoiceSpoolQueueSize())), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, seconds, "The oldest that waits", "What is older than a day is dropped.",
			each("max by ("+label(semconv.VoiceSignalKey)+") ("+series(stored(semconv.MetricVoiceSpoolAge()))+")", semconv.VoiceSignalKey))).
		WithPanel(graph(third, bytesIEC, "The spool on disk", "By signal, of all processes.",
			each(by(series(stored(semconv.MetricVoiceSpoolDiskUsage())), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, perSec, "Sent", "Spans, points and records that the collector has taken.",
			each(by(perSecond(series(stored(semconv.MetricVoiceSpoolSent()))), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, perSec, "Attempts that failed", "They are made again.",
			each(by(perSecond(series(stored(semconv.MetricVoiceSpoolRetries()))), semconv.VoiceSignalKey), semconv.VoiceSignalKey))).
		WithPanel(graph(third, seconds, "Attempts, p95", "How long the collector takes to answer.",
			each(quantile(0.95, semconv.MetricVoiceSpoolAttemptDuration(), []attribute.Key{semconv.VoiceSignalKey}), semconv.VoiceSignalKey))).
		WithRow(dashboard.NewRowBuilder("The collector")).
		WithPanel(graph(third, percent, "Queues", "By exporter. At 100 % what comes is lost.",
			named("{{instance}} {{exporter}}", "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity")).Max(1)).
		WithPanel(graph(third, perSec, "Taken in", "By what it is.",
			named("spans", "sum(rate(otelcol_receiver_accepted_spans_total[$__rate_interval]))"),
			named("records", "sum(rate(otelcol_receiver_accepted_log_records_total[$__rate_interval]))"),
			named("points", "sum(rate(otelcol_receiver_accepted_metric_points_total[$__rate_interval]))"))).
		WithPanel(graph(third, perSec, "Refused or lost", "Refused is told to the sender, which tries again.",
			named("refused spans", "sum(rate(otelcol_receiver_refused_spans_total[$__rate_interval]))"),
			named("refused records", "sum(rate(otelcol_receiver_refused_log_records_total[$__rate_interval]))"),
			named("spans: queue full", "sum(rate(otelcol_exporter_enqueue_failed_spans_total[$__rate_interval]))"),
			named("records: queue full", "sum(rate(otelcol_exporter_enqueue_failed_log_records_total[$__rate_interval]))"),
			named("spans: not delivered", "sum(rate(otelcol_exporter_send_failed_spans_total[$__rate_interval]))"),
			named("records: not delivered", "sum(rate(otelcol_exporter_send_failed_log_records_total[$__rate_interval]))")))
}
