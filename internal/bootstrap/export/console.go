// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"io"
	"os"

	"github.com/voice-agents/telemetry/internal/output"
)

// guarded returns the writer that the console exporters share. It is safe for concurrent use
// and does not block the goroutine that ends a span while w blocks. Nil is standard output.
func guarded(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *output.Writer:
		return w
	case nil:
		return output.New(os.Stdout, output.Options{Name: "console"})
	default:
		return output.New(w, output.Options{Name: "console"})
	}
}
