// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

var update = flag.Bool("update", false, "write the golden files")

var recorded = []string{"livekit-normal", "livekit-tool", "livekit-bargein", "livekit-faults", "livekit-eot", "pipecat"}

// The golden files hold the documents of the calls, with those attributes alone that are of package semconv: the
// others are in the recorded spans.
func TestDocuments(t *testing.T) {
	for _, name := range recorded {
		t.Run(name, func(t *testing.T) {
			c := document(read(t, name))
			trim(c)
			got, err := json.MarshalIndent(c, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; run the test with -update and look at what changed", golden)
			}
		})
	}
}

func trim(c *call.Call) {
	c.Resource = nil
	c.Attributes = voice(c.Attributes)
	for i := range c.Marks {
		c.Marks[i].Attributes = nil
	}
	for _, t := range c.Turns {
		t.Attributes = voice(t.Attributes)
	}
	c.Visit(func(_ *call.Turn, s *call.Stage) {
		s.Attributes = voice(s.Attributes)
		for i := range s.Marks {
			s.Marks[i].Attributes = nil
		}
	})
}

func voice(attrs signal.Attributes) (kept signal.Attributes) {
	for _, kv := range attrs {
		if len(kv.Key) > 6 && kv.Key[:6] == "voice." || kv.Key == string(semconv.GenAIOperationNameKey) {
			kept = append(kept, kv)
		}
	}
	return kept
}
