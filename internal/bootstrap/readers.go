// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/internal/bounded"
)

// metricReader is a reader that is flushed and shut down in bounded time: it may hang in a
// callback of the program's, or in an exporter.
type metricReader struct {
	sdkmetric.Reader

	component *bounded.Component
	down      atomic.Bool
}

func newMetricReader(of sdkmetric.Reader) *metricReader {
	return &metricReader{Reader: of, component: bounded.New(fmt.Sprintf("the metric reader %T", of))}
}

// ForceFlush flushes the reader, if it has a ForceFlush method.
func (r *metricReader) ForceFlush(ctx context.Context) error {
	reader, ok := r.Reader.(interface {
		ForceFlush(ctx context.Context) error
	})
	if !ok || r.down.Load() {
		return nil
	}
	return r.component.Flush(ctx, reader.ForceFlush)
}

// Shutdown shuts the reader down, once.
func (r *metricReader) Shutdown(ctx context.Context) error {
	if r.down.Swap(true) {
		return nil
	}
	return r.component.Call(ctx, r.Reader.Shutdown)
}

// meters is the SDK's provider of meters with its readers. The provider calls one reader
// after the other, so that one that hangs keeps those after it from being flushed.
type meters struct {
	*sdkmetric.MeterProvider

	readers []*metricReader
}

// ForceFlush flushes the readers side by side.
func (m meters) ForceFlush(ctx context.Context) error {
	return sideBySide(ctx, m.readers, func(ctx context.Context, r *metricReader) error { return r.ForceFlush(ctx) })
}

// Shutdown shuts the readers down side by side, and then the provider, which has nothing
// left to shut down but itself.
func (m meters) Shutdown(ctx context.Context) error {
	err := sideBySide(ctx, m.readers, func(ctx context.Context, r *metricReader) error { return r.Shutdown(ctx) })
	return errors.Join(err, m.MeterProvider.Shutdown(ctx))
}
