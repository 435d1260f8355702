// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// Two versions of an agent are two series of each metric of turns.
func TestVariantsAreDimensions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithAgent("concierge", "1.4.0"), otelvoice.WithExperiment("short")))
		for _, opts := range [][]otelvoice.SessionOption{
			nil,
			{otelvoice.WithAgent("concierge", "1.5.0")},
			{otelvoice.WithExperiment(""), otelvoice.WithAgent("", "")},
		} {
			_, session := tel.StartSession(t.Context(), opts...)
			session.SetOutcome("booked")
			_, turn := session.StartTurn(t.Context())
			turn.Mark(otelvoice.UserStopped)
			wait(500)
			turn.Mark(otelvoice.AgentStarted)
			turn.End()
			session.End()
		}
		voicetest.Check(t, rec)
		old := "gen_ai.agent.name=concierge gen_ai.agent.version=1.4.0 voice.experiment=short"
		next := "gen_ai.agent.name=concierge gen_ai.agent.version=1.5.0 voice.experiment=short"
		for metric, want := range map[string]string{
			"voice.turn.count": old + " voice.turn.initiator=user voice.turn.outcome=completed 1\n" +
				next + " voice.turn.initiator=user voice.turn.outcome=completed 1\n" +
				"voice.turn.initiator=user voice.turn.outcome=completed 1",
			"voice.turn.response_latency": old + " voice.turn.anchor=manual voice.turn.outcome=completed n=1 sum=0.500\n" +
				next + " voice.turn.anchor=manual voice.turn.outcome=completed n=1 sum=0.500\n" +
				"voice.turn.anchor=manual voice.turn.outcome=completed n=1 sum=0.500",
			"voice.session.outcome.count": old + " voice.session.outcome=booked 1\n" + next + " voice.session.outcome=booked 1\nvoice.session.outcome=booked 1",
		} {
			if got := points(rec, metric); got != want {
				t.Errorf("%s\ngot\n%s\nwant\n%s", metric, got, want)
			}
		}
		if got := strings.Count(points(rec, "voice.turn.segment_latency"), next); got == 0 {
			t.Errorf("no segment of version 1.5.0 in\n%s", points(rec, "voice.turn.segment_latency"))
		}
		for _, name := range []string{semconv.SpanVoiceSession, semconv.SpanVoiceTurn} {
			got := ""
			for _, s := range rec.Named(name) {
				version, _ := spanAttribute(s, semconv.GenAIAgentVersionKey)
				experiment, _ := spanAttribute(s, semconv.VoiceExperimentKey)
				got += fmt.Sprintf("%s %s, ", version.AsString(), experiment.AsString())
			}
			if want := "1.4.0 short, 1.5.0 short,  , "; got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
	})
}

// Metrics distinguish 32 variants.
func TestVariantsAreBounded(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	for i := range 40 {
		opts := []otelvoice.SessionOption{otelvoice.WithAgent("concierge", fmt.Sprint(i))}
		if i == 39 {
			opts = []otelvoice.SessionOption{otelvoice.WithExperiment("39")}
		}
		ctx, session := tel.StartSession(t.Context(), opts...)
		_, turn := session.StartTurn(ctx)
		turn.End()
		session.End()
	}
	got := strings.Split(points(rec, "voice.turn.count"), "\n")
	if len(got) != 34 {
		t.Errorf("%d series, want 32 and two of others:\n%s", len(got), strings.Join(got, "\n"))
	}
	for _, want := range []string{
		"gen_ai.agent.name=_OTHER gen_ai.agent.version=_OTHER voice.turn.initiator=user voice.turn.outcome=abandoned 7",
		"voice.experiment=_OTHER voice.turn.initiator=user voice.turn.outcome=abandoned 1",
	} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("no %s in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if got := warned(rec, "_OTHER"); got != 1 {
		t.Errorf("%d warnings, want 1", got)
	}
}
