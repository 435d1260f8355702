// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/semconv"
)

// maxWords is how many values of a dimension that the application chooses are kept.
const maxWords = 64

// calls are the instruments for what happens in calls beside turns.
type calls struct {
	outcomes, evaluations, transfers, answers, prompts, keys metric.Int64Counter
	holds                                                    metric.Float64Histogram

	variants                    variants
	outcomeWords, names, labels vocabulary
	byOutcome                   *cache[outcomeKey, options]
	byEvaluation                *cache[evaluationKey, options]
	byTransfer                  *cache[transferKey, options]
	byAnswer                    *cache[answerKey, options]
}

func newCalls(m *maker, r *redaction.Engine) *calls {
	return &calls{
		outcomes:    m.counter(semconv.MetricVoiceSessionOutcomeCount()),
		evaluations: m.counter(semconv.MetricVoiceEvaluationCount()),
		transfers:   m.counter(semconv.MetricVoiceTransferCount()),
		answers:     m.counter(semconv.MetricVoiceAnsweringMachineCount()),
		prompts:     m.counter(semconv.MetricVoiceIdlePromptCount()),
		keys:        m.counter(semconv.MetricVoiceDtmfCount()),
		holds:       m.histogram(semconv.MetricVoiceHoldDuration()),

		variants:     variants{known: make(map[Variant]*Variant), others: make(map[Variant]*Variant)},
		outcomeWords: vocabulary{most: maxWords}, names: vocabulary{most: maxWords}, labels: vocabulary{most: maxWords},
		byOutcome:    optionsOf(r, outcomeKey.attributes),
		byEvaluation: optionsOf(r, evaluationKey.attributes),
		byTransfer:   optionsOf(r, transferKey.attributes),
		byAnswer:     optionsOf(r, answerKey.attributes),
	}
}

type outcomeKey struct {
	outcome, channel string
	variant          *Variant
}

func (k outcomeKey) clone() outcomeKey {
	return outcomeKey{strings.Clone(k.outcome), strings.Clone(k.channel), k.variant}
}

func (k outcomeKey) attributes() []attribute.KeyValue {
	return k.variant.append(list{}.with(semconv.VoiceSessionOutcomeKey, k.outcome).with(semconv.VoiceChannelKey, k.channel))
}

// Outcome counts a session that ended with a business outcome. It reports whether the outcome is the
// first one that is one too many.
func (s *Set) Outcome(ctx context.Context, outcome, channel string, v *Variant) (isFirst bool) {
	outcome, isFirst = s.calls.outcomeWords.bound(outcome)
	s.calls.outcomes.Add(ctx, 1, s.calls.byOutcome.get(outcomeKey{outcome, channel, v}).add...)
	return isFirst
}

type evaluationKey struct {
	name, label string
	variant     *Variant
}

func (k evaluationKey) clone() evaluationKey {
	return evaluationKey{strings.Clone(k.name), strings.Clone(k.label), k.variant}
}

func (k evaluationKey) attributes() []attribute.KeyValue {
	return k.variant.append(list{}.with(semconv.GenAIEvaluationNameKey, k.name).with(semconv.GenAIEvaluationScoreLabelKey, k.label))
}

// Evaluated counts an evaluation. It reports whether the name or the label is the first one that is one
// too many.
func (s *Set) Evaluated(ctx context.Context, name, label string, v *Variant) (isFirst bool) {
	name, isFirst = s.calls.names.bound(name)
	label, isFirstLabel := s.calls.labels.bound(label)
	s.calls.evaluations.Add(ctx, 1, s.calls.byEvaluation.get(evaluationKey{name, label, v}).add...)
	return isFirst || isFirstLabel
}

type transferKey struct{ target, outcome, channel string }

func (k transferKey) clone() transferKey {
	return transferKey{strings.Clone(k.target), strings.Clone(k.outcome), strings.Clone(k.channel)}
}

func (k transferKey) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceTransferTargetKey, k.target).
		with(semconv.VoiceTransferOutcomeKey, k.outcome).with(semconv.VoiceChannelKey, k.channel)
}

// Transferred counts a transfer. Its target and outcome are of the registry.
func (s *Set) Transferred(ctx context.Context, target, outcome, channel string) {
	s.calls.transfers.Add(ctx, 1, s.calls.byTransfer.get(transferKey{target, outcome, channel}).add...)
}

type answerKey struct{ result, channel string }

func (k answerKey) clone() answerKey {
	return answerKey{strings.Clone(k.result), strings.Clone(k.channel)}
}

func (k answerKey) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceAnsweringMachineResultKey, k.result).with(semconv.VoiceChannelKey, k.channel)
}

// Answered counts a result of the detection of answering machines.
func (s *Set) Answered(ctx context.Context, result, channel string) {
	s.calls.answers.Add(ctx, 1, s.calls.byAnswer.get(answerKey{result, channel}).add...)
}

// Held records the seconds of a hold.
func (s *Set) Held(ctx context.Context, channel string, seconds float64) {
	s.calls.holds.Record(ctx, seconds, s.bySession.get(Session{Channel: channel}).record...)
}

// Prompted counts a question whether the user is still there.
func (s *Set) Prompted(ctx context.Context, channel string) {
	s.calls.prompts.Add(ctx, 1, s.bySession.get(Session{Channel: channel}).add...)
}

// Pressed counts keys that the user pressed.
func (s *Set) Pressed(ctx context.Context, channel string, keys int64) {
	s.calls.keys.Add(ctx, keys, s.bySession.get(Session{Channel: channel}).add...)
}
