// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// A batch is compared with the configured queue, not with the SDK's default of 2,048.
func TestBatchLargerThanTheSDKsDefaultQueue(t *testing.T) {
	for _, prefix := range []string{"OTEL_BSP_", "OTEL_BLRP_"} {
		for _, tt := range []struct {
			size, batch string
			want        string // Part of the error; empty for none.
		}{
			{"", "4096", ""},
			{"", "65536", ""},
			{"", "65537", "at most 65536, the size of the queue (" + prefix + "MAX_QUEUE_SIZE)"},
			{"8192", "4096", ""},
			{"4096", "4096", ""},
			{"1000", "1001", "at most 1000, the size of the queue (" + prefix + "MAX_QUEUE_SIZE)"},
			{"100", "", ""},
			{"1", "1", ""},
		} {
			t.Run(prefix+" queue "+tt.size+" batch "+tt.batch, func(t *testing.T) {
				_, err := fromEnv(prefix+"MAX_QUEUE_SIZE", tt.size, prefix+"MAX_EXPORT_BATCH_SIZE", tt.batch)
				switch {
				case tt.want == "" && err != nil:
					t.Error(err)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), prefix+"MAX_EXPORT_BATCH_SIZE") || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("got %v, want %s", err, tt.want)
				}
			})
		}
	}
}

// A queue that is shorter than a batch is sent when it is full: it does not wait for a full
// batch, and nothing is lost meanwhile.
func TestQueueShorterThanTheBatchIsSent(t *testing.T) {
	for _, queue := range []export.Queue{{Size: 100}, {Size: 100, Batch: 1000}} {
		for _, limited := range []bool{false, true} {
			receiver := otlptest.NewReceiver(t)
			variables := []string{"OTEL_EXPORTER_OTLP_ENDPOINT", receiver.HTTPEndpoint()}
			if limited { // The SDK's processor applies limits.
				variables = append(variables, "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "128")
			}
			cfg, err := fromEnv(variables...)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Metrics = export.Signal{}
			queue.Interval = time.Hour
			cfg.Traces.Queue, cfg.Logs.Queue = queue, queue
			set, err := export.New(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(set.SpanProcessors[0]))
			logs := loggers(set)
			for range 100 {
				start(t.Context(), tracers.Tracer(""), "s").End()
				var r log.Record
				r.SetBody(attribute.StringValue("line"))
				logs.Logger("").Emit(t.Context(), r)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			if !receiver.Wait(ctx, func() bool { return len(receiver.AllSpans()) == 100 && len(receiver.AllLogs()) == 100 }) {
				t.Errorf("queue %+v, limited %t: %d spans and %d records of 100 were sent before the interval",
					queue, limited, len(receiver.AllSpans()), len(receiver.AllLogs()))
			}
			for _, end := range []func(context.Context) error{tracers.Shutdown, logs.Shutdown, set.Spool.Shutdown} {
				if err := end(ctx); err != nil {
					t.Error(err)
				}
			}
			cancel()
		}
	}
}

// loggers returns the provider of a set's log records.
func loggers(set *export.Set) export.Logs {
	if set.Logs != nil {
		return set.Logs
	}
	var opts []sdklog.LoggerProviderOption
	for _, p := range set.LogProcessors {
		opts = append(opts, sdklog.WithProcessor(p))
	}
	return sdklog.NewLoggerProvider(opts...)
}
