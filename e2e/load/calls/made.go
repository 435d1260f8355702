// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/e2e/ledger"
)

// made is a processor that keeps the IDs of ended spans. It allocates its capacity at the start, so
// that it does not grow the heap and adds little to the time of a turn.
type made struct {
	mu    sync.Mutex
	spans []trace.SpanID
}

var _ sdktrace.SpanProcessor = (*made)(nil)

func newMade(room int) *made { return &made{spans: make([]trace.SpanID, 0, room)} }

// OnStart implements the SDK's processor.
func (*made) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements the SDK's processor.
func (m *made) OnEnd(span sdktrace.ReadOnlySpan) {
	id := span.SpanContext().SpanID()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.spans = append(m.spans, id)
}

// Shutdown implements the SDK's processor.
func (*made) Shutdown(context.Context) error { return nil }

// ForceFlush implements the SDK's processor.
func (*made) ForceFlush(context.Context) error { return nil }

func (m *made) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.spans)
}

// write writes the ledger.
func (m *made) write(path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriter(file)
	for _, id := range m.spans {
		if err := ledger.Write(w, "span", id.String(), "-"); err != nil {
			return err
		}
	}
	return w.Flush()
}
