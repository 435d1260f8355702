// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// Lookups of keys that are constants, and of copies of them.
func BenchmarkOf(b *testing.B) {
	constants := []attribute.Key{
		semconv.SessionIDKey, semconv.VoiceTurnIDKey, semconv.VoiceStageKey, semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey,
		semconv.VoiceDurationKey, semconv.VoiceAudioSizeKey, semconv.VoiceCorrelationIDKey, semconv.VoiceRequestIDKey, semconv.VoiceStageOutcomeKey,
	}
	var copies []attribute.Key
	for _, k := range constants {
		copies = append(copies, attribute.Key(strings.Clone(string(k))))
	}
	for _, of := range []struct {
		name string
		keys []attribute.Key
	}{{"constants", constants}, {"copies", copies}} {
		b.Run(of.name, func(b *testing.B) {
			var keys logrecord.KeyCache
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				keys.Of(of.keys[i%len(of.keys)])
			}
		})
	}
}
