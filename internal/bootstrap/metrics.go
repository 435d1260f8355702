// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/metric/metricguard"
	"github.com/voice-agents/telemetry/semconv"
)

// instrumentation is the scope of the metrics of this package.
const instrumentation = "github.com/voice-agents/telemetry/otelvoice/voicesdk"

// guard puts a guard of callbacks in front of the meters.
func (s *Set) guard(next metric.MeterProvider) {
	s.Guard = metricguard.New(next, 0)
	s.Meters, s.OwnMeters = s.Guard, s.Guard.Own()
}

// bringMeters uses the user's own meter provider. It redacts measurements made through the toolkit,
// even if the user shuts the provider down.
func (s *Set) bringMeters(cfg Config) {
	next := cfg.MeterProvider
	if owned, ok := next.(lifecycle); ok && cfg.OwnProviders {
		s.metrics = named{owned, meterProvider}
		s.guard(next)
		s.Meters = s.Guard.Clean(s.Redactor) // Its exporters may need valid UTF-8.
		return
	}
	s.Meters, s.OwnMeters = next, next
	if s.Redactor != nil {
		s.Meters = metricguard.New(next, 0).Clean(s.Redactor)
	}
}

// scraped reports the metrics that a scrape handler cannot serve.
type scraped interface {
	Listen(tell func(error))
	LeftOut() map[string]uint64
}

// ScrapeLeftOut returns how many metric points were left out of scrapes, by the name of the metric.
func (s *Set) ScrapeLeftOut() map[string]uint64 {
	if h, ok := s.Scrape.(scraped); ok {
		return h.LeftOut()
	}
	return nil
}

// observeMetrics logs and counts metrics that fail, each in a metric of its own. The log lines
// bypass the error handler, which reports one of many errors in half a minute, because each of
// these errors occurs only once.
func (s *Set) observeMetrics() error {
	logger := slog.New(logpipe.NewHandler(logpipe.TelemetryModule, "", s.Logs))
	tell := func(err error) {
		logger.LogAttrs(context.Background(), slog.LevelWarn, "telemetry: "+err.Error())
	}
	if h, ok := s.Scrape.(scraped); ok {
		h.Listen(tell)
	}
	meter := s.OwnMeters.Meter(instrumentation)
	if err := s.observeLostLines(meter); err != nil {
		return err
	}
	if s.Guard == nil {
		return nil
	}
	s.Guard.Listen(tell)
	meter = s.Meters.Meter(instrumentation)
	leftOut, failures := semconv.MetricVoiceScrapeDropped(), semconv.MetricVoiceMetricsCallbackFailures()
	_, err := meter.Int64ObservableCounter(leftOut.Name, metric.WithUnit(leftOut.Unit), metric.WithDescription(leftOut.Description),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			for name, n := range s.ScrapeLeftOut() {
				o.Observe(int64(n), metric.WithAttributeSet(attribute.NewSet(semconv.VoiceMeasurement(name))))
			}
			return nil
		}))
	_, also := meter.Int64ObservableCounter(failures.Name, metric.WithUnit(failures.Unit), metric.WithDescription(failures.Description),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			if n := s.Guard.Failures(); n > 0 {
				o.Observe(n)
			}
			return nil
		}))
	if err = errors.Join(err, also); err != nil {
		return fmt.Errorf("measure the metrics: %w", err)
	}
	return nil
}

// observeLostLines reports, whenever metrics are read, how many log lines each output could not
// write so far. An output that lost none reports nothing.
func (s *Set) observeLostLines(meter metric.Meter) error {
	def := semconv.MetricVoiceLogsDropped()
	with := make(map[string]metric.ObserveOption, len(s.Lost))
	for output := range s.Lost {
		with[output] = metric.WithAttributeSet(attribute.NewSet(semconv.VoiceLogOutput(output)))
	}
	_, err := meter.Int64ObservableCounter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			for output, lost := range s.Lost {
				if n := lost(); n > 0 {
					o.Observe(int64(n), with[output])
				}
			}
			return nil
		}))
	if err != nil {
		return fmt.Errorf("make instrument %s: %w", def.Name, err)
	}
	return nil
}
