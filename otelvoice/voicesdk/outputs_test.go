// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// One call is printed in OpenTelemetry's format, written as text to a file, and sent as JSON to
// syslog and over OTLP to a collector. All outputs have the same IDs.
func TestSameIDsEverywhere(t *testing.T) {
	receiver := otlptest.NewReceiver(t)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	messages := make(chan []string)
	go func() { messages <- received(server) }()
	file := filepath.Join(t.TempDir(), "logs", "app.log")
	var console bytes.Buffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&console), voicesdk.WithoutRuntimeMetrics(),
		variables("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.HTTPEndpoint(), "LOG_OUTPUT", "both,syslog", "LOG_FILE", file,
			"LOG_CONSOLE_FORMAT", "otel", "LOG_FILE_FORMAT", "text", "LOG_TEXT_DETAILS", "true", "LOG_SYSLOG_ADDRESS", "tcp://"+server.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	ctx := otelvoice.ContextWithCorrelationID(t.Context(), "550e8400-e29b-41d4-a716-446655440000")
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	ctx, turn := session.StartTurn(ctx, otelvoice.WithTurnID("turn-1"))
	tel.Logger("m").InfoContext(ctx, "one line for all", "password", "hunter2!")
	turn.End()
	session.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	syslogLine := lineWith(t, <-messages, "one line for all")
	_, body, _ := strings.Cut(syslogLine, "] {")
	var line map[string]any
	if err := json.Unmarshal([]byte("{"+body), &line); err != nil {
		t.Fatalf("%v: %s", err, syslogLine)
	}
	span, _ := line["span_id"].(string)
	for output, got := range map[string]string{
		"console": lineWith(t, strings.Split(console.String(), "\n"), "one line for all"),
		"file":    lineWith(t, strings.Split(string(text), "\n"), "one line for all"),
		"syslog":  syslogLine,
	} {
		for _, want := range []string{"550e8400-e29b-41d4-a716-446655440000", "call-1", "turn-1", span} {
			if !strings.Contains(got, want) || span == "" {
				t.Errorf("%s has no %q: %s", output, want, got)
			}
		}
		if strings.Contains(got, "hunter2!") {
			t.Errorf("%s has the password: %s", output, got)
		}
	}
	if !strings.Contains(syslogLine, `correlation_id="550e8400-e29b-41d4-a716-446655440000" trace_id="550e8400e29b41d4a716446655440000"`) {
		t.Errorf("no structured data: %s", syslogLine)
	}
	found := false
	for _, record := range receiver.AllLogs() {
		if record.GetBody().GetStringValue() != "one line for all" {
			continue
		}
		found = true
		if got := record.String(); strings.Contains(got, "hunter2!") || !strings.Contains(got, "call-1") || !strings.Contains(got, "turn-1") {
			t.Errorf("the collector has %s", got)
		}
		if got := hexOf(record.GetSpanId()); got != span {
			t.Errorf("the collector has span %s, the lines %s", got, span)
		}
	}
	if !found {
		t.Error("the collector has no such record")
	}
}

func hexOf(id []byte) string {
	var b strings.Builder
	for _, c := range id {
		b.WriteString(strconv.FormatInt(int64(c)|0x100, 16)[1:])
	}
	return b.String()
}

// received returns the messages that one client sends until it closes the connection.
func received(server net.Listener) (messages []string) {
	c, err := server.Accept()
	if err != nil {
		return nil
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		length, err := r.ReadString(' ')
		if err != nil {
			return messages
		}
		n, _ := strconv.Atoi(strings.TrimSpace(length))
		message := make([]byte, n)
		if _, err := io.ReadFull(r, message); err != nil {
			return messages
		}
		messages = append(messages, string(message))
	}
}

func lineWith(t *testing.T, lines []string, text string) string {
	t.Helper()
	for _, line := range lines {
		if strings.Contains(line, text) {
			return line
		}
	}
	t.Fatalf("no line with %q among %q", text, lines)
	return ""
}

