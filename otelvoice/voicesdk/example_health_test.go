// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// Requests that cannot be sent stay on disk, and the next process sends them.
func ExampleWithSpool() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	env := map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces"} // No server listens there.
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { value, ok := env[name]; return value, ok }),
		voicesdk.WithSpool(dir), voicesdk.WithSpoolLimits(64<<20, time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, session := tel.StartSession(ctx)
	session.End()
	fmt.Println("shutdown:", tel.Shutdown(ctx))
	health := tel.Health()
	fmt.Println("lost:", health.Lost(), "delivering:", health.Delivering())
	// Output:
	// shutdown: <nil>
	// lost: 0 delivering: false
}

// A panic is logged, and pending telemetry is sent, before the panic ends the process.
func ExampleSDK_CatchPanic() {
	serve := func() {
		tel, err := voicesdk.Setup(context.Background(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard))
		if err != nil {
			fmt.Println(err)
			return
		}
		defer tel.CatchPanic()
		panic("no more tea")
	}
	defer func() { fmt.Println("the process ends:", recover()) }()
	serve()
	// Output:
	// the process ends: no more tea
}
