// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import "net/http"

// MetricsHandler returns a handler that serves the metrics to Prometheus, usually at /metrics. If
// the scraper accepts OpenMetrics, they have exemplars: trace IDs of calls in a bucket.
//
// It needs [WithPrometheus] or OTEL_METRICS_EXPORTER=prometheus. Without them, or with
// [WithMeterProvider], it answers 404. It answers 503 after Shutdown, or if metrics cannot be
// collected within the scraper's timeout or 10 s. A metric that cannot be served is left out,
// counted in [Health] and named in a log line. The handler needs no collector, so it still reports
// lost telemetry while the collector is down. It has no authentication: serve it where only the
// scraper can reach it.
func (s *SDK) MetricsHandler() http.Handler {
	if s == nil || s.set == nil || s.set.Scrape == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "otelvoice: no metrics are kept to be fetched; set OTEL_METRICS_EXPORTER=prometheus, "+
				"or set up with voicesdk.WithPrometheus()", http.StatusNotFound)
		})
	}
	return s.set.Scrape
}
