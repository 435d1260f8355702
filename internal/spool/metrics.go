// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/semconv"
)

// Observe registers metrics of [Spool.Health] and of the duration of attempts. They are read when
// a reader collects. It must be called once, before Shutdown.
func (s *Spool) Observe(meter metric.Meter) error {
	var errs []error
	keep := func(err error) { errs = append(errs, err) }
	up := func(m semconv.Metric) metric.Int64ObservableUpDownCounter {
		i, err := meter.Int64ObservableUpDownCounter(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description))
		keep(err)
		return i
	}
	count := func(m semconv.Metric) metric.Int64ObservableCounter {
		i, err := meter.Int64ObservableCounter(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description))
		keep(err)
		return i
	}
	waiting, disk := up(semconv.MetricVoiceSpoolQueueSize()), up(semconv.MetricVoiceSpoolDiskUsage())
	sent, retries, dropped := count(semconv.MetricVoiceSpoolSent()), count(semconv.MetricVoiceSpoolRetries()), count(semconv.MetricVoiceSpoolDropped())
	m := semconv.MetricVoiceSpoolAge()
	age, err := meter.Float64ObservableGauge(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description))
	keep(err)
	m = semconv.MetricVoiceSpoolAttemptDuration()
	took, err := meter.Float64Histogram(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description), metric.WithExplicitBucketBoundaries(m.Buckets...))
	keep(err)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, sender := range s.all() {
		of := metric.WithAttributeSet(attribute.NewSet(semconv.VoiceSignal(string(sender.Queue.Signal))))
		sender.Queue.Stats.Measure(func(seconds float64) { took.Record(context.Background(), seconds, of) })
	}
	_, err = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for _, h := range s.Health() {
			signal := semconv.VoiceSignal(string(h.Signal))
			of := metric.WithAttributeSet(attribute.NewSet(signal))
			o.ObserveInt64(waiting, int64(h.Items), of)
			o.ObserveInt64(disk, h.Disk, of)
			o.ObserveInt64(sent, h.Sent, of)
			o.ObserveInt64(retries, h.Retried, of)
			if h.Requests > 0 {
				o.ObserveFloat64(age, h.Oldest.Seconds(), of)
			}
			for reason, n := range h.Dropped {
				o.ObserveInt64(dropped, n, metric.WithAttributeSet(attribute.NewSet(signal, semconv.VoiceSpoolDropReason(reason))))
			}
		}
		return nil
	}, waiting, disk, sent, retries, dropped, age)
	return err
}
