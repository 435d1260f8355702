// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"fmt"
	"os"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

func ExampleTranslate() {
	text, err := os.ReadFile("testdata/livekit-tool.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	sent, err := otlpdata.JSON(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := peer.Translate(sent)
	turn := call.New("", batch.Spans, batch.Records).Turns[0]
	fmt.Printf("turn %d, %s, after %.3f s\n", turn.Index, turn.Outcome, *turn.ResponseLatency)
	for _, s := range turn.Segments {
		fmt.Printf("  %-13s %.3f s\n", s.Name, s.Duration)
	}
	// Output:
	// turn 1, completed, after 3.432 s
	//   transcription 0.973 s
	//   endpointing   0.002 s
	//   dispatch      0.025 s
	//   generation    1.250 s
	//   aggregation   0.399 s
	//   synthesis     0.783 s
	//   playout       0.000 s
}
