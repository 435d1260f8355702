// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// evaluations returns the log records of evaluations with these attributes.
func evaluations(rec *voicetest.Recorder, keys ...attribute.Key) string {
	var out []string
	for _, record := range rec.Logs() {
		if record.EventName() != "gen_ai.evaluation.result" {
			continue
		}
		var attrs []attribute.KeyValue
		for _, key := range keys {
			record.WalkAttributes(func(kv attribute.KeyValue) bool {
				if kv.Key == key {
					attrs = append(attrs, kv)
				}
				return true
			})
		}
		out = append(out, listed(attrs))
	}
	return strings.Join(out, "\n")
}

func TestEvaluate(t *testing.T) {
	for _, tt := range []struct {
		name    string
		metric  string
		e       otelvoice.Evaluation
		want    string // The attributes of the event.
		dropped string // Reason and measurement.
	}{
		{"a score", "relevance", otelvoice.Evaluation{Score: new(0.85), Max: 1}, "gen_ai.evaluation.name=relevance gen_ai.evaluation.score.value=0.85", ""},
		{"a score of 0", "relevance", otelvoice.Evaluation{Score: new(0.0), Max: 1}, "gen_ai.evaluation.name=relevance gen_ai.evaluation.score.value=0", ""},
		{"a score without a range", "words", otelvoice.Evaluation{Score: new(-40.0)}, "gen_ai.evaluation.name=words gen_ai.evaluation.score.value=-40", ""},
		{"a label alone", "polite", otelvoice.Evaluation{Label: "pass"}, "gen_ai.evaluation.name=polite gen_ai.evaluation.score.label=pass", ""},
		{
			"a response", "polite",
			otelvoice.Evaluation{Label: "pass", ResponseID: "chatcmpl-1"},
			"gen_ai.evaluation.name=polite gen_ai.evaluation.score.label=pass gen_ai.response.id=chatcmpl-1", "",
		},
		{"a judge that failed", "polite", otelvoice.Evaluation{Err: context.DeadlineExceeded}, "gen_ai.evaluation.name=polite error.type=timeout", ""},
		{
			"a score above its range", "relevance",
			otelvoice.Evaluation{Score: new(1.5), Max: 1, Label: "high"},
			"gen_ai.evaluation.name=relevance gen_ai.evaluation.score.label=high", "out_of_range gen_ai.evaluation.score.value",
		},
		{"a score below its range", "stars", otelvoice.Evaluation{Score: new(0.0), Min: 1, Max: 5}, "", "out_of_range gen_ai.evaluation.score.value"},
		{"a range without values", "stars", otelvoice.Evaluation{Score: new(3.0), Min: 5, Max: 1}, "", "out_of_range gen_ai.evaluation.score.value"},
		{"a range that is no number", "stars", otelvoice.Evaluation{Score: new(3.0), Min: math.NaN(), Max: 5}, "", "out_of_range gen_ai.evaluation.score.value"},
		{"no number", "stars", otelvoice.Evaluation{Score: new(math.NaN())}, "", "not_finite gen_ai.evaluation.score.value"},
		{"an infinite score", "stars", otelvoice.Evaluation{Score: new(math.Inf(1)), Max: math.Inf(1)}, "", "not_finite gen_ai.evaluation.score.value"},
		{"no name", "", otelvoice.Evaluation{Score: new(1.0)}, "", "malformed gen_ai.evaluation.name"},
		{"no result", "stars", otelvoice.Evaluation{}, "", "malformed gen_ai.evaluation.score.value"},
	} {
		for _, of := range []string{semconv.SpanVoiceSession, semconv.SpanVoiceTurn} {
			t.Run(tt.name+" of "+of, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				ctx, session := tel.StartSession(t.Context())
				_, turn := session.StartTurn(ctx)
				evaluate := session.Evaluate
				if of == semconv.SpanVoiceTurn {
					evaluate = turn.Evaluate
				}
				tt.e.Explanation = "the caller asked for the purple elephant"
				evaluate(tt.metric, tt.e)
				turn.End()
				session.End()
				voicetest.Check(t, rec)
				voicetest.NoSecrets(t, rec, "purple elephant")
				want := tt.want
				if want != "" {
					want = "gen_ai.evaluation.result " + want
				}
				if got := eventsOf(rec, of); got != want {
					t.Errorf("event\ngot  %s\nwant %s", got, want)
				}
				if got := evaluations(rec, semconv.GenAIEvaluationNameKey, semconv.GenAIEvaluationScoreValueKey,
					semconv.GenAIEvaluationScoreLabelKey, semconv.ErrorTypeKey, semconv.GenAIResponseIDKey); got != tt.want {
					t.Errorf("record\ngot  %s\nwant %s", got, tt.want)
				}
				dropped, warnings := "", 0
				if tt.dropped != "" {
					reason, key, _ := strings.Cut(tt.dropped, " ")
					dropped, warnings = "voice.drop.reason="+reason+" voice.measurement="+key+" 1", 1
				}
				if got := points(rec, "voice.measurements.dropped"); got != dropped {
					t.Errorf("dropped\ngot  %s\nwant %s", got, dropped)
				}
				if got := warned(rec, "not recorded"); got != warnings {
					t.Errorf("%d warnings, want %d", got, warnings)
				}
			})
		}
	}
}

