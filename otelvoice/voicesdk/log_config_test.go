// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/settings"
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

// A value comes from an option, else a variable, else the configuration file, else the default.
// Config reports the source.
func TestConfigTellsWhoSaidIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(path, []byte("{\n\"level\": \"ERROR\",\n\"backup_count\": 3,\n\"max_file_size\": \"1MB\"\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	tel, _ := voicetest.Setup(t,
		variables("LOG_LEVEL", "warn", "LOG_BACKUP_COUNT", "4"),
		voicesdk.WithConfigFile(path),
		voicesdk.WithLogConfig(voicesdk.LogConfig{Level: slog.LevelDebug}))
	for key, want := range map[string]voicesdk.Setting{
		"level":         {Key: "level", Value: "DEBUG", Origin: "option"},
		"backup_count":  {Key: "backup_count", Value: "4", Origin: "environment", Place: "LOG_BACKUP_COUNT"},
		"max_file_size": {Key: "max_file_size", Value: "1MB", Origin: "file", Place: path + ":4"},
		"format_type":   {Key: "format_type", Value: "json", Origin: "default"},
	} {
		if got, ok := tel.Config().Get(key); !ok || got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if _, ok := tel.Config().Get("volume"); ok {
		t.Error("there is a setting called volume")
	}
	if got := tel.Config().String(); !strings.Contains(got, "\nmax_file_size         1MB") {
		t.Errorf("the table is\n%s", got)
	}
	if !tel.Logger("m").Enabled(t.Context(), slog.LevelDebug) {
		t.Error("the option's level does not count")
	}
}

func TestBadLogSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(path, []byte(`{"max_file_size": -1, "colour": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithConfigFile(path),
		variables("LOG_BACKUP_COUNT", "many"), voicesdk.WithLogConfig(voicesdk.LogConfig{Format: "xml"}))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		path + `:1: "max_file_size": -1: want a size`, path + `:1: "colour": true: want a key among`,
		`LOG_BACKUP_COUNT="many": want a whole number`, `LogConfig.Format="xml": want one of json, text, otel`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}

func TestSetLevel(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	stt, llm := tel.Logger("voice.stt"), tel.Logger("voice.llm")
	ctx := t.Context()
	if err := tel.SetLevel(slog.LevelDebug, "voice.stt"); err != nil {
		t.Fatal(err)
	}
	stt.DebugContext(ctx, "1")
	llm.DebugContext(ctx, "2")
	if err := tel.SetLevel(slog.LevelError); err != nil {
		t.Fatal(err)
	}
	tel.ResetLevel("voice.stt")
	stt.WarnContext(ctx, "3")
	llm.ErrorContext(ctx, "4")
	lines, err := rec.Lines()
	if err != nil || len(lines) != 2 || lines[0]["message"] != "1" || lines[1]["message"] != "4" {
		t.Errorf("got %v, %v, want the lines 1 and 4", lines, err)
	}
	if err := tel.SetLevel(slog.LevelDebug, "not a module"); err == nil {
		t.Error("no error for a name that is none")
	}
}

func TestLevelHandler(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	server := httptest.NewServer(tel.LevelHandler())
	defer server.Close()
	for _, tt := range []struct {
		name, method, query, body string
		status                    int
		want                      string
	}{
		{"shown", "GET", "", "", 200, `{"level":"INFO"}`},
		{"changed for a module", "PUT", "", `{"level":"debug","module":"voice.stt"}`, 200, `{"level":"INFO","modules":{"voice.stt":"DEBUG"}}`},
		{"changed for all", "PUT", "", `{"level":"WARN"}`, 200, `{"level":"WARN","modules":{"voice.stt":"DEBUG"}}`},
		{"reset", "DELETE", "?module=voice.stt", "", 200, `{"level":"WARN"}`},
		{"no level", "PUT", "", `{}`, 400, `level "": want one of DEBUG, INFO, WARN, ERROR`},
		{"unknown level", "PUT", "", `{"level":"LOUD"}`, 400, `level "LOUD": want one of DEBUG, INFO, WARN, ERROR`},
		{"unknown field", "PUT", "", `{"level":"INFO","for":"1h"}`, 400, `body: json: unknown field "for": want {"level":"DEBUG"}, with a "module" or without`},
		{"no JSON", "PUT", "", `DEBUG`, 400, `want {"level":"DEBUG"}`},
		{"bad module", "PUT", "", `{"level":"INFO","module":"a b"}`, 400, `module "a b": want a dotted name`},
		{"too long", "PUT", "", `{"level":"` + strings.Repeat("x", 8<<10) + `"}`, 400, `too large`},
		{"other method", "POST", "", "", 405, "want GET, PUT or DELETE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+tt.query, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.want) {
				t.Errorf("got  %d %s (%v)\nwant %d %s", resp.StatusCode, body, err, tt.status, tt.want)
			}
		})
	}
}

func TestTraceback(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithLogConfig(voicesdk.LogConfig{IncludeTraceback: new(true)}))
	tel.Logger("m").ErrorContext(t.Context(), "failed", "error", io.EOF)
	exception, _ := lastLine(t, rec)["exception"].(map[string]any)
	trace, _ := exception["stacktrace"].(string)
	if first, _, _ := strings.Cut(trace, "\n"); !strings.HasSuffix(first, "voicesdk_test.TestTraceback()") {
		t.Errorf("the trace does not begin where the error was logged:\n%s", trace)
	}
	tel.Logger("m").InfoContext(t.Context(), "fine")
	if line := lastLine(t, rec); line["exception"] != nil {
		t.Errorf("a line without an error has %v", line["exception"])
	}
}

func TestPerformanceTrackingOff(t *testing.T) {
	tel, rec := voicetest.Setup(t, variables("LOG_PERFORMANCE_TRACKING", "false"))
	tel.LogPerformance(t.Context(), "transcribe", otelvoice.Performance{})
	_, op := tel.StartOperation(t.Context(), "o")
	op.End(nil)
	lines, err := rec.Lines()
	if err != nil || len(lines) != 1 || lines[0]["performance_metrics"] != nil || lines[0]["duration_ms"] == nil {
		t.Errorf("got %v, %v, want the operation's line without figures", lines, err)
	}
}

func TestCorrelationTrackingOff(t *testing.T) {
	tel, rec := voicetest.Setup(t, variables("LOG_CORRELATION_TRACKING", "false"))
	_, session := tel.StartSession(t.Context(), otelvoice.WithUserID("u"))
	session.End()
	for _, name := range []string{"correlation_id", "trace_id", "span_id", "session_id", "request_id", "user_id"} {
		if got, ok := lastLine(t, rec)[name]; ok {
			t.Errorf("%s is %v", name, got)
		}
	}
	if record := rec.Logs()[0]; record.TraceID().IsValid() {
		t.Error("the record that is exported has a trace ID")
	}
}

func TestNilTelemetryLogs(t *testing.T) {
	tel := &voicesdk.SDK{}
	tel.LogPerformance(t.Context(), "x", otelvoice.Performance{})
	if err := tel.SetLevel(slog.LevelDebug); err != nil || tel.Config() != nil {
		t.Error("a nil Telemetry does something")
	}
	tel.ResetLevel("m")
	w := httptest.NewRecorder()
	tel.LevelHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if w.Code != http.StatusOK {
		t.Errorf("got %d", w.Code)
	}
	if tel.Context(t.Context()) != t.Context() {
		t.Error("the context changed")
	}
}

// Every row of the table of settings has a field of LogConfig, and the field sets it.
func TestEveryFieldOfLogConfig(t *testing.T) {
	level := slog.LevelWarn
	samples := map[string]voicesdk.LogConfig{
		"Level":               {Level: level},
		"Format":              {Format: voicesdk.FormatText},
		"Output":              {Output: []voicesdk.LogOutput{voicesdk.OutputConsole}},
		"ConsoleStream":       {ConsoleStream: "stderr"},
		"ConsoleLevel":        {ConsoleLevel: level},
		"ConsoleFormat":       {ConsoleFormat: voicesdk.FormatText},
		"Colors":              {Colors: new(true)},
		"TextDetails":         {TextDetails: new(true)},
		"File":                {File: filepath.Join(t.TempDir(), "agent.log")},
		"FileLevel":           {FileLevel: level},
		"FileFormat":          {FileFormat: voicesdk.FormatText},
		"MaxFileSize":         {MaxFileSize: new(int64(1 << 20))},
		"BackupCount":         {BackupCount: new(3)},
		"CompressBackups":     {CompressBackups: new(true)},
		"FileBuffer":          {FileBuffer: new(int64(1 << 10))},
		"FileFlushInterval":   {FileFlushInterval: time.Minute},
		"SyslogAddress":       {SyslogAddress: "udp://127.0.0.1:514", Output: []voicesdk.LogOutput{voicesdk.OutputConsole}},
		"SyslogFacility":      {SyslogFacility: "local3"},
		"SyslogLevel":         {SyslogLevel: level},
		"SyslogFormat":        {SyslogFormat: voicesdk.FormatText},
		"CorrelationTracking": {CorrelationTracking: new(false)},
		"PerformanceTracking": {PerformanceTracking: new(false)},
		"FilterModules":       {FilterModules: []string{"voice"}},
		"ExcludeModules":      {ExcludeModules: []string{"voice.http"}},
		"IncludeTraceback":    {IncludeTraceback: new(true)},
		"LatencyBudget":       {LatencyBudget: time.Second},
		"SegmentBudgets":      {SegmentBudgets: map[otelvoice.SegmentName]time.Duration{otelvoice.SegmentPlayout: time.Second}},
		"Heartbeat":           {Heartbeat: new(30 * time.Second)},
		"DeadAir":             {DeadAir: time.Second},
		"CorrelationHeader":   {CorrelationHeader: "X-Call-ID"},
		"LogRequests":         {LogRequests: new(false)},
		"LogResponses":        {LogResponses: new(false)},
	}
	for _, s := range settings.Switches() {
		sample, ok := samples[s.Field]
		if !ok {
			t.Errorf("%s: no sample of LogConfig.%s", s.Key, s.Field)
			continue
		}
		tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
			voicesdk.WithLogWriter(io.Discard), voicesdk.WithLogConfig(sample))
		if err != nil {
			t.Errorf("LogConfig.%s: %v", s.Field, err)
			continue
		}
		if got, _ := tel.Config().Get(s.Key); got.Origin != string(settings.FromOption) {
			t.Errorf("LogConfig.%s: got %+v, want the origin option", s.Field, got)
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Errorf("LogConfig.%s: %v", s.Field, err)
		}
	}
}
