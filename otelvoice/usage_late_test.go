// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// usageLines returns the lines with a message.
func usageLines(t *testing.T, rec *voicetest.Recorder, message string) (out []map[string]any) {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if line["message"] == message {
			out = append(out, line)
		}
	}
	return out
}

// After a barge-in the provider reports the usage 800 ms later, when the turn and the session have
// ended.
func TestUsageAfterTheEnd(t *testing.T) {
	for _, tt := range []struct {
		name        string
		before      otelvoice.Usage
		after       []otelvoice.Usage
		wait        int
		input       string // The tokens counted; "" for none.
		lines       int
		droppedLate bool
	}{
		{"none so far", otelvoice.Usage{}, []otelvoice.Usage{{InputTokens: 132, OutputTokens: 40}}, 800, "132", 1, false},
		{"twice", otelvoice.Usage{}, []otelvoice.Usage{{InputTokens: 132}, {InputTokens: 132}}, 800, "132", 1, false},
		{"more than so far", otelvoice.Usage{InputTokens: 100}, []otelvoice.Usage{{InputTokens: 132}}, 800, "132", 1, false},
		{"less than so far", otelvoice.Usage{InputTokens: 132}, []otelvoice.Usage{{InputTokens: 100}}, 800, "132", 0, false},
		{"nothing", otelvoice.Usage{InputTokens: 132}, []otelvoice.Usage{{}}, 800, "132", 0, false},
		{"after a minute", otelvoice.Usage{}, []otelvoice.Usage{{InputTokens: 132}}, 60_001, "", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("call-1"))
				ctx, turn := session.StartTurn(ctx, otelvoice.WithTurnID("turn-1"))
				_, llm := turn.StartLLM(ctx, gpt)
				llm.SetUsage(tt.before)
				wait(200)
				turn.Interrupt(otelvoice.AudioActivity)
				turn.End()
				session.End()
				wait(tt.wait)
				for _, u := range tt.after {
					llm.SetUsage(u)
				}
				got := points(rec, "gen_ai.client.inference.usage.input_tokens")
				if want := "voice.stage.outcome=abandoned "; strings.Contains(got, want) {
					t.Errorf("the outcome is not that of the stage: %s", got)
				}
				if !strings.HasSuffix(got, tt.input) || (tt.input == "") != (got == "") {
					t.Errorf("counted %q, want %q", got, tt.input)
				}
				lines := usageLines(t, rec, "llm usage")
				if len(lines) != tt.lines {
					t.Fatalf("%d lines, want %d", len(lines), tt.lines)
				}
				if tt.lines > 0 && (lines[0]["session_id"] != "call-1" || lines[0]["turn_id"] != "turn-1" || lines[0]["trace_id"] == nil || lines[0]["phase"] != "stage_late") {
					t.Errorf("the line is %v", lines[0])
				}
				dropped := points(rec, "voice.measurements.dropped")
				if want := "voice.drop.reason=late voice.measurement=gen_ai.usage.input_tokens 1"; (dropped == want) != tt.droppedLate {
					t.Errorf("dropped %q", dropped)
				}
				if n, known := turn.Stages()[0].Float(semconv.GenAIUsageInputTokensKey); known != (tt.input == "132") || known && n != 132 {
					t.Errorf("the record of the stage has %v input tokens", n)
				}
				voicetest.Check(t, rec)
			})
		})
	}
}

// A log line has only the tokens that were not recorded before, so that the lines of a call sum to
// its tokens.
func TestLinesOfUsageSumUp(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.SetUsage(otelvoice.Usage{InputTokens: 100, OutputTokens: 1})
	llm.End(nil)
	llm.SetUsage(otelvoice.Usage{OutputTokens: 15})
	session.End()
	lines := usageLines(t, rec, "llm usage")
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	extra, _ := lines[0]["extra_data"].(map[string]any)
	if extra["gen_ai.usage.output_tokens"] != 14. || extra["gen_ai.usage.input_tokens"] != nil {
		t.Errorf("the line has %v, want 15 - 1 output tokens", extra)
	}
}

func TestResponseAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
		ctx, session := tel.StartSession(t.Context())
		_, turn := session.StartTurn(ctx)
		_, llm := turn.StartLLM(ctx, gpt)
		llm.End(errors.New("cut"))
		session.End()
		llm.SetResponse("resp_1", "", "cancelled")
		llm.SetReply("We open")
		llm.SetResponse("", "")
		wait(int(2 * time.Minute / time.Millisecond))
		llm.SetResponse("resp_2", "")
		llm.SetReply("We open at")
		if n, m := len(usageLines(t, rec, "llm response")), len(usageLines(t, rec, "llm reply")); n != 1 || m != 1 {
			t.Errorf("%d and %d lines, want 1 each", n, m)
		}
		want := "voice.drop.reason=late voice.measurement=gen_ai.response.id 1\nvoice.drop.reason=late voice.measurement=voice.llm.reply 1"
		if got := points(rec, "voice.measurements.dropped"); got != want {
			t.Errorf("dropped\n%s\nwant\n%s", got, want)
		}
	})
}
