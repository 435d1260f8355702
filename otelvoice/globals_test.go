// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"log/slog"

	"go.opentelemetry.io/otel"
)

// globals returns a function that restores the globals of OpenTelemetry and slog.
func globals() (restore func()) {
	logger, tracers, meters, propagator := slog.Default(), otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetTextMapPropagator()
	logs := otel.GetLoggerProvider()
	return func() {
		slog.SetDefault(logger)
		otel.SetLoggerProvider(logs)
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
		otel.SetTextMapPropagator(propagator)
	}
}
