// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
)

func BenchmarkAppendString(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"clean", "STT processing completed in good time"},
		{"escapes", "{\"text\":\"line one\nline two\"}"},
		{"runes", "grüß dich, 世界, schön dich zu hören"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			dst := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				dst = logline.AppendString(dst[:0], bm.text)
			}
		})
	}
}

func BenchmarkAppendValue(b *testing.B) {
	for _, bm := range []struct {
		name  string
		value attribute.Value
	}{
		{"string", attribute.StringValue("deepgram")},
		{"fraction", attribute.Float64Value(0.95)},
		{"map", attribute.MapValue(attribute.Int("duration_ms", 150), attribute.Bool("success", true))},
	} {
		b.Run(bm.name, func(b *testing.B) {
			dst := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				dst = logline.AppendValue(dst[:0], bm.value)
			}
		})
	}
}
