// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

type benchRecord struct {
	name string
	log.Record
	allocs float64 // At most.
}

func benchRecords() []benchRecord {
	eight := record("llm response generated",
		attribute.String("provider", "openai"),
		attribute.String("model", "gpt-4o-mini"),
		attribute.String("language", "en"),
		attribute.String("finish_reason", "stop"),
		attribute.Int("input_tokens", 412),
		attribute.Int("output_tokens", 57),
		attribute.Float64("temperature", 0.7),
		attribute.Float64("ttft", 0.312))
	full := eight.Clone()
	full.AddAttributes(
		attribute.String("session.id", "sess_f5e6d7c8b9a0"),
		attribute.String("voice.turn.id", "turn_000000000003"),
		attribute.String("voice.request.id", "req_a1b2c3d4"),
		attribute.String("voice.correlation.id", "550e8400-e29b-41d4-a716-446655440000"),
		attribute.String("voice.component.name", "gpt-4o-mini"),
		attribute.String("voice.component.type", "llm"),
		attribute.String("code.function.name", "main.(*Agent).Think"),
		attribute.Int("code.line.number", 145),
		attribute.String("code.file.path", "/app/agent/think.go"),
		attribute.Int("thread.id", 5678),
		attribute.Float64("voice.duration", 0.15))
	metrics := full.Clone()
	metrics.AddAttributes(group("voice.performance",
		attribute.Float64("duration_ms", 150), attribute.Int("throughput_bytes_per_second", 320000), attribute.Bool("success", true)))
	failed := eight.Clone()
	failed.SetErr(errors.New("dial: connection refused"))
	many := record("many")
	for i := range 64 {
		many.AddAttributes(attribute.Int(fmt.Sprintf("attribute_%d", i), i))
	}
	return []benchRecord{
		{"8 attributes", eight, 0},
		{"8 attributes, ids and source", full, 0},
		{"8 attributes, ids, source and a map", metrics, 1}, // Reading a map copies it.
		{"8 attributes and an error", failed, 0},
		{"64 attributes", many, 0},
	}
}

func BenchmarkEmit(b *testing.B) {
	logger := jsonlog.New(io.Discard, nil).Logger("voice.llm")
	ctx := inSpan(b.Context())
	for _, r := range benchRecords() {
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				logger.Emit(ctx, r.Record)
			}
		})
	}
}

func BenchmarkEmitParallel(b *testing.B) {
	logger := jsonlog.New(io.Discard, nil).Logger("voice.llm")
	ctx := inSpan(b.Context())
	r := benchRecords()[0].Record
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			logger.Emit(ctx, r)
		}
	})
}
