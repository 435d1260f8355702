// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"github.com/voice-agents/telemetry/internal/otlp"
)

// CountItems counts the spans, points or records of an OTLP request. It stops at
// the first byte that is not valid protobuf.
func CountItems(signal Signal, b []byte) int { return otlp.CountItems(b, signal.Kind()) }
