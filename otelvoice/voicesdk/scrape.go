// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import "net/http"

// MetricsHandler serves the metrics to Prometheus, usually at /metrics, as OpenMetrics
// with exemplars where the scraper takes it: the trace ID of a call that was so slow.
//
// They are kept for it with [WithPrometheus] or OTEL_METRICS_EXPORTER=prometheus;
// without, and with a meter provider that was brought, it answers 404 and says so. After
// Shutdown it answers 503, and if metrics cannot be collected within the scraper's timeout, or
// 10 s. A metric that cannot be served is left out, counted in [Health] and named in a log line;
// the others are served. It needs no collector, so it still tells how much telemetry
// is lost while that is down. It has no authentication: serve it where only the scraper
// comes.
func (s *SDK) MetricsHandler() http.Handler {
	if s == nil || s.set == nil || s.set.Scrape == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "otelvoice: no metrics are kept to be fetched; set OTEL_METRICS_EXPORTER=prometheus, "+
				"or set up with voicesdk.WithPrometheus()", http.StatusNotFound)
		})
	}
	return s.set.Scrape
}
