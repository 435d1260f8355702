// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioformat_test

import (
	"fmt"

	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

func ExampleOfName() {
	fmt.Println(audioformat.OfName("ulaw_8000"))
	fmt.Println(audioformat.OfName("raw-24khz-16bit-mono-pcm"))
	fmt.Println(audioformat.OfName("audio/L16;rate=24000"))
	// Output:
	// {pcm_mulaw 8000 0}
	// {pcm_s16le 24000 1}
	// {pcm_s16le 24000 0}
}
