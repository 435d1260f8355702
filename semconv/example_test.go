// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv_test

import (
	"fmt"

	"github.com/voice-agents/telemetry/semconv"
)

func Example() {
	kv := semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeInterrupted)
	fmt.Println(kv.Key, "=", kv.Value.AsString())
	fmt.Println(semconv.SpanChat("gpt-4.1-mini"))
	fmt.Println(semconv.EventVoiceUserStopped)
	// Output:
	// voice.turn.outcome = interrupted
	// chat gpt-4.1-mini
	// voice.user.stopped
}

func ExampleMetric() {
	m := semconv.MetricVoiceTTSTimeToFirstByte()
	fmt.Println(m.Name, "is a", m.Kind, "in", m.Unit)
	for _, name := range m.Attributes {
		fmt.Println("-", name)
	}
	// Output:
	// voice.tts.time_to_first_byte is a histogram in s
	// - voice.stage.outcome
	// - gen_ai.provider.name
	// - gen_ai.request.model
}

func ExampleAttributes() {
	for _, a := range semconv.Attributes() {
		if a.Name == string(semconv.VoiceTurnAnchorKey) {
			fmt.Println(a.Name, a.Type, a.Members)
		}
	}
	// Output:
	// voice.turn.anchor STRING [vad stt manual]
}
