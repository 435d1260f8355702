// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/exporters/internal/logline/jsonenctest"
	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var errFull = errors.New("no space left on device")

// Consecutive failures are reported once, and again after the writer has recovered.
func TestFailingWriter(t *testing.T) {
	var fail bool
	var out bytes.Buffer
	w := writerFunc(func(p []byte) (int, error) {
		if fail {
			return 0, errFull
		}
		return out.Write(p)
	})
	var reported []error
	p := jsonlog.New(w, &jsonlog.Options{OnError: func(err error) { reported = append(reported, err) }})
	logger := p.Logger("m")
	for _, fail = range []bool{false, true, true, true, false, true, false} {
		logger.Emit(t.Context(), record("m"))
	}
	if got := p.Dropped(); got != 4 {
		t.Errorf("Dropped() = %d, want 4", got)
	}
	if len(reported) != 2 || !errors.Is(reported[0], errFull) || reported[0].Error() != "jsonlog: write: no space left on device" {
		t.Errorf("OnError got %q, want the error twice", reported)
	}
	if got := strings.Count(out.String(), "\n"); got != 3 {
		t.Errorf("%d lines were written, want 3", got)
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name string
		w    io.Writer
		want string
	}{
		{"error", writerFunc(func([]byte) (int, error) { return 0, errFull }), "jsonlog: write: no space left on device"},
		{"short write", writerFunc(func(p []byte) (int, error) { return len(p) - 1, nil }), "jsonlog: write: short write"},
		{"panic", writerFunc(func([]byte) (int, error) { panic("closed") }), "jsonlog: write: panic: closed"},
		{"no writer", nil, "jsonlog: write: panic: runtime error: invalid memory address or nil pointer dereference"},
		{"senseless count", writerFunc(func([]byte) (int, error) { return -5, nil }), "jsonlog: write: short write"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var reported error
			p := jsonlog.New(tt.w, &jsonlog.Options{OnError: func(err error) { reported = err }})
			p.Logger("m").Emit(t.Context(), record("m"))
			if reported == nil || reported.Error() != tt.want {
				t.Errorf("OnError got %v, want %s", reported, tt.want)
			}
			if got := p.Dropped(); got != 1 {
				t.Errorf("Dropped() = %d, want 1", got)
			}
		})
	}
}

// OnError runs without locks, and its panics are recovered.
func TestOnErrorMayLogAndPanic(t *testing.T) {
	var p *jsonlog.Provider
	calls := 0
	p = jsonlog.New(writerFunc(func([]byte) (int, error) { return 0, errFull }), &jsonlog.Options{OnError: func(err error) {
		calls++
		p.Logger("m").Emit(context.Background(), record(err.Error()))
		panic("OnError")
	}})
	p.Logger("m").Emit(t.Context(), record("m"))
	if got := p.Dropped(); got != 2 || calls != 1 {
		t.Errorf("Dropped() = %d after %d calls of OnError, want 2 after 1", got, calls)
	}
}

type panickingContext struct{ context.Context }

func (panickingContext) Value(any) any { panic("no value") }

func TestPanickingContext(t *testing.T) {
	var reported error
	var out bytes.Buffer
	p := jsonlog.New(&out, &jsonlog.Options{OnError: func(err error) { reported = err }})
	p.Logger("m").Emit(panickingContext{t.Context()}, record("m"))
	if p.Dropped() != 1 || reported == nil || reported.Error() != "jsonlog: encode: panic: no value" {
		t.Errorf("Dropped() = %d, OnError got %v, want 1 and the panic", p.Dropped(), reported)
	}
	p.Logger("m").Emit(t.Context(), record("m"))
	if out.Len() == 0 {
		t.Error("nothing was written after the panic")
	}
}

