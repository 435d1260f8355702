// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const recordsFile = "testdata/records.jsonl"

// TestRecords protects the format, because programs outside of this project read the lines: jq
// scripts, Loki queries and others. Each message says what its line tests.
func TestRecords(t *testing.T) {
	var lines strings.Builder
	for _, r := range goldenRecords() {
		ctx := t.Context()
		if r.span {
			ctx = inSpan(ctx)
		}
		lines.WriteString(line(t, ctx, r.Record))
		lines.WriteByte('\n')
	}
	got := lines.String()
	if *update {
		if err := os.WriteFile(recordsFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(recordsFile)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		var g, w string
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("%s:%d\n got %s\nwant %s", recordsFile, i+1, g, w)
		}
	}
}

// A cancelled context changes nothing, because the log matters most during a barge-in.
func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(inSpan(t.Context()))
	want := line(t, ctx, record("m"))
	cancel()
	compare(t, line(t, ctx, record("m")), want)
}

type goldenRecord struct {
	log.Record
	span bool
}

func goldenRecords() []goldenRecord {
	failed := record("an error and no exception attributes")
	failed.SetSeverity(log.SeverityError)
	failed.SetSeverityText("ERROR")
	failed.SetErr(errors.New("dial: connection refused"))

	event := record("")
	event.SetBody(attribute.Value{})
	event.SetEventName("voice.user.stopped")

	structured := record("")
	structured.SetBody(attribute.MapValue(attribute.String("body", "a map"), attribute.ByteSlice("audio", make([]byte, 320))))

	return []goldenRecord{
		{record("no attributes, no span"), false},
		{record("no attributes, in a span"), true},
		{record("STT processing completed: every field there is",
			attribute.String("exception.stacktrace", "main.main()\n\tmain.go:12"),
			attribute.String("exception.message", "stream reset"),
			attribute.String("exception.type", "*net.OpError"),
			group("voice.performance", attribute.Float64("duration_ms", 150), attribute.Bool("success", true), attribute.Int("throughput_bytes_per_second", 320000)),
			attribute.Float64("voice.duration", 0.15),
			attribute.String("voice.stage", "stt"),
			attribute.String("voice.phase", "stage_end"),
			attribute.String("voice.pipeline.id", "pipe_1"),
			attribute.Int("thread.id", 5678),
			attribute.String("code.file.path", "/app/stt/whisper.go"),
			attribute.Int("code.line.number", 145),
			attribute.String("code.function.name", "main.(*Whisper).Transcribe"),
			attribute.String("voice.component.type", "stt"),
			attribute.String("voice.component.name", "whisper"),
			attribute.String("user.id", "user_123"),
			attribute.String("voice.turn.id", "turn_3"),
			attribute.String("session.id", "sess_f5e6d7c8b9a0"),
			attribute.String("voice.request.id", "req_a1b2c3d4"),
			attribute.String("voice.correlation.id", "call-4711"),
			attribute.Int("audio_size_bytes", 48000),
			attribute.Float64("confidence", 0.95),
			attribute.String("language", "en"),
		), true},
		{record("plain spellings fill fields",
			group("performance_metrics", attribute.Bool("success", true)),
			attribute.Float64("duration_ms", 12.3456),
			attribute.String("stage", "llm"),
			attribute.String("phase", "stage_start"),
			attribute.String("pipeline_id", "pipe_1"),
			attribute.String("component_type", "llm"),
			attribute.String("component", "gpt"),
			attribute.String("user_id", "user_123"),
			attribute.String("turn_id", "turn_3"),
			attribute.String("session_id", "sess_1"),
			attribute.String("request_id", "req_1"),
		), false},
		{record("names of fields that are not the caller's to fill",
			attribute.String("timestamp", "1970-01-01T00:00:00.000Z"),
			attribute.String("level", "DEBUG"),
			attribute.String("message", "forged"),
			attribute.String("correlation_id", "forged"),
			attribute.String("trace_id", "forged"),
			attribute.String("span_id", "forged"),
			attribute.String("module", "forged"),
			attribute.String("function", "forged"),
			attribute.Int("line_number", 1),
			attribute.String("file_path", "forged"),
			attribute.Int("process_id", 1),
			attribute.Int("thread_id", 1),
			group("extra_data", attribute.Bool("forged", true)),
			group("exception", attribute.Bool("forged", true)),
		), true},
		{record("groups are nested, odd values are valid JSON",
			group("stt", attribute.String("model", "nova-3"), group("audio", attribute.Int("rate", 16000), attribute.ByteSlice("pcm", make([]byte, 640)))),
			attribute.Float64("nan", math.NaN()),
			attribute.Float64("inf", math.Inf(-1)),
			attribute.String("bad_utf8", "a\xffb"),
			attribute.String("lines", "one\ntwo\u2028three"),
			attribute.StringSlice("words", []string{"hello", "\"world\""}),
			attribute.KeyValue{Key: "nothing"},
		), false},
		{failed, true},
		{event, true},
		{structured, false},
	}
}