// warned counts the warnings with a text.
func warned(rec *voicetest.Recorder, text string) (n int) {
	for _, record := range rec.Logs() {
		if record.SeverityText() == "WARN" && strings.Contains(record.Body().String(), text) {
			n++
		}
	}
	return n
}

// An evaluation that comes hours after the call is a log record with the ids of the call.
func TestEvaluateAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("call-1"))
		_, turn := session.StartTurn(ctx, otelvoice.WithTurnID("turn-1"))
		turn.End()
		session.End()
		<-time.After(2 * time.Hour)
		session.Evaluate("task completion", otelvoice.Evaluation{Label: "pass", Explanation: "a table was booked"})
		turn.Evaluate("relevance", otelvoice.Evaluation{Score: new(0.5)})
		want := "session.id=call-1 gen_ai.evaluation.name=task completion gen_ai.evaluation.explanation=a table was booked\n" +
			"session.id=call-1 voice.turn.id=turn-1 voice.turn.index=1 gen_ai.evaluation.name=relevance"
		if got := evaluations(rec, semconv.SessionIDKey, semconv.VoiceTurnIDKey, semconv.VoiceTurnIndexKey,
			semconv.GenAIEvaluationNameKey, semconv.GenAIEvaluationExplanationKey); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		records := rec.Logs()
		last := records[len(records)-1]
		if got, want := last.SpanID(), rec.Named(semconv.SpanVoiceTurn)[0].SpanContext().SpanID(); got != want {
			t.Errorf("the record is of the span %s, want the turn's, %s", got, want)
		}
		want = "gen_ai.evaluation.name=relevance 1\ngen_ai.evaluation.name=task completion gen_ai.evaluation.score.label=pass 1"
		if got := points(rec, "voice.evaluation.count"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// Metrics have at most 64 outcomes, names and labels, and one that stands for the others.
func TestWordsOfMetricsAreBounded(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	for i := range 70 {
		_, session := tel.StartSession(t.Context())
		session.SetOutcome(fmt.Sprint("outcome ", i))
		session.Evaluate(fmt.Sprint("name ", i), otelvoice.Evaluation{Label: "pass"})
		session.End()
	}
	for metric, other := range map[string]string{
		"voice.session.outcome.count": "voice.session.outcome=_OTHER 6",
		"voice.evaluation.count":      "gen_ai.evaluation.name=_OTHER gen_ai.evaluation.score.label=pass 6",
	} {
		got := strings.Split(points(rec, metric), "\n")
		if len(got) != 65 || got[0] != other {
			t.Errorf("%s has %d points, the first is %s; want 65 and %s", metric, len(got), got[0], other)
		}
	}
	if got := warned(rec, "_OTHER"); got != 2 {
		t.Errorf("%d warnings, want one for outcomes and one for names", got)
	}
}
