// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// A Viewer is a running otelvoice view.
type Viewer struct {
	*Process

	Pages string // The URL of the pages and of their data.
	OTLP  string // The endpoint for OTLP over HTTP.
}

// NewViewer builds the command and starts it on free ports.
func NewViewer(tb testing.TB) *Viewer {
	tb.Helper()
	pages, otlp := freeport.TCP(tb), freeport.TCP(tb)
	v := &Viewer{Pages: fmt.Sprintf("http://127.0.0.1:%d", pages), OTLP: fmt.Sprintf("http://127.0.0.1:%d", otlp)}
	args := []string{"view", "-port", strconv.Itoa(pages), "-otlp-http", strconv.Itoa(otlp), "-otlp-grpc", "-1"}
	v.Process = Start(tb, "otelvoice view", Build(tb, "cmd", "otelvoice"), args, nil, Answers(tb, v.Pages+"/api/health"))
	return v
}

// ViewerJSON returns the answer of a viewer to a request for a path.
func ViewerJSON[T any](ctx context.Context, v *Viewer, path string) (T, error) {
	return getJSON[T](ctx, v.Pages+path)
}
