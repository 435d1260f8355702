// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package hostmetrics measures the Go runtime, the process and the host.
package hostmetrics

import (
	"context"
	"errors"
	"os"

	"github.com/shirou/gopsutil/v4/process"
	"go.opentelemetry.io/contrib/instrumentation/host"
	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/processconv"
)

// Start measures the Go runtime, the process and the host. scope is the name of the meter of the
// process. All work by
// callbacks when a reader reads; nothing runs in between.
func Start(provider metric.MeterProvider, scope string) error {
	return errors.Join(
		runtime.Start(runtime.WithMeterProvider(provider)),
		host.Start(host.WithMeterProvider(provider)),
		startProcessMemory(provider, scope))
}

// startProcessMemory measures the memory that the process holds: what the runtime's
// own figure leaves out, and what a container is killed for. The host instrumentation
// has the process' CPU time and the machine's memory, but not this.
func startProcessMemory(provider metric.MeterProvider, scope string) error {
	self, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		return err
	}
	meter := provider.Meter(scope)
	usage, err := processconv.NewMemoryUsageObservable(meter)
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		memory, err := self.MemoryInfoWithContext(ctx)
		if err != nil {
			return err
		}
		o.ObserveInt64(usage.Inst(), int64(memory.RSS))
		return nil
	}, usage.Inst())
	return err
}
