// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
)

// read reads a text and returns what is in it.
func read(t *testing.T, text []byte) (all signal.Batch, counts telemetryfile.Counts) {
	t.Helper()
	r := telemetryfile.Reader{Each: func(b *signal.Batch) error {
		all.Spans, all.Records = append(all.Spans, b.Spans...), append(all.Records, b.Records...)
		return nil
	}}
	if err := r.ReadFrom(t.Context(), "test", bytes.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
	return all, r.Counts
}

func TestFormats(t *testing.T) {
	told := script.Play(t, script.Calls()...)
	lines, otlp := told.Lines(), told.OTLP(t)
	var pretty bytes.Buffer
	for line := range bytes.Lines(otlp) {
		if err := json.Indent(&pretty, line, "", " "); err != nil {
			t.Fatal(err)
		}
	}
	var zipped, zstandard bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(lines)
	_ = z.Close()
	zs, _ := zstd.NewWriter(&zstandard)
	_, _ = zs.Write(otlp)
	_ = zs.Flush()
	_ = zs.Close()
	spans, records := len(told.Batch().Spans), len(told.Batch().Records)
	for _, tt := range []struct {
		name           string
		text           []byte
		spans, records int
		broken, other  int
		cut            bool
	}{
		{"log lines", lines, 0, records, 0, 0, false},
		{"OTLP", otlp, spans, records, 0, 0, false},
		{"OTLP over several lines", pretty.Bytes(), spans, records, 0, 0, false},
		{"gzip", zipped.Bytes(), 0, records, 0, 0, false},
		{"zstd", zstandard.Bytes(), spans, records, 0, 0, false},
		{"both", append(bytes.Clone(otlp), lines...), spans, 2 * records, 0, 0, false},
		{"among other lines", append([]byte("starting\n\n{\"a\":1}\n[1]\n"), lines...), 0, records, 0, 4, false},
		{"broken lines", append([]byte("{\"timestamp\":\n{\"resourceSpans\":7}\n{\"timestamp\":\"2026-03-04T10:00:00Z\",\"message\":\"x\"} {}\n"), lines...), 0, records, 3, 0, false},
		{"cut in a line", lines[:len(lines)-20], 0, records - 1, 1, 0, true},
		{"without the last end of line", lines[:len(lines)-1], 0, records, 0, 0, true},
		{"gzip, cut", zipped.Bytes()[:zipped.Len()-8], 0, records, 0, 0, true},
		{"zstd, cut", zstandard.Bytes()[:zstandard.Len()-4], spans, records, 0, 0, true},
		{"CRLF", bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n")), 0, records, 0, 0, false},
		{"nothing", nil, 0, 0, 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, counts := read(t, tt.text)
			if len(all.Spans) != tt.spans || len(all.Records) != tt.records || counts.Broken != tt.broken || counts.Other != tt.other || counts.Cut != tt.cut {
				t.Errorf("got %d spans, %d records, %+v, want %+v", len(all.Spans), len(all.Records), counts,
					[]any{tt.spans, tt.records, tt.broken, tt.other, tt.cut})
			}
			if counts.Broken > 0 && !strings.HasPrefix(counts.FirstBroken, "test:") {
				t.Errorf("the first broken line is at %q", counts.FirstBroken)
			}
		})
	}
}

// A log line gives the same record as OTLP, but for what a line does not have: nanoseconds, resource, severity text.
func TestLinesEqualOTLP(t *testing.T) {
	told := script.Play(t, script.Calls()...)
	lines, _ := read(t, told.Lines())
	otlp, _ := read(t, told.OTLP(t))
	for i, line := range lines.Records {
		other := otlp.Records[i]
		if line.Body != other.Body || line.TraceID != other.TraceID || line.SpanID != other.SpanID || line.Number != other.Number || line.Severity != other.Severity ||
			line.Scope.Name != other.Scope.Name || !line.Time.Equal(other.Time.Truncate(1e6)) {
			t.Errorf("%d: got %+v, want %+v", i, line, other)
		}
		for _, kv := range other.Attributes {
			if got := line.Attributes.Get(attributeKey(kv.Key)); kv.Key != "voice.performance" && !same(got, kv.Value) {
				t.Errorf("%s: %s is %v in the line, %v in OTLP", line.Body, kv.Key, got, kv.Value)
			}
		}
	}
}

func TestLongLines(t *testing.T) {
	long := `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"` + strings.Repeat("x", 1<<20) + "\"}\n"
	tooLong := `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"` + strings.Repeat("x", 65<<20) + "\"}\n"
	all, counts := read(t, []byte(long+tooLong+long))
	if len(all.Records) != 2 || counts.Broken != 1 || !strings.Contains(counts.FirstBroken, "test:2: a line of more than 64 MB") {
		t.Errorf("%d records, %d broken, %s", len(all.Records), counts.Broken, counts.FirstBroken)
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("the disk is gone")
	r := telemetryfile.Reader{Each: func(*signal.Batch) error { return nil }}
	if err := r.ReadFrom(t.Context(), "test", iotest.ErrReader(broken), -1); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := r.Read(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := r.Read(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no segments") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.ReadFrom(ctx, "test", strings.NewReader("x"), -1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	full := errors.New("the store is full")
	r.Each = func(*signal.Batch) error { return full }
	line := `{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"x"}`
	if err := r.ReadFrom(t.Context(), "test", strings.NewReader(line), -1); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestProgress(t *testing.T) {
	var told []int64
	r := telemetryfile.Reader{
		Each:     func(*signal.Batch) error { return nil },
		Progress: func(_ string, read, size int64) { told = append(told, read, size) },
	}
	text := strings.Repeat("a line of text\n", 300_000)
	if err := r.ReadFrom(t.Context(), "test", strings.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
	if len(told) < 6 || len(told) > 10 || told[1] != int64(len(text)) {
		t.Errorf("told %v", told)
	}
}

func FuzzLine(f *testing.F) {
	f.Add([]byte(`{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"x","duration_ms":1e308,"trace_id":"0af7651916cd43dd8448eb211c80319c","exception":{"type":7}}`))
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","name":"voice.turn","startTimeUnixNano":"1","attributes":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b","value":{"bytesValue":"AA=="}}]}}}]}]}]}]}`))
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[{}]}},"timeUnixNano":18446744073709551615}]}]}]}`))
	f.Add([]byte(`{"resourceMetrics":[{}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		batch, kind, err := telemetryfile.Line(line)
		switch kind {
		case telemetryfile.OTLP, telemetryfile.LogLine, telemetryfile.ConsoleSpan, telemetryfile.Jaeger:
			if batch == nil || err != nil {
				t.Errorf("kind %d, %v, %v", kind, batch, err)
			}
			if _, err := json.Marshal(batch); err != nil {
				t.Error(err)
			}
		case telemetryfile.Broken:
			if err == nil {
				t.Error("a broken line without an error")
			}
		case telemetryfile.Text:
			if batch != nil || err != nil {
				t.Errorf("text with %v, %v", batch, err)
			}
		}
	})
}
