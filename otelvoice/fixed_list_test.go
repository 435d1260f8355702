// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// Texts in the place of the constants are on the spans, cut, and are one value in metrics.
func TestTextsInThePlaceOfConstants(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	var text string
	for i := range 100 {
		text = fmt.Sprintf("%d%s", i, strings.Repeat("é", 300))
		ctx, session := tel.StartSession(t.Context())
		session.SetEndReason(otelvoice.EndReason(text))
		_, turn := session.StartTurn(ctx)
		turn.UserStopped(time.Now(), otelvoice.Anchor(text))
		turn.Mark(otelvoice.AgentStarted)
		turn.Mark(otelvoice.AgentStopped)
		turn.Interrupt(otelvoice.InterruptionSource(text))
		turn.End()
		_, turn = session.StartTurn(ctx)
		turn.SetOutcome(otelvoice.Outcome(text))
		turn.End()
		session.End()
	}
	for metric, want := range map[string]string{
		"voice.session.duration":      "voice.session.end_reason=_OTHER",
		"voice.turn.response_latency": "voice.turn.anchor=_OTHER voice.turn.outcome=interrupted",
		"voice.turn.count":            "voice.turn.initiator=user voice.turn.outcome=_OTHER",
		"voice.interruption.count":    "voice.interruption.source=_OTHER",
	} {
		if got := points(rec, metric); !strings.Contains(got, want+" ") || strings.Contains(got, "é") || strings.Count(got, "\n") > 1 {
			t.Errorf("%s:\n%.300s\nwant %s", metric, got, want)
		}
	}
	turns := rec.Named(semconv.SpanVoiceTurn)
	want := text[:256]
	for of, span := range map[attribute.Key]int{semconv.VoiceTurnAnchorKey: 2, semconv.VoiceInterruptionSourceKey: 2, semconv.VoiceTurnOutcomeKey: 1} {
		if v, _ := spanAttribute(turns[len(turns)-span], of); v.AsString() != want {
			t.Errorf("%s on the span is %q, want %q", of, v.AsString(), want)
		}
	}
	sessions := rec.Named(semconv.SpanVoiceSession)
	if v, _ := spanAttribute(sessions[len(sessions)-1], semconv.VoiceSessionEndReasonKey); v.AsString() != want {
		t.Errorf("the end reason on the span is %q, want %q", v.AsString(), want)
	}
}
