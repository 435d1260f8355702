// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors_test

import (
	"flag"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
)

// TestRecorded decodes the exchanges of testdata/wire.
func TestRecorded(t *testing.T) { wiretest.Recorded(t, vendors.New) }

var _ = flag.Bool("update", false, "write events.txt")
