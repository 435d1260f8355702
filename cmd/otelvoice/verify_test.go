// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// recordedFiles are those of a call that the toolkit wrote, and its recording.
type recordedFiles struct{ wav, lines, spans string }

// began is when a bubble of synctest begins.
const began = "2000-01-01T00:00:00Z"

// record makes a call of three turns. The second is told 70 ms early, and interrupted by the third. late is how
// late the ends of the user's speech are told.
func record(t *testing.T, late time.Duration, uri ...string) recordedFiles {
	t.Helper()
	const ms = time.Millisecond
	var lines, spans bytes.Buffer
	user, agent := syllables.Silence(8000, 14*time.Second), syllables.Silence(8000, 14*time.Second)
	synctest.Test(t, func(t *testing.T) {
		exporter, err := stdouttrace.New(stdouttrace.WithWriter(&spans))
		if err != nil {
			t.Fatal(err)
		}
		tel, err := voicesdk.Setup(t.Context(), voicesdk.WithLogWriter(&lines), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
			voicesdk.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(exporter)),
			voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("call-1"))
		for _, uri := range uri {
			session.SetRecording(uri, start, 2)
		}
		for i, e := range [][4]time.Duration{
			{500 * ms, 2000 * ms, 2800 * ms, 4400 * ms}, {5000 * ms, 6000 * ms, 7100 * ms, 9000 * ms}, {8700 * ms, 10_000 * ms, 10_900 * ms, 13_000 * ms},
		} {
			user.Speak(e[0], e[1], -20)
			agent.Speak(e[2], e[3], -20)
			_, turn := session.StartTurn(ctx, otelvoice.WithStartTime(start.Add(e[0])))
			turn.MarkAt(otelvoice.UserStarted, start.Add(e[0]))
			turn.UserStopped(start.Add(e[1]+late), otelvoice.AnchorVAD)
			time.Sleep(time.Until(start.Add(e[3]))) //nolint:forbidigo // In a bubble of synctest.
			turn.MarkAt(otelvoice.AgentStarted, start.Add(e[2]))
			turn.MarkAt(otelvoice.AgentStopped, start.Add(e[3]))
			if i == 1 {
				turn.Interrupt(otelvoice.AudioActivity, otelvoice.InterruptedAt(start.Add(8700*ms)))
			}
			turn.End()
		}
		session.End()
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return recordedFiles{write("call.wav", syllables.WAV(user, agent)), write("lines.jsonl", lines.Bytes()), write("spans.jsonl", spans.Bytes())}
}

func TestVerify(t *testing.T) {
	right, wrong := record(t, 0), record(t, 90*time.Millisecond)
	mono := filepath.Join(t.TempDir(), "mono.wav")
	if err := os.WriteFile(mono, syllables.WAV(syllables.Silence(8000, time.Second)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		args       []string
		wantCode   int
		wantStdout string // Parts of them.
		wantStderr string
	}{
		{"spans", []string{"-recording", right.wav, "-start", began, right.spans}, 0, "response latency: 3 compared, median", ""},
		{"spans have the stop time", []string{"-recording", right.wav, "-start", began, right.spans}, 0, "stop time: 1 compared", ""},
		{"log lines", []string{"-recording", right.wav, "-start", began, right.lines}, 0, "response latency: 3 compared, median", ""},
		{"both", []string{"-recording", right.wav, "-start", began, "-session", "call-1", right.lines, right.spans, right.lines}, 0, "stop time: 1 compared", ""},
		{"a table", []string{"-recording", right.wav, "-start", began, "-markdown", right.spans}, 0, "| turn | outcome |", ""},
		{"late stops", []string{"-recording", wrong.wav, "-start", began, wrong.spans}, 1, "3 compared", "turn 1: telemetry tells a response latency of 0.710 s, and the sound has 0.8"},
		{"late stops in log lines", []string{"-recording", wrong.wav, "-start", began, wrong.lines}, 1, "3 compared", "telemetry tells a response latency of 0.710 s"},
		{"late stops within wide bounds", []string{"-recording", wrong.wav, "-start", began, "-median", "100ms", "-worst", "100ms", wrong.spans}, 0, "3 compared", ""},
		{"the sides are swapped", []string{"-recording", right.wav, "-start", began, "-agent-left", right.spans}, 1, "not found", "was not compared"},
		{"a start on another day", []string{"-recording", right.wav, "-start", "2000-01-02T00:00:00Z", right.spans}, 1, "", "is its start right?"},
		{"a start with a zone", []string{"-recording", right.wav, "-start", "2000-01-01T02:00:00.000+02:00", right.spans}, 0, "3 compared", ""},
		{"no start", []string{"-recording", right.wav, right.spans}, 1, "", "does not tell when the recording began: set -start"},
		{"a start that is no time", []string{"-recording", right.wav, "-start", "noon", right.spans}, 2, "", `-start is "noon"`},
		{"no recording", []string{"-start", began, right.spans}, 2, "", "no recording given"},
		{"no telemetry", []string{"-recording", right.wav, "-start", began}, 2, "", "no file of telemetry given"},
		{"a recording that does not exist", []string{"-recording", "none.wav", "-start", began, right.spans}, 1, "", "none.wav"},
		{"telemetry that does not exist", []string{"-recording", right.wav, "-start", began, "none.jsonl"}, 1, "", "none.jsonl"},
		{"a recording of one channel", []string{"-recording", mono, "-start", began, right.spans}, 1, "", "1 channel of 8000 Hz, want 2 channels"},
		{"telemetry without turns", []string{"-recording", right.wav, "-start", began, right.wav}, 1, "", "there are no turns"},
		{"another session", []string{"-recording", right.wav, "-start", began, "-session", "x", right.spans}, 1, "", `there is no session "x", there are ["call-1"]`},
		{"unknown flag", []string{"-x"}, 2, "", "usage: otelvoice verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(append([]string{"verify"}, tt.args...), strings.NewReader(""), &stdout, &stderr)
			if code != tt.wantCode || !strings.Contains(stdout.String(), tt.wantStdout) || !strings.Contains(stderr.String(), tt.wantStderr) {
				t.Errorf("\ngot  %d\n%s\n%s\nwant %d, %q, %q", code, stdout.String(), stderr.String(), tt.wantCode, tt.wantStdout, tt.wantStderr)
			}
		})
	}
}

func TestVerifyJSON(t *testing.T) {
	call := record(t, 0)
	spans, err := os.Open(call.spans)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = spans.Close() }()
	var stdout, stderr strings.Builder
	code := run([]string{"verify", "-recording", call.wav, "-start", began, "-json", "-"}, spans, &stdout, &stderr)
	var got verifyResult
	if err := json.Unmarshal([]byte(stdout.String()), &got); err != nil || code != exitOK {
		t.Fatalf("%d, %v: %s%s", code, err, stdout.String(), stderr.String())
	}
	if len(got.Turns) != 3 || got.Response.Count != 3 || got.StopTime.Count != 1 || *got.Turns[1].Response.Told != 1.1 || got.Turns[0].StopTime.Told != nil {
		t.Errorf("got %s", stdout.String())
	}
}
