// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queries_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// A call records the events of a session.
type call func(ctx context.Context, tel *otelvoice.Telemetry, session *otelvoice.Session)

func wait(d time.Duration) { <-time.After(d) }

// record returns the log lines of a call, which runs on a fake clock.
func record(t *testing.T, happens call, opts ...voicesdk.Option) []byte {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		tel, err := voicesdk.Setup(t.Context(), append(opts, voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out),
			voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))...)
		if err != nil {
			t.Fatal(err)
		}
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("call-1"))
		happens(ctx, tel.Telemetry, session)
		session.End()
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return out.Bytes()
}

// turn records a turn in which the user speaks, waits and hears an answer.
func turn(spoke, waited, heard time.Duration) call {
	return func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
		_, turn := session.StartTurn(ctx)
		wait(spoke)
		turn.Mark(otelvoice.UserStopped)
		wait(waited)
		turn.Mark(otelvoice.AgentStarted)
		wait(heard)
		turn.End()
	}
}

var model = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}

func TestSlowOperations(t *testing.T) {
	for _, tt := range []struct {
		name    string
		happens call
		opts    []voicesdk.Option
		want    string // The work and its wait in milliseconds.
	}{
		{name: "a wait of 5.2 s", happens: turn(time.Second, 5200*time.Millisecond, time.Second), want: "voice.turn 5200"},
		{
			name: "a wait of 5.2 s without performance_metrics", happens: turn(time.Second, 5200*time.Millisecond, time.Second),
			opts: []voicesdk.Option{voicesdk.WithLogConfig(voicesdk.LogConfig{PerformanceTracking: new(false)})}, want: "voice.turn 5200",
		},
		{name: "a long question", happens: turn(20*time.Second, time.Second, time.Second)},
		{name: "a long answer", happens: turn(time.Second, time.Second, time.Minute)},
		{name: "a long call", happens: func(context.Context, *otelvoice.Telemetry, *otelvoice.Session) { wait(time.Hour) }},
		{
			name: "a recogniser that listens", happens: func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				_, stt := turn.StartSTT(ctx, model)
				wait(9 * time.Second)
				turn.Mark(otelvoice.UserStopped)
				wait(300 * time.Millisecond)
				stt.SetAudioDuration(9 * time.Second)
				stt.Final()
				stt.End(nil)
				turn.End()
			},
		},
		{
			name: "a recogniser that is late", happens: func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				_, stt := turn.StartSTT(ctx, model)
				wait(time.Second)
				turn.Mark(otelvoice.UserStopped)
				wait(6 * time.Second)
				stt.SetAudioDuration(time.Second)
				stt.Final()
				stt.End(nil)
				turn.End()
			}, want: "stt 6000",
		},
		{
			name: "a model that answers at length", happens: func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				_, llm := turn.StartLLM(ctx, model)
				wait(400 * time.Millisecond)
				llm.FirstToken()
				wait(20 * time.Second)
				llm.End(nil)
				turn.End()
			},
		},
		{
			name: "a model that thinks", happens: func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				_, llm := turn.StartLLM(ctx, model)
				wait(7 * time.Second)
				llm.FirstToken()
				llm.End(nil)
				turn.End()
			}, want: "llm 7000",
		},
		{
			name: "a model that never answers", happens: func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				_, llm := turn.StartLLM(ctx, model)
				wait(8 * time.Second)
				llm.End(errors.New("timeout"))
				turn.End()
			}, want: "llm 8000",
		},
		{
			name: "a long text to speak", happens: func(ctx context.Context, _ *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				_, tts := turn.StartTTS(ctx, model)
				wait(200 * time.Millisecond)
				tts.FirstByte()
				wait(15 * time.Second)
				tts.End(nil)
				turn.End()
			},
		},
		{
			name: "a tool and the operation in it", happens: func(ctx context.Context, tel *otelvoice.Telemetry, session *otelvoice.Session) {
				ctx, turn := session.StartTurn(ctx)
				ctx, tool := turn.StartTool(ctx, "look_up")
				_, op := tel.StartOperation(ctx, "load menu")
				wait(6 * time.Second)
				op.End(nil)
				tool.End(nil)
				turn.End()
			}, want: "load menu 6000, tool 6000",
		},
		{
			name: "work of its own", happens: func(ctx context.Context, tel *otelvoice.Telemetry, _ *otelvoice.Session) {
				tel.LogPerformance(ctx, "resample", otelvoice.Performance{Duration: 5500 * time.Millisecond})
			}, want: "resample 5500",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, text := range jqOver(t, record(t, tt.happens, tt.opts...), "-c", "-f", "slow_operations.jq") {
				var found struct {
					What string      `json:"what"`
					Took json.Number `json:"took_ms"`
				}
				if err := json.Unmarshal([]byte(text), &found); err != nil {
					t.Fatal(err)
				}
				got = append(got, found.What+" "+found.Took.String())
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The short query in README.md finds the wait, too.
func TestLongWorkByItsDuration(t *testing.T) {
	lines := record(t, turn(time.Second, 5200*time.Millisecond, time.Second))
	got := jqOver(t, lines, "-r", `select(.performance_metrics.duration_ms > 5000) | "\(.phase) \(.performance_metrics.duration_ms)"`)
	if want := "turn_end 7200,session_end 7200"; strings.Join(got, ",") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

// commands are the lines of README.md that call jq with a program in the command line.
var commands = regexp.MustCompile(`(?m)^\$ (?:tail -F app\.log \| )?jq (-\w+ )?(?:--unbuffered )?'([^']+)'`)

// Every query in a command line runs.
func TestTypedProgramsRun(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := commands.FindAllStringSubmatch(string(page), -1)
	if len(found) != strings.Count(string(page), "jq -")-strings.Count(string(page), "--unbuffered -f") {
		t.Errorf("found only %d queries in README.md", len(found))
	}
	lines := record(t, turn(time.Second, 5200*time.Millisecond, time.Second))
	for _, c := range found {
		got := jqOver(t, lines, strings.TrimSpace(c[1]), c[2])
		if strings.Contains(c[2], "response_latency_ms > 5000") || strings.Contains(c[2], "latency_budget") {
			if len(got) != 1 {
				t.Errorf("%s finds %q, want one line", c[2], got)
			}
		}
	}
}
