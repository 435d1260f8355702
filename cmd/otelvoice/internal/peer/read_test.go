// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

func read(t *testing.T, name string) *signal.Batch {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	batch, err := otlpdata.JSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func document(batch *signal.Batch) *call.Call {
	batch = peer.Translate(batch)
	return call.New("", batch.Spans, batch.Records)
}
