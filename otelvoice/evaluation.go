// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// An Evaluation is the result of judging a session or a turn, by a program, a model or a person. The names
// are those of OpenTelemetry's GenAI conventions, event gen_ai.evaluation.result.
type Evaluation struct {
	// Score is the score; nil is unknown.
	Score *float64
	// Min and Max are the range of the score. If both are 0, any finite score is accepted.
	Min, Max float64
	// Label is the score in words, such as "pass". It is a dimension of a metric and must have few values.
	Label string
	// Explanation is why the score was given. It may quote the conversation, and is recorded with
	// [WithContentCapture] only.
	Explanation string
	// ResponseID is the provider's ID of the response that was evaluated, if it was one response.
	ResponseID string
	// Err is why the evaluation failed. Only its type is recorded.
	Err error
}

// Evaluate records an evaluation of the call, such as "task completion": the event gen_ai.evaluation.result on
// the session's span, a log record with the same event name and the ids of the session, and the metric
// voice.evaluation.count. The explanation is on the log record only.
//
// Evaluations often come when the call is over. They are accepted without a limit of time: the span has no
// event then, and the log record tells what was evaluated by its trace, its span and its session.id.
//
// A score that is not a number, infinite or outside of its range is left out and counted in
// voice.measurements.dropped, and a warning is logged, once for each place in the code. An evaluation without
// a name, or without a score, label and error, is not recorded and is counted in the same way. Names and
// labels are truncated to 256 bytes. Beyond 64 names or labels in a process the metric has _OTHER.
func (s *Session) Evaluate(name string, e Evaluation) {
	if s != nil {
		s.evaluate(s.ctx, s.span, name, &e)
	}
}

// Evaluate does for the turn what [Session.Evaluate] does for the session. The log record also has the
// number of the turn.
func (t *Turn) Evaluate(name string, e Evaluation) {
	if t != nil && !t.isDetached {
		t.session.evaluate(t.ctx, t.span, name, &e, semconv.VoiceTurnIndex(t.index))
	}
}

func (s *Session) evaluate(ctx context.Context, span trace.Span, name string, e *Evaluation, more ...attribute.KeyValue) {
	if name = boundID(name); name == "" {
		s.refuse(semconv.GenAIEvaluationNameKey, semconv.VoiceDropReasonMalformed, "an evaluation has no name and is not recorded")
		return
	}
	attrs := make([]attribute.KeyValue, 0, 7)
	attrs = append(attrs, semconv.GenAIEvaluationName(name))
	if e.Score != nil {
		if reason := e.doubt(); reason != "" {
			s.refuse(semconv.GenAIEvaluationScoreValueKey, reason, e.doubtful(name))
		} else {
			attrs = append(attrs, semconv.GenAIEvaluationScoreValue(*e.Score))
		}
	}
	label := boundID(e.Label)
	if label != "" {
		attrs = append(attrs, semconv.GenAIEvaluationScoreLabel(label))
	}
	if e.Err != nil {
		attrs = append(attrs, semconv.ErrorType(errorType(e.Err)))
	}
	if len(attrs) == 1 {
		if e.Score == nil {
			s.refuse(semconv.GenAIEvaluationScoreValueKey, semconv.VoiceDropReasonMalformed, "an evaluation has no score, label and error and is not recorded")
		}
		return
	}
	if e.ResponseID != "" {
		attrs = append(attrs, semconv.GenAIResponseID(boundID(e.ResponseID)))
	}
	emit.AddEvent(span, semconv.EventGenAIEvaluationResult, time.Now(), attrs...)
	attrs = append(attrs, more...)
	if e.Explanation != "" && s.tel.content {
		attrs = append(attrs, semconv.GenAIEvaluationExplanation(strings.Clone(e.Explanation[:min(len(e.Explanation), maxContent)])))
	}
	s.tel.emit.Log.Evaluation(ctx, semconv.EventGenAIEvaluationResult, "evaluation", attrs...)
	s.count(func() {
		if s.tel.emit.Metrics.Evaluated(ctx, name, label, s.variant.dimensions) {
			s.tel.emit.Log.Session(ctx, calllog.Warn,
				"there are more names or labels of evaluations than the metric distinguishes: further ones are _OTHER", nil)
		}
	})
}

// doubt returns why the score is left out, or "".
func (e *Evaluation) doubt() string {
	switch score := *e.Score; {
	case math.IsNaN(score) || math.IsInf(score, 0):
		return semconv.VoiceDropReasonNotFinite
	case (e.Min != 0 || e.Max != 0) && !(score >= e.Min && score <= e.Max): // Also for a range without values.
		return semconv.VoiceDropReasonOutOfRange
	}
	return ""
}

func (e *Evaluation) doubtful(name string) string {
	if e.doubt() == semconv.VoiceDropReasonNotFinite {
		return fmt.Sprintf("the score %g of the evaluation %q is not finite and is not recorded", *e.Score, name)
	}
	return fmt.Sprintf("the score %g of the evaluation %q is outside of its range, %g to %g, and is not recorded", *e.Score, name, e.Min, e.Max)
}
