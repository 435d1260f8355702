// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"io"
	"os"

	"github.com/voice-agents/telemetry/internal/output"
)

// guarded returns the one writer of the console exporters, which may be used by several
// goroutines and does not hold up the caller that ends a span while w blocks. Nil is
// the standard output.
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
