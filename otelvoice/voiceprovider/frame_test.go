// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voiceprovider_test

import (
	"fmt"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

func FuzzReadWAV(f *testing.F) {
	f.Add([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff\x01\x02"))
	f.Fuzz(func(t *testing.T, file []byte) {
		frame, err := voiceprovider.ReadWAV(file)
		if err == nil && (frame.Format.Codec == "" || len(frame.Data) > len(file) || frame.Duration() < 0) {
			t.Errorf("%+v", frame.Format)
		}
	})
}

func ExampleReadWAV() {
	frame, err := voiceprovider.ReadWAV([]byte("ID3"))
	fmt.Println(frame.Duration(), err)
	// Output: 0s voiceprovider: invalid audio: wav: no WAV header: not a RIFF/WAVE file
}
