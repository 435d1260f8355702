// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters_test

import (
	"context"
	"fmt"

	"github.com/voice-agents/telemetry/exporters"
	"github.com/voice-agents/telemetry/exporters/otlp"
)

func ExampleNew() {
	ctx := context.Background()
	set, err := exporters.New(ctx, exporters.Config{
		Traces:  exporters.Signal{OTLP: &otlp.Config{Protocol: otlp.GRPC, Endpoint: "http://localhost:4317"}},
		Metrics: exporters.Signal{OTLP: &otlp.Config{}}, // http://localhost:4318/v1/metrics
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(set.SpanProcessors), len(set.Readers), len(set.LogProcessors))

	// The providers that take the set shut it down; this one is taken by none.
	if err := set.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: 1 1 0
}
