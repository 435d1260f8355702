// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"regexp"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

var texts = []struct{ name, text string }{
	{"clean", "the caller asked for two menus and a table by the window at half past seven"},
	{"digits", "turn 3 of call 17 took 1250.5 ms, of which 312.25 ms were the model's first token"},
	{"email", "send the bill to ada.lovelace@example.com, the caller says"},
	{"token", "POST /v1/chat: 401 Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"},
}

// The baseline is the obvious solution: a regular expression for each kind of secret, applied to each text.
func BenchmarkString(b *testing.B) {
	expressions := []*regexp.Regexp{
		regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`),
		regexp.MustCompile(`(?i)bearer\s+[\w.~+/-]+=*`),
		regexp.MustCompile(`(?i)(?:password|passwd|token|secret|api_?key)\s*[:=]\s*\S+`),
		regexp.MustCompile(`\b(?:sk|pk|ghp|xox[bp])[-_][\w-]{16,}`),
		regexp.MustCompile(`\+?\d[\d ().-]{7,}\d`),
		regexp.MustCompile(`\b(?:\d[ -]?){13,19}\b`),
	}
	r := redact.New(redact.Default()...)
	for _, tt := range texts {
		b.Run(tt.name+"/redact", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(tt.text)))
			for b.Loop() {
				r.String(tt.text)
			}
		})
		b.Run(tt.name+"/expressions", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(tt.text)))
			for b.Loop() {
				s := tt.text
				for _, e := range expressions {
					s = e.ReplaceAllString(s, redact.Redacted)
				}
			}
		})
	}
}

// attributes are those of the log line at the end of a stage.
var attributes = []attribute.KeyValue{
	attribute.String("voice.stage", "stt"), attribute.String("voice.component.name", "whisper"),
	attribute.String("gen_ai.provider.name", "openai"), attribute.String("gen_ai.request.model", "whisper-1"),
	attribute.Float64("voice.duration", 0.15), attribute.Int("voice.audio.size", 32000),
	attribute.String("session.id", "sess_f5e6d7c8b9a0"), attribute.String("voice.turn.id", "turn_000000000003"),
}

func BenchmarkAttributes(b *testing.B) {
	r := redact.New(redact.Default()...)
	b.ReportAllocs()
	for b.Loop() {
		r.Attributes(attributes)
	}
}
