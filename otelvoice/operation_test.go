// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// lastLine returns the last JSON line.
func lastLine(t *testing.T, rec *voicetest.Recorder) map[string]any {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	return lines[len(lines)-1]
}

func TestError(t *testing.T) {
	inner := fmt.Errorf("dial %s: %w", "stt.example.com", io.ErrUnexpectedEOF)
	for _, tt := range []struct {
		name      string
		attr      slog.Attr
		exception map[string]any
		code      any
		action    any
	}{
		{
			"with code and action",
			otelvoice.Error(inner, otelvoice.ErrorCode("STT_DOWN"), otelvoice.RecoveryAction("fallback"), nil),
			map[string]any{"type": "*errors.errorString", "message": "dial stt.example.com: unexpected EOF", "chain": []any{"*errors.errorString: unexpected EOF"}},
			"STT_DOWN", "fallback",
		},
		{"plain", otelvoice.Error(io.EOF), map[string]any{"type": "*errors.errorString", "message": "EOF"}, nil, nil},
		{"any attribute", slog.Any("cause", inner), map[string]any{"type": "*errors.errorString", "message": "dial stt.example.com: unexpected EOF", "chain": []any{"*errors.errorString: unexpected EOF"}}, nil, nil},
		{"nil", otelvoice.Error(nil, otelvoice.ErrorCode("X")), nil, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			tel.Logger("m").LogAttrs(t.Context(), slog.LevelError, "failed", tt.attr)
			line := lastLine(t, rec)
			if got := fmt.Sprint(line["exception"]); got != fmt.Sprint(tt.exception) && (line["exception"] != nil || tt.exception != nil) {
				t.Errorf("exception\ngot  %s\nwant %s", got, fmt.Sprint(tt.exception))
			}
			extra, _ := line["extra_data"].(map[string]any)
			if extra["error_code"] != tt.code || extra["recovery_action"] != tt.action {
				t.Errorf("got %v, want %v and %v", extra, tt.code, tt.action)
			}
		})
	}
}

type booking struct {
	City   string `json:"city"`
	Guests int    `json:"guests"`
	Voice  []byte `json:"-"`
}

func TestTimed(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
	ctx := tel.Context(t.Context())
	got, err := otelvoice.Timed(ctx, "load menu", func(ctx context.Context) (string, error) {
		if otelvoice.CorrelationID(ctx) == "" {
			t.Error("no correlation ID inside")
		}
		return "menu", nil
	})
	if got != "menu" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	lines, err := rec.Lines()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if lines[0]["phase"] != "operation_start" || lines[1]["phase"] != "operation_end" || lines[0]["correlation_id"] != lines[1]["correlation_id"] {
		t.Errorf("the lines are %v", lines)
	}
	figures, _ := lines[1]["performance_metrics"].(map[string]any)
	if figures["success"] != true || figures["duration_ms"] == nil {
		t.Errorf("the figures are %v", figures)
	}
	if spans := rec.Spans(); len(spans) != 1 || spans[0].Name() != "load menu" {
		t.Errorf("the spans are %v", spans)
	}

	_, err = otelvoice.Timed(ctx, "load menu", func(context.Context) (string, error) { return "", io.EOF })
	if line := lastLine(t, rec); !errors.Is(err, io.EOF) || line["level"] != "ERROR" {
		t.Errorf("got %v and the line %v", err, line)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = otelvoice.Timed(ctx, "load menu", func(context.Context) (string, error) { panic("boom") })
	}()
	exception, _ := lastLine(t, rec)["exception"].(map[string]any)
	if exception["type"] != "panic" {
		t.Errorf("the panic's line has %v", exception)
	}
}

// A function that exits its goroutine, as a failed assertion in a test does, has not succeeded.
func TestTimedFunctionThatExitsItsGoroutine(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = otelvoice.Timed(tel.Context(t.Context()), "load menu", func(context.Context) (string, error) {
			runtime.Goexit()
			return "menu", nil
		})
	}()
	<-done
	line := lastLine(t, rec)
	figures, _ := line["performance_metrics"].(map[string]any)
	if line["level"] != "ERROR" || figures["success"] != false {
		t.Errorf("the line is %v", line)
	}
}

