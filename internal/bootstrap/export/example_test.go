// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"context"
	"fmt"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
)

func ExampleNew() {
	ctx := context.Background()
	set, err := export.New(ctx, export.Config{
		Traces:  export.Signal{OTLP: &export.Collector{Protocol: export.GRPC, Endpoint: "http://localhost:4317"}},
		Metrics: export.Signal{OTLP: &export.Collector{}}, // http://localhost:4318/v1/metrics
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(set.SpanProcessors), len(set.Readers), len(set.LogProcessors))

	// The providers that use the set shut it down; no provider uses this one.
	if err := set.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: 1 1 0
}
