// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Performance shows how to measure work: functions become operations, figures of other work
// are logged, and both are recorded as metrics. At the end it prints the metrics that a
// collector would get.
//
//	go run ./examples/performance
//	go run ./examples/performance 2>/dev/null | jq -c '.performance_metrics // empty'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type order struct {
	Dish   string `json:"dish"`
	Guests int    `json:"guests"`
	Token  string `json:"token"` // Redacted.
}

func run(ctx context.Context) (err error) {
	reader := sdkmetric.NewManualReader()
	tel, err := voicesdk.Setup(ctx,
		voicesdk.WithServiceName("kitchen"),
		voicesdk.WithMetricReader(reader),
		voicesdk.WithoutRuntimeMetrics())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	// Time a function where it is called.
	menu, err := otelvoice.Timed(ctx, "load menu", func(context.Context) ([]string, error) {
		work(20 * time.Millisecond)
		return []string{"soup", "pie"}, nil
	})
	if err != nil {
		return err
	}

	// Wrap a function once. Each call is then an operation with its arguments.
	cook := otelvoice.Wrap("cook", func(_ context.Context, o order) (string, error) {
		work(time.Duration(o.Guests) * 5 * time.Millisecond)
		return o.Dish + " is ready", nil
	}, otelvoice.WithArguments())
	for i, dish := range menu {
		if _, err := cook(ctx, order{Dish: dish, Guests: i + 1, Token: "t0p-s3cret"}); err != nil {
			return err
		}
	}

	// Log figures of work that is neither a stage nor an operation.
	tel.LogPerformance(ctx, "resample", otelvoice.Performance{
		Duration: 12 * time.Millisecond, AudioBytes: 96_000, Confidence: new(0.9),
		Extra:     []attribute.KeyValue{attribute.Int("frames", 150)},
		Component: "resampler", Type: otelvoice.ComponentTransport,
	})
	return printMetrics(ctx, reader)
}

// work takes the given time.
func work(d time.Duration) { <-time.After(d) }

// printMetrics prints the histograms of the reader.
func printMetrics(ctx context.Context, reader sdkmetric.Reader) error {
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &rm); err != nil {
		return err
	}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			histogram, ok := m.Data.(metricdata.Histogram[float64])
			if !ok {
				continue
			}
			for _, point := range histogram.DataPoints {
				fmt.Fprintf(os.Stderr, "%s %v: count %d, sum %.3f %s\n",
					m.Name, point.Attributes.ToSlice(), point.Count, point.Sum, m.Unit)
			}
		}
	}
	return nil
}
