// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"net/http"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/semconv"
)

// Each metric of the spool in the registry is recorded, with the values of its health.
func TestMetrics(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	c := newCollector(t)
	c.answers(func(n int, w http.ResponseWriter, _ string) bool {
		switch {
		case n == 2:
			w.WriteHeader(http.StatusBadRequest)
		case n > 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n == 1
	})
	s, e := open(t, queue.Config{Dir: t.TempDir()}, collector.Endpoint{URL: c.URL})
	if err := s.Observe(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("spool")); err != nil {
		t.Fatal(err)
	}
	for _, body := range numbered(3) {
		if err := e.send(t, body); err != nil {
			t.Fatal(err)
		}
	}
	for s.Health()[0].Retried == 0 {
		<-time.After(time.Millisecond)
	}
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	made := make(map[string]metricdata.Metrics)
	for _, m := range rm.ScopeMetrics[0].Metrics {
		made[m.Name] = m
	}
	for _, want := range []semconv.Metric{
		semconv.MetricVoiceSpoolQueueSize(), semconv.MetricVoiceSpoolDiskUsage(), semconv.MetricVoiceSpoolAge(), semconv.MetricVoiceSpoolSent(),
		semconv.MetricVoiceSpoolRetries(), semconv.MetricVoiceSpoolDropped(), semconv.MetricVoiceSpoolAttemptDuration(),
	} {
		m, ok := made[want.Name]
		if !ok || m.Unit != want.Unit || m.Description != want.Description {
			t.Errorf("%s: registered %t, unit %q", want.Name, ok, m.Unit)
		}
	}
	for name, want := range map[string]int64{
		semconv.MetricVoiceSpoolSent().Name: 1, semconv.MetricVoiceSpoolQueueSize().Name: 1, semconv.MetricVoiceSpoolDropped().Name: 1,
	} {
		if sum, ok := made[name].Data.(metricdata.Sum[int64]); !ok || len(sum.DataPoints) != 1 || sum.DataPoints[0].Value != want {
			t.Errorf("%s is %+v, want %d", name, made[name].Data, want)
		}
	}
}