// Without any telemetry the function just runs.
func TestTimedWithoutTelemetry(t *testing.T) {
	var ctx context.Context
	if got, err := otelvoice.Timed(ctx, "x", func(context.Context) (int, error) { return 1, nil }); got != 1 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		name string
		call func(ctx context.Context)
		want map[string]any
	}{
		{"struct", call(booking{City: "Berlin", Guests: 2}, otelvoice.WithArguments()), map[string]any{"value": "(otelvoice_test.booking not shown)"}},
		{"map", call(map[string]any{"city": "Berlin", "n": 2}, otelvoice.WithArguments()), map[string]any{"city": "Berlin", "n": 2.}},
		{
			"large numbers and times", call(map[string]any{"account": uint64(1<<64 - 1), "wait": 1500 * time.Millisecond, "by": time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)}, otelvoice.WithArguments()),
			map[string]any{"account": "18446744073709551615", "wait": "1.5s", "by": "2300-01-01T00:00:00Z"},
		},
		{"text", call("Berlin", otelvoice.WithArguments()), map[string]any{"value": "Berlin"}},
		{"audio", call([]byte("abc"), otelvoice.WithArguments()), map[string]any{"size_bytes": 3.}},
		{"too long", call(strings.Repeat("x", 1<<20), otelvoice.WithArguments()), map[string]any{"value": "(String not shown)"}},
		{"not asked for", call("Berlin"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t, voicesdk.WithLogLevel(slog.LevelDebug))
			tt.call(tel.Context(t.Context()))
			lines, err := rec.Lines()
			if err != nil || len(lines) != 2 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			extra, _ := lines[0]["extra_data"].(map[string]any)
			got, _ := extra["voice.operation.arguments"].(map[string]any)
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

func call[A any](arg A, opts ...otelvoice.OperationOption) func(context.Context) {
	wrapped := otelvoice.Wrap("book", func(context.Context, A) (int, error) { return 0, nil }, opts...)
	return func(ctx context.Context) { _, _ = wrapped(ctx, arg) }
}

func TestLogPerformance(t *testing.T) {
	for _, tt := range []struct {
		name   string
		in     otelvoice.Performance
		level  string
		want   map[string]any
		fields map[string]any
	}{
		{
			"all of it",
			otelvoice.Performance{
				Duration: 150 * time.Millisecond, AudioBytes: 48000, TextLength: 42, Confidence: new(0.95),
				Extra: []attribute.KeyValue{attribute.Int("cache_hits", 3)}, Component: "whisper", Type: otelvoice.ComponentSTT,
			},
			"INFO",
			map[string]any{
				"duration_ms": 150., "success": true, "throughput_bytes_per_second": 320000., "audio_size_bytes": 48000.,
				"text_length": 42., "confidence": .95, "cache_hits": 3.,
			},
			map[string]any{"duration_ms": 150., "component": "whisper", "component_type": "stt", "message": "transcribe"},
		},
		{"nothing known", otelvoice.Performance{}, "INFO", map[string]any{"success": true}, map[string]any{"duration_ms": nil}},
		{"no throughput without a duration", otelvoice.Performance{AudioBytes: 1}, "INFO", map[string]any{"success": true, "audio_size_bytes": 1.}, nil},
		{"failed", otelvoice.Performance{Err: io.EOF}, "ERROR", map[string]any{"success": false}, nil},
		{"confidence out of range", otelvoice.Performance{Confidence: new(1.5)}, "INFO", map[string]any{"success": true}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			tel.LogPerformance(t.Context(), "transcribe", tt.in)
			line := lastLine(t, rec)
			if got := fmt.Sprint(line["performance_metrics"]); got != fmt.Sprint(tt.want) {
				t.Errorf("got  %s\nwant %s", got, fmt.Sprint(tt.want))
			}
			if line["level"] != tt.level || line["module"] != "voice.performance" {
				t.Errorf("level %v, module %v", line["level"], line["module"])
			}
			for field, want := range tt.fields {
				if line[field] != want {
					t.Errorf("%s is %v, want %v", field, line[field], want)
				}
			}
		})
	}
}
