package main

import (
	"io"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
)

func BenchmarkVoice(b *testing.B) {
	w, err := voiceWork("", otelvoice.WithLogWriter(io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	w.run(b.N)
}
func BenchmarkZap(b *testing.B) {
	w, _ := lineTo(func() io.Writer { return io.Discard })[0].start()
	b.ResetTimer()
	w.run(b.N)
}
