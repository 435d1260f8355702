// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// do calls what unless it is nil.
func do(what func()) {
	if what != nil {
		what()
	}
}

// fault is a span processor that calls the given functions; nil ones are skipped.
type fault struct{ start, end, flush, shutdown func() }

func (f *fault) OnStart(context.Context, sdktrace.ReadWriteSpan) { do(f.start) }
func (f *fault) OnEnd(sdktrace.ReadOnlySpan)                     { do(f.end) }
func (f *fault) ForceFlush(context.Context) error                { do(f.flush); return nil }
func (f *fault) Shutdown(context.Context) error                  { do(f.shutdown); return nil }

// logFault is a log processor that calls the given functions.
type logFault struct{ enabled, emit, flush, shutdown func() }

func (f *logFault) Enabled(context.Context, sdklog.EnabledParameters) bool {
	do(f.enabled)
	return true
}
func (f *logFault) OnEmit(context.Context, *sdklog.Record) error { do(f.emit); return nil }
func (f *logFault) ForceFlush(context.Context) error             { do(f.flush); return nil }
func (f *logFault) Shutdown(context.Context) error               { do(f.shutdown); return nil }

// readerFault is a metric reader that calls the given functions.
type readerFault struct {
	*sdkmetric.ManualReader

	flush, shutdown func()
}

func (f readerFault) ForceFlush(context.Context) error { do(f.flush); return nil }
func (f readerFault) Shutdown(ctx context.Context) error {
	do(f.shutdown)
	return f.ManualReader.Shutdown(ctx) //nolint:wrapcheck // The error is the reader's own.
}

// exporterFault is a span exporter that calls the given function.
type exporterFault struct{ export func() }

func (f exporterFault) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	do(f.export)
	return nil
}
func (exporterFault) Shutdown(context.Context) error { return nil }