// Each output has its own level.
func TestOutputsHaveLevels(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	tel, rec := voicetest.Setup(t, variables("LOG_FILE", file, "LOG_FILE_LEVEL", "debug", "LOG_CONSOLE_LEVEL", "error"))
	logger := tel.Logger("m")
	logger.DebugContext(t.Context(), "1")
	logger.ErrorContext(t.Context(), "2")
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), "\n") != 2 {
		t.Errorf("the file has %s, %v, want two lines", text, err)
	}
	if lines, err := rec.Lines(); err != nil || len(lines) != 1 || lines[0]["message"] != "2" {
		t.Errorf("the console has %v, %v, want the error", lines, err)
	}
	if logs := rec.Logs(); len(logs) != 1 {
		t.Errorf("%d records are exported, want that of LOG_LEVEL", len(logs))
	}
}

// An output that cannot be opened makes Setup fail, and no goroutine stays behind.
func TestOutputsThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, variable, value, output, want string }{
		{"a directory", "LOG_FILE", dir, "file", "open the log's file: LOG_FILE: logfile: open " + dir},
		{"no directory for the spool", "OTELVOICE_SPOOL_DIR", file, "none", "OTELVOICE_SPOOL_DIR: spool: make the directory"},
		{"no configuration", "LOG_CONFIG_FILE", filepath.Join(dir, "nope.json"), "none", "LOG_CONFIG_FILE: read the log configuration"},
		{"no path", "LOG_FILE", "", "file", `LOG_OUTPUT includes "file" but LOG_FILE is not set`},
		{"no facility", "LOG_SYSLOG_FACILITY", "loud", "syslog", `LOG_SYSLOG_FACILITY="loud": want a facility`},
		{"no address", "LOG_SYSLOG_ADDRESS", "ftp://h", "syslog", `LOG_SYSLOG_ADDRESS="ftp://h": want an address`},
		{"no output", "LOG_OUTPUT", "printer", "printer", `LOG_OUTPUT="printer": want none, or a list`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), variables("LOG_OUTPUT", tt.output, tt.variable, tt.value,
				"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_LOGS_EXPORTER", "none"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// A missing syslog server delays no caller; the lost lines are counted by a metric.
func TestLostLinesAreAMetric(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := server.Addr().String()
	_ = server.Close()
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(t.Context(), append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithShutdownTimeout(time.Millisecond),
		variables("LOG_OUTPUT", "syslog", "LOG_SYSLOG_ADDRESS", "tcp://"+address))...)
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		tel.Logger("m").InfoContext(t.Context(), "line")
	}
	if data, ok := rec.Metric("voice.logs.dropped"); !ok {
		t.Errorf("no metric: %v", data)
	}
	if err := tel.Shutdown(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown says %v, and lines are lost", err)
	}
}

// Hostile attributes give valid lines in every format, and no crash.
func TestHostileAttributesInEveryFormat(t *testing.T) {
	many := make([]any, 0, 20_000)
	for i := range 10_000 {
		many = append(many, slog.Int("k"+strconv.Itoa(i), i))
	}
	for _, format := range []string{"json", "text", "otel"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			tel, _ := voicetest.Setup(t, variables("LOG_FORMAT", format), voicesdk.WithLogWriter(&out))
			logger := tel.Logger("m")
			logger.Info("many", many...)
			logger.Info("twice", "a", 1, "a", 2)
			logger.Info("own", "timestamp", "x", "level", "y", "trace_id", "z", "message", "w")
			logger.Info("bad \xff\n\x1b[31m", "k\xff\n", "v\xff\n")
			logger.Info("panics", "v", panics{})
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if len(lines) != 5 {
				t.Fatalf("%d lines, want 5", len(lines))
			}
			if strings.ContainsRune(out.String(), '\x1b') {
				t.Error("an escape reached the output")
			}
			for _, line := range lines {
				if format != "text" && !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %.200s", line)
				}
			}
		})
	}
}

type panics struct{}

func (panics) LogValue() slog.Value { panic("LogValue") }
