// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/semconv"
)

// output keeps the records that it receives.
type output struct {
	embedded.LoggerProvider

	mu       sync.Mutex
	records  []log.Record
	contexts []context.Context //nolint:containedctx // The contexts of the records.
	off      bool
}

func (l *output) Logger(string, ...log.LoggerOption) log.Logger { return outputLogger{l: l} }

type outputLogger struct {
	embedded.Logger

	l *output
}

func (l outputLogger) Enabled(context.Context, log.EnabledParameters) bool { return !l.l.off }

func (l outputLogger) Emit(ctx context.Context, r log.Record) {
	l.l.mu.Lock()
	defer l.l.mu.Unlock()
	l.l.contexts = append(l.l.contexts, ctx)
	l.l.records = append(l.l.records, r)
}

func via(p log.LoggerProvider) logpipe.Output { return logpipe.Output{LoggerProvider: p} }

// attrs returns the attributes of a record as text.
func attrs(r log.Record) map[string]string {
	out := make(map[string]string)
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		out[string(kv.Key)] = kv.Value.String()
		return true
	})
	return out
}

func TestLevelChangesAtRunTime(t *testing.T) {
	var level slog.LevelVar
	l := &output{}
	p := logpipe.New(logpipe.Options{Levels: logpipe.NewLevels(&level)}, via(l))
	logger := slog.New(logpipe.NewHandler("m", "v", p))
	logger.Debug("no")
	logger.Info("yes")
	level.Set(slog.LevelDebug)
	logger.Debug("yes")
	level.Set(slog.LevelError + 1)
	logger.Error("no")
	// Emit checks the level itself: callers need not call Enabled.
	var r log.Record
	r.SetSeverity(log.SeverityInfo)
	p.Logger("m").Emit(t.Context(), r)
	if len(l.records) != 2 {
		t.Errorf("%d records passed, want 2", len(l.records))
	}
	if logger.Enabled(t.Context(), slog.LevelError) || !logger.Enabled(t.Context(), slog.LevelError+1) {
		t.Error("Enabled does not follow the level")
	}
	l.off = true
	if logger.Enabled(t.Context(), slog.LevelError+1) {
		t.Error("enabled although no output wants the record")
	}
}

func TestRecordsAreCompletedFromTheContext(t *testing.T) {
	a, b := &output{}, &output{}
	p := logpipe.New(logpipe.Options{}, via(a), via(b))
	ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: "c", SessionID: "s", TurnID: "t"})
	ctx, cancel := context.WithCancel(ctx)
	cancel() // The record is still written.
	stock := slog.New(otelslog.NewHandler("m", otelslog.WithLoggerProvider(p)))
	stock.ErrorContext(ctx, "m", "session.id", "the caller's own", "error", fmt.Errorf("a: %w", errors.New("b")))
	for _, l := range []*output{a, b} {
		got := attrs(l.records[0])
		for key, want := range map[string]string{
			"voice.correlation.id": "c", "voice.turn.id": "t", "session.id": "the caller's own",
			"exception.message": "a: b", "exception.type": "*errors.errorString",
		} {
			if got[key] != want {
				t.Errorf("%s = %q, want %q", key, got[key], want)
			}
		}
		if _, known := got["thread.id"]; known != (runtime.GOOS == "linux" || runtime.GOOS == "windows") {
			t.Errorf("unexpected thread.id: %v", known)
		}
	}
	if fmt.Sprint(attrs(a.records[0])) != fmt.Sprint(attrs(b.records[0])) {
		t.Error("the outputs got different records")
	}
}

// The IDs of one context are redacted separately for each provider, and are equal in all records.
func TestIDsOfTwoProviders(t *testing.T) {
	a, b := &output{}, &output{}
	redacting := slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{Redactor: redaction.New(redaction.Default())}, via(a))))
	asIs := slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{}, via(b))))
	for _, id := range []identity.Identity{{CorrelationID: "c", UserID: "ada@example.com"}, {UserID: "ada@example.com"}} {
		ctx := identity.NewContext(t.Context(), id)
		for range 3 {
			redacting.InfoContext(ctx, "m")
			asIs.InfoContext(ctx, "m")
		}
	}
	for i := range a.records {
		got, plain := attrs(a.records[i])["user.id"], attrs(b.records[i])["user.id"]
		if want := attrs(a.records[0])["user.id"]; got != want || got == plain || plain != "ada@example.com" {
			t.Errorf("record %d has %q and %q", i, got, plain)
		}
	}
}

func TestWithoutThreadID(t *testing.T) {
	l := &output{}
	slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{WithoutThreadID: true}, via(l)))).Info("m")
	if _, known := attrs(l.records[0])[string(semconv.ThreadIDKey)]; known {
		t.Error("unexpected thread.id")
	}
}

func TestTextIsClean(t *testing.T) {
	l := &output{}
	logger := slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{}, via(l))))
	logger.Info("bad \xff", "k\xff", "v\xfe", "error", errors.New("e\xff"), slog.Group("g", "in", "\xff"))
	logger.Info(strings.Repeat("x", 10<<20), "v", strings.Repeat("y", 10<<20))
	for i, r := range l.records {
		size := len(r.Body().String())
		valid := utf8.ValidString(r.Body().String())
		for k, v := range attrs(r) {
			size += len(v)
			valid = valid && utf8.ValidString(k) && utf8.ValidString(v)
		}
		if !valid || size > 200<<10 {
			t.Errorf("record %d has %d bytes, valid %v", i, size, valid)
		}
	}
	if got := l.records[1].Body().AsString(); !strings.HasSuffix(got, "…(+10420224 bytes)") {
		t.Errorf("the body ends in %q", got[len(got)-40:])
	}
}

// Many goroutines use one logger with attributes. The attributes of one record must not appear in
// another.
func TestConcurrentSafe(t *testing.T) {
	var buf bytes.Buffer
	p := logpipe.New(logpipe.Options{}, via(jsonlog.New(&buf, nil)))
	logger := slog.New(logpipe.NewHandler("m", "v", p)).With("a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: fmt.Sprint("c", i), SessionID: fmt.Sprint("s", i)})
			for range 20 {
				logger.InfoContext(ctx, "m", "i", i)
			}
		})
	}
	wg.Wait()
	lines := bytes.Split(bytes.TrimSpace(buf.Bytes()), []byte("\n"))
	if len(lines) != 2000 {
		t.Fatalf("%d lines, want 2000", len(lines))
	}
	for _, raw := range lines {
		var line struct {
			CorrelationID string         `json:"correlation_id"`
			SessionID     string         `json:"session_id"`
			Extra         map[string]int `json:"extra_data"`
		}
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		n := fmt.Sprint(line.Extra["i"])
		if line.CorrelationID != "c"+n || line.SessionID != "s"+n || len(line.Extra) != 7 {
			t.Fatalf("a line has attributes of another record: %s", raw)
		}
	}
}
