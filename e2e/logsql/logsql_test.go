// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logsql_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/logsql"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// agent starts the toolkit, which prints lines and sends log records. Its result ends it and returns the
// lines.
func agent(t *testing.T, endpoint string, env map[string]string, opts ...voicesdk.Option) (tel *voicesdk.SDK, end func() []logsql.Line) {
	t.Helper()
	var printed bytes.Buffer
	all := map[string]string{
		"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": endpoint + "/v1/logs", "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none",
		"OTEL_BLRP_SCHEDULE_DELAY": "50",
	}
	maps.Copy(all, env)
	tel, err := voicesdk.Setup(t.Context(), append([]voicesdk.Option{
		voicesdk.WithoutGlobals(), voicesdk.WithServiceName("voiceagent"), voicesdk.WithLogWriter(&printed),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := all[name]; return v, ok }),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return tel, func() []logsql.Line {
		t.Helper()
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		lines, err := logsql.Lines(printed.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
}

// call makes a call with a session and a turn in which the synthesis fails.
func call(t *testing.T, tel *voicesdk.SDK) {
	t.Helper()
	ctx, session := tel.StartSession(t.Context())
	turnCtx, turn := session.StartTurn(ctx)
	sttCtx, stt := turn.StartSTT(turnCtx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	tel.Logger("voice.stt").WarnContext(sttCtx, "low confidence", "confidence", 0.41)
	stt.End(nil)
	ttsCtx, tts := turn.StartTTS(turnCtx, otelvoice.Model{Provider: "openai", Name: "tts-1"})
	tel.Logger("voice.tts").ErrorContext(ttsCtx, "synthesis failed",
		otelvoice.Error(errors.New("overloaded"), otelvoice.ErrorCode("TTS_OVERLOADED"), otelvoice.RecoveryAction("fallback")))
	tts.End(errors.New("overloaded"))
	turn.End()
	session.End()
}

// stored waits until a query selects as many records as there are lines, and returns them.
func stored(t *testing.T, v *backend.VictoriaLogs, query string, lines int) (records []backend.Record) {
	t.Helper()
	backend.Eventually(t, query+" selects the records", func() bool {
		var err error
		if records, err = v.Logs(t.Context(), query); err != nil {
			t.Fatal(err)
		}
		return len(records) >= lines
	})
	return records
}

// TestAgent sends log records without a collector. VictoriaLogs answers each question with the lines that
// the agent printed.
func TestAgent(t *testing.T) {
	t.Parallel()
	v := backend.NewVictoriaLogs(t)
	tel, end := agent(t, v.OTLP, nil)
	call(t, tel)
	call(t, tel)
	lines := end()
	if err := logsql.Compare(lines, stored(t, v, "*", len(lines))); err != nil {
		t.Error(err)
	}
	one := lines[0]
	for _, l := range lines {
		if l.Text("turn_id") != "" && l.Text("component") == "tts-1" {
			one = l
		}
	}
	for _, tc := range []struct {
		name, query string
		selects     func(logsql.Line) bool
	}{
		{"by trace ID", `trace_id:="` + one.Text("trace_id") + `"`, func(l logsql.Line) bool { return l.Text("trace_id") == one.Text("trace_id") }},
		{
			"by correlation ID", `voice.correlation.id:="` + one.Text("correlation_id") + `"`,
			func(l logsql.Line) bool { return l.Text("correlation_id") == one.Text("correlation_id") },
		},
		{"by session", `session.id:="` + one.Text("session_id") + `"`, func(l logsql.Line) bool { return l.Text("session_id") == one.Text("session_id") }},
		{"by turn", `voice.turn.id:="` + one.Text("turn_id") + `"`, func(l logsql.Line) bool { return l.Text("turn_id") == one.Text("turn_id") }},
		{"by component", `voice.component.name:="tts-1"`, func(l logsql.Line) bool { return l.Text("component") == "tts-1" }},
		{"errors", `severity_number:>=17`, func(l logsql.Line) bool { return l.Text("level") == "ERROR" }},
		{"by error code", `voice.error.code:="TTS_OVERLOADED"`, func(l logsql.Line) bool { return l.Text("message") == "synthesis failed" }},
		{"by stream", `{service.name="voiceagent"}`, func(logsql.Line) bool { return true }},
		{"nothing", `session.id:="sess_unknown"`, func(logsql.Line) bool { return false }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var want []logsql.Line
			for _, l := range lines {
				if tc.selects(l) {
					want = append(want, l)
				}
			}
			records, err := v.Logs(t.Context(), tc.query)
			if err != nil {
				t.Fatal(err)
			}
			if len(want) == 0 && tc.name != "nothing" {
				t.Fatal("no line is selected")
			}
			if err := logsql.Compare(want, records); err != nil {
				t.Errorf("%s: %v", tc.query, err)
			}
		})
	}
}

// TestVictoriaLogsIsAway runs an agent with a spool while VictoriaLogs does not run, and again when it
// does.
func TestVictoriaLogsIsAway(t *testing.T) {
	t.Parallel()
	v := backend.NewVictoriaLogs(t)
	v.Stop(t)
	spool := map[string]string{"OTELVOICE_SPOOL_DIR": t.TempDir()}
	var all []logsql.Line
	for range 2 {
		tel, end := agent(t, v.OTLP, spool, voicesdk.WithShutdownTimeout(2*time.Second))
		call(t, tel)
		_ = tel.ForceFlush(t.Context()) // Its error is that VictoriaLogs does not answer.
		all = append(all, end()...)
	}
	v.Start(t)
	tel, end := agent(t, v.OTLP, spool, voicesdk.WithShutdownTimeout(time.Minute))
	call(t, tel)
	all = append(all, end()...)
	records := stored(t, v, "scope.name:!=otelvoice.telemetry", 3)
	backend.Eventually(t, "the records of all runs are stored", func() bool {
		var err error
		records, err = v.Logs(t.Context(), "*")
		return err == nil && len(records) >= len(all)
	})
	if err := logsql.Compare(all, records); err != nil {
		t.Error(err)
	}
	// What was accepted is still there after VictoriaLogs was stopped and started.
	v.Stop(t)
	v.Start(t)
	if err := logsql.Compare(all, stored(t, v, "*", len(all))); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}