// Half a line, as a full disk leaves it, must not corrupt the next line.
func TestLineAfterATornOneIsWhole(t *testing.T) {
	var out bytes.Buffer
	room := 10
	w := writerFunc(func(p []byte) (int, error) {
		n, _ := out.Write(p[:min(room, len(p))])
		if n < len(p) {
			return n, errFull
		}
		return n, nil
	})
	logger := jsonlog.New(w, &jsonlog.Options{ProcessID: 1234}).Logger("voice.stt")
	whole := line(t, t.Context(), record("m"))
	emit := func(r int) {
		room = r
		logger.Emit(t.Context(), record("m"))
	}
	emit(10)      // Truncated.
	emit(0)       // Nothing is written.
	emit(1 << 10) // Complete, on a line of its own.
	emit(1 << 10)
	emit(10)
	emit(1) // Only the line end of the truncated line.
	emit(1 << 10)
	want := strings.Join([]string{whole[:10], whole, whole, whole[:10], whole, ""}, "\n")
	compare(t, out.String(), want)
}

// Write is called once for each line, and never concurrently.
func TestConcurrentSafe(t *testing.T) {
	var lines []string
	w := writerFunc(func(p []byte) (int, error) { // The race detector watches lines.
		lines = append(lines, string(p))
		return len(p), nil
	})
	p := jsonlog.New(w, &jsonlog.Options{ProcessID: 1234})
	texts := []string{"a", strings.Repeat("b", 100), strings.Repeat("c", 40<<10)}
	want := make([]string, len(texts))
	for i, text := range texts {
		want[i] = line(t, inSpan(t.Context()), record(text, attribute.String("session_id", text), attribute.String(text, text))) + "\n"
	}

	const each = 200
	var wg sync.WaitGroup
	for range 2 {
		for _, text := range texts {
			wg.Go(func() {
				logger := p.Logger("voice.stt")
				for range each {
					logger.Emit(inSpan(t.Context()), record(text, attribute.String("session_id", text), attribute.String(text, text)))
				}
			})
		}
	}
	wg.Wait()
	if got := len(lines); got != 2*len(texts)*each {
		t.Errorf("%d calls of Write, want %d", got, 2*len(texts)*each)
	}
	for _, l := range lines {
		if !slices.Contains(want, l) {
			t.Fatalf("got a line that no record makes: %.200q", l)
		}
	}
}

// An encoder from the pool must not show data of an earlier record.
func TestRecordsDoNotMix(t *testing.T) {
	full := goldenRecords()[2].Record
	bare := record("m")
	want := line(t, t.Context(), bare)
	for range 100 {
		_ = line(t, inSpan(t.Context()), full)
		compare(t, line(t, t.Context(), bare), want)
	}
}

// FuzzEmit checks the invariants of every line: it is one line of strict JSON, has the mandatory
// fields, and keeps their order.
func FuzzEmit(f *testing.F) {
	f.Add("m", "INFO", int64(9), int64(1704110400000), []byte{10, 's', 'e', 's', 's', 'i', 'o', 'n', '.', 'i', 'd', 4, 1, 'x'})
	f.Add("\xff\u2028", "FATAL+1", int64(-1), int64(-1<<62), []byte{1, 0xff, 2, 0, 1, 0xfe, 2, 1})
	f.Add("", "", int64(0), int64(0), []byte{0x43, 1, 1, 0x42, 10, 3, 0x41, 8, 200})
	f.Fuzz(func(t *testing.T, message, severityText string, severity, millis int64, data []byte) {
		text := []byte(line(t, inSpan(t.Context()), fuzzedRecord(message, severityText, severity, millis, data)))
		got, err := jsonenctest.Keys(text)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, name := range fieldOrder {
			if at < len(got) && got[at] == name {
				at++
			} else if slices.Contains(alwaysThere, name) {
				t.Errorf("no %s, or not in its place: %s", name, text)
			}
		}
		if at != len(got) {
			t.Errorf("got the fields %q, want them in the order %q", got, fieldOrder)
		}
	})
}
