// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A program that logs heavily while an output hangs and the process shuts down does not
// accumulate a goroutine for each line.
func TestLinesWhileAnOutputHangsAreBounded(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	var hanging atomic.Bool
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithShutdownTimeout(500*time.Millisecond),
		voicesdk.WithLogWriter(stuck{func() {
			if hanging.Load() {
				<-release
			}
		}}), variables())
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		tel.StartSession(t.Context())
	}
	hanging.Store(true)
	if err := tel.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "lines were not written") {
		t.Errorf("got %v", err)
	}
}

// A metric callback that hangs with the SDK's lock held blocks neither calls nor Shutdown.
func TestCallsGoOnWhileAMetricCallbackHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exporter, err := stdoutmetric.New(stdoutmetric.WithWriter(io.Discard))
		if err != nil {
			t.Fatal(err)
		}
		rec := voicetest.NewRecorder()
		tel, err := voicesdk.Setup(t.Context(), append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithLogWriter(io.Discard),
			voicesdk.WithMetricReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Minute))), variables())...)
		if err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		if _, err := tel.MeterProvider().Meter("m").Int64ObservableGauge("g", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
			<-release
			return nil
		})); err != nil {
			t.Fatal(err)
		}
		wait(61_000) // The reader collects.
		oneCall(t.Context(), tel)
		ctx, session := tel.StartSession(t.Context())
		session.StartTurn(ctx)
		begin := time.Now()
		// The callback delays only its own measurement, so the reader returns.
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Errorf("got %v", err)
		}
		if got := tel.Health().CallbackFailures; got == 0 {
			t.Error("the callback that hangs is not counted")
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		if n := len(rec.Spans()); n != 4 {
			t.Errorf("%d spans arrived, want 4", n)
		}
		close(release)
	})
}
