// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// A second Shutdown waits for the first, but no longer than its own context.
func TestSecondShutdownWaitsNoLongerThanItsContext(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithSpanProcessor(&fault{shutdown: func() { close(began); <-release }}),
		voicesdk.WithLogWriter(io.Discard), voicesdk.WithShutdownTimeout(time.Minute), variables())
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan error)
	go func() { first <- tel.Shutdown(context.Background()) }()
	<-began
	deadline, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := tel.Shutdown(deadline); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a deadline: %v", err)
	}
	cancelled, hangUp := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, hangUp)
	if err := tel.Shutdown(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is cancelled meanwhile: %v", err)
	}
	second := make(chan error)
	go func() { second <- tel.Shutdown(cancelled) }() // The context is already cancelled, as after Ctrl-C; Shutdown still waits.
	close(release)
	if a, b, c := <-first, <-second, tel.Shutdown(context.Background()); a != nil || b != nil || c != nil {
		t.Errorf("got %v, %v and %v", a, b, c)
	}
}
