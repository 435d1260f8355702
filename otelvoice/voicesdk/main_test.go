// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	nova3  = otelvoice.Model{Provider: "deepgram", Name: "nova-3"}
	sonic3 = otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
	gpt    = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}
)

// wait advances the clock of a synctest bubble.
func wait(ms int) { <-time.After(time.Duration(ms) * time.Millisecond) }

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
