// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short is a load of a second in calls of three short turns.
var short = []string{"-calls", "30", "-duration", "1s", "-turns", "3", "-turn", "100ms", "-failed", "0.2", "-interrupted", "0.2", "-slow", "0"}

// generate runs the command to its end with a collector's address.
func generate(t *testing.T, endpoint string, args ...string) (code int, sum summary, stderr string) {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
	var out, complaints strings.Builder
	code = run(t.Context(), args, &out, &complaints)
	if out.Len() > 0 {
		if err := json.Unmarshal([]byte(out.String()), &sum); err != nil {
			t.Fatalf("the summary is not JSON: %v: %s", err, out.String())
		}
	}
	return code, sum, complaints.String()
}

func TestEverySpanOfTheSummaryArrives(t *testing.T) {
	receiver := otlptest.NewReceiver(t)
	code, sum, stderr := generate(t, receiver.HTTPEndpoint(), short...)
	if code != 0 {
		t.Errorf("exit status %d: %s", code, stderr)
	}
	names := make(map[string]int64)
	traces := make(map[string]bool)
	interrupted, failed := 0, 0
	for _, s := range receiver.AllSpans() {
		names[s.GetName()]++
		traces[hex.EncodeToString(s.GetTraceId())] = true
		for _, kv := range s.GetAttributes() {
			if kv.GetKey() == string(semconv.VoiceTurnOutcomeKey) && kv.GetValue().GetStringValue() == semconv.VoiceTurnOutcomeInterrupted {
				interrupted++
			}
			if kv.GetKey() == string(semconv.VoiceStageOutcomeKey) && kv.GetValue().GetStringValue() == semconv.VoiceStageOutcomeFailed {
				failed++
			}
		}
	}
	if n := int64(len(receiver.AllSpans())); n != sum.Spans || n != sum.Signals["traces"].Sent || n == 0 {
		t.Errorf("%d spans arrived; the summary has %d made, %d sent", n, sum.Spans, sum.Signals["traces"].Sent)
	}
	if names[semconv.SpanVoiceSession] != sum.Calls || names[semconv.SpanVoiceTurn] != sum.Turns {
		t.Errorf("%d sessions, %d turns arrived; the summary has %d calls, %d turns", names[semconv.SpanVoiceSession], names[semconv.SpanVoiceTurn], sum.Calls, sum.Turns)
	}
	if sum.Calls <= 30 {
		t.Errorf("%d calls: no call followed one that ended", sum.Calls)
	}
	if interrupted == 0 || failed == 0 {
		t.Errorf("%d interrupted turns, %d failed stages; want some", interrupted, failed)
	}
	for _, id := range sum.CorrelationIDs {
		if !traces[strings.ReplaceAll(id, "-", "")] {
			t.Errorf("no trace has the correlation ID %s of the summary", id)
		}
	}
	if len(sum.CorrelationIDs) != examples {
		t.Errorf("%d correlation IDs, want %d", len(sum.CorrelationIDs), examples)
	}
}

func TestLossesFail(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer refusing.Close()
	code, sum, _ := generate(t, refusing.URL, short...)
	if code != 1 {
		t.Errorf("exit status %d, want 1", code)
	}
	if lost := sum.Signals["traces"]; total(lost.Lost) != sum.Spans || lost.LastError == "" {
		t.Errorf("the summary has %d spans, %+v", sum.Spans, lost)
	}
}

func TestInterruptEndsTheCalls(t *testing.T) {
	receiver := otlptest.NewReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.HTTPEndpoint())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, complaints strings.Builder
	if code := run(ctx, []string{"-duration", "1h"}, &out, &complaints); code != 0 {
		t.Errorf("exit status %d: %s", code, complaints.String())
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"-calls", "0"},
		{"-calls", "-1"},
		{"-calls", "many"},
		{"-turns", "0"},
		{"-turn", "0s"},
		{"-turn", "-1s"},
		{"-duration", "0s"},
		{"-failed", "1.1"},
		{"-slow", "-0.1"},
		{"-interrupted", "NaN"},
		{"-unknown"},
		{"extra"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			code, _, stderr := generate(t, "http://localhost:1", args...)
			if code != 2 || stderr == "" {
				t.Errorf("exit status %d, %q; want 2 and a reason", code, stderr)
			}
		})
	}
	t.Run("no collector", func(t *testing.T) {
		code, _, stderr := generate(t, "")
		if code != 2 || !strings.Contains(stderr, "OTEL_EXPORTER_OTLP_ENDPOINT") {
			t.Errorf("exit status %d, %q; want 2 and the variable", code, stderr)
		}
	})
	t.Run("help", func(t *testing.T) {
		if code, _, stderr := generate(t, "", "-help"); code != 0 || !slices.Contains(strings.Fields(stderr), "-calls") {
			t.Errorf("exit status %d, %q", code, stderr)
		}
	})
}
