// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

func attributeKey(key string) attribute.Key { return attribute.Key(key) }

// same reports whether two values are the same but for what a line loses: nanoseconds of a duration, the point of a
// whole number.
func same(a, b any) bool {
	number := func(v any) (float64, bool) {
		switch v := v.(type) {
		case float64:
			return v, true
		case int64:
			return float64(v), true
		}
		return 0, false
	}
	x, ok := number(a)
	y, ok2 := number(b)
	if ok && ok2 {
		return x-y < 1e-6 && y-x < 1e-6
	}
	return reflect.DeepEqual(a, b)
}

// A spool's segments are read as they are, while their service has them open.
func TestSegments(t *testing.T) {
	dir := t.TempDir()
	request := func(gzipped bool) segment.Request {
		traces := ptrace.NewTraces()
		spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
		spans.AppendEmpty().SetName("voice.turn")
		spans.AppendEmpty().SetName("voice.session")
		payload, err := ptraceotlp.NewExportRequestFromTraces(traces).MarshalProto()
		if err == nil && gzipped {
			payload, err = segment.Compress(payload)
		}
		if err != nil {
			t.Fatal(err)
		}
		return segment.Request{At: time.Now(), Items: 2, Payload: payload, Gzipped: gzipped}
	}
	name := segment.SegmentName(segment.Traces, time.Now().UnixNano(), segment.NewID(), 1)
	s, err := segment.CreateSegment(filepath.Join(dir, name), segment.Traces)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, gzipped := range []bool{false, true, false} {
		r := request(gzipped)
		if err := s.Write(r, segment.AppendRecord(nil, r)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, name)} {
		names := 0
		r := telemetryfile.Reader{Each: func(b *signal.Batch) error {
			for _, s := range b.Spans {
				if s.Name == "voice.turn" || s.Name == "voice.session" {
					names++
				}
			}
			return nil
		}}
		if err := r.Read(t.Context(), path); err != nil || names != 6 || r.Lines != 3 || r.Broken != 0 {
			t.Errorf("%s: %v, %d spans, %+v", path, err, names, r.Counts)
		}
	}
	// Of a file that is cut, what is before is read, and the cut is counted.
	whole, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	last := len(segment.AppendRecord(nil, request(false)))
	for _, off := range []int{1, last - segment.HeaderSize, last - 5} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, whole[:len(whole)-off], 0o600); err != nil {
			t.Fatal(err)
		}
		r := telemetryfile.Reader{Each: func(*signal.Batch) error { return nil }}
		if err := r.Read(t.Context(), path); err != nil || r.Spans != 4 || r.Broken != 1 || !r.Cut {
			t.Errorf("without %d bytes: %v, %+v", off, err, r.Counts)
		}
	}
	// A record whose bytes were changed is damaged, and the others are read.
	file := filepath.Join(dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged")
	text[segment.FileStart+40] ^= 0xFF
	if err := os.WriteFile(damaged, text, 0o600); err != nil {
		t.Fatal(err)
	}
	r := telemetryfile.Reader{Each: func(*signal.Batch) error { return nil }}
	if err := r.Read(t.Context(), damaged); err != nil || r.Spans != 4 || r.Broken != 1 {
		t.Errorf("%v, %+v", err, r.Counts)
	}
}
