// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/semconv"
)

// instruments are the instruments that a turn records with.
type instruments struct {
	turns                             metric.Int64Counter
	response, segment, stage          metric.Float64Histogram
	sttConfidence, sttFinal           metric.Float64Histogram
	ttsByte, ttsFactor                metric.Float64Histogram
	sttAudio, ttsAudio                metric.Float64Counter
	inference, firstChunk, firstToken metric.Float64Histogram
	input, output, ttsCharacters      metric.Int64Counter
}

func newInstruments(meter metric.Meter) (instruments, error) {
	var errs []error
	histogram := func(m semconv.Metric) metric.Float64Histogram {
		h, err := stageHistogram(meter, m)
		errs = append(errs, err)
		return h
	}
	count := func(m semconv.Metric) metric.Int64Counter {
		c, err := meter.Int64Counter(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description))
		errs = append(errs, err)
		return c
	}
	seconds := func(m semconv.Metric) metric.Float64Counter {
		c, err := meter.Float64Counter(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description))
		errs = append(errs, err)
		return c
	}
	return instruments{
		turns:         count(semconv.MetricVoiceTurnCount()),
		response:      histogram(semconv.MetricVoiceTurnResponseLatency()),
		segment:       histogram(semconv.MetricVoiceTurnSegmentLatency()),
		stage:         histogram(semconv.MetricVoiceStageDuration()),
		sttConfidence: histogram(semconv.MetricVoiceSTTConfidence()),
		sttFinal:      histogram(semconv.MetricVoiceSTTFinalLatency()),
		sttAudio:      seconds(semconv.MetricVoiceSTTAudioDuration()),
		ttsByte:       histogram(semconv.MetricVoiceTTSTimeToFirstByte()),
		ttsFactor:     histogram(semconv.MetricVoiceTTSRealTimeFactor()),
		ttsCharacters: count(semconv.MetricVoiceTTSCharacters()),
		ttsAudio:      seconds(semconv.MetricVoiceTTSAudioDuration()),
		inference:     histogram(semconv.MetricGenAIClientInferenceDuration()),
		firstChunk:    histogram(semconv.MetricGenAIClientInferenceTimeToFirstChunk()),
		firstToken:    histogram(semconv.MetricVoiceLLMTimeToFirstToken()),
		input:         count(semconv.MetricGenAIClientInferenceUsageInputTokens()),
		output:        count(semconv.MetricGenAIClientInferenceUsageOutputTokens()),
	}, errors.Join(errs...)
}

// stageHistogram creates a histogram with the registry's buckets for it.
func stageHistogram(meter metric.Meter, m semconv.Metric) (metric.Float64Histogram, error) {
	return meter.Float64Histogram(m.Name, metric.WithUnit(m.Unit), metric.WithDescription(m.Description),
		metric.WithExplicitBucketBoundaries(m.Buckets...))
}

// with returns the attributes of a measurement. The call costs a nanosecond.
type with func() metric.MeasurementOption

// dimensions are the attributes of a turn's measurements.
type dimensions struct {
	turn, response                                                                    with
	transcription, endpointing, dispatch, generation, aggregation, synthesis, playout with
	sttStage, llmStage, toolStage, ttsStage, stt, llm, token, tokens, tts             with
}

// givenEachTime creates the attributes with each measurement, as programs commonly do.
func givenEachTime() dimensions {
	segment := func(name string) with {
		return func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.VoiceSegment(name), semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted),
				semconv.VoiceTurnAnchor(semconv.VoiceTurnAnchorVAD))
		}
	}
	stage := func(name, provider, model string) with {
		return func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.VoiceStage(name), completed(), semconv.GenAIProviderName(provider), semconv.GenAIRequestModel(model))
		}
	}
	return dimensions{
		turn: func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted), semconv.VoiceTurnInitiator(semconv.VoiceTurnInitiatorUser))
		},
		response: func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted), semconv.VoiceTurnAnchor(semconv.VoiceTurnAnchorVAD))
		},
		transcription: segment(semconv.VoiceSegmentTranscription),
		endpointing:   segment(semconv.VoiceSegmentEndpointing),
		dispatch:      segment(semconv.VoiceSegmentDispatch),
		generation:    segment(semconv.VoiceSegmentGeneration),
		aggregation:   segment(semconv.VoiceSegmentAggregation),
		synthesis:     segment(semconv.VoiceSegmentSynthesis),
		playout:       segment(semconv.VoiceSegmentPlayout),
		sttStage:      stage(semconv.VoiceStageSTT, sttProvider, sttModel),
		llmStage:      stage(semconv.VoiceStageLLM, provider, model),
		ttsStage:      stage(semconv.VoiceStageTTS, ttsProvider, ttsModel),
		toolStage: func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.VoiceStage(semconv.VoiceStageTool), completed())
		},
		stt: func() metric.MeasurementOption {
			return metric.WithAttributes(completed(), semconv.GenAIProviderName(sttProvider), semconv.GenAIRequestModel(sttModel),
				semconv.GenAISpeechInputLanguage(speech))
		},
		llm: func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.GenAIOperationName(semconv.GenAIOperationNameChat), semconv.GenAIProviderName(provider),
				semconv.GenAIRequestModel(model), completed())
		},
		token: func() metric.MeasurementOption {
			return metric.WithAttributes(completed(), semconv.GenAIProviderName(provider), semconv.GenAIRequestModel(model))
		},
		tokens: func() metric.MeasurementOption {
			return metric.WithAttributes(semconv.GenAIOperationName(semconv.GenAIOperationNameChat), semconv.GenAIProviderName(provider),
				semconv.GenAIRequestModel(model), completed(), semconv.GenAITokenModality(semconv.GenAITokenModalityUnknown))
		},
		tts: func() metric.MeasurementOption {
			return metric.WithAttributes(completed(), semconv.GenAIProviderName(ttsProvider), semconv.GenAIRequestModel(ttsModel))
		},
	}
}

func completed() attribute.KeyValue {
	return semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted)
}

// once returns the same dimensions with attributes that were created once, as in a program with one
// provider of each kind, which needs no lookup.
func (d dimensions) once() dimensions {
	for _, w := range []*with{
		&d.turn, &d.response,
		&d.transcription, &d.endpointing, &d.dispatch, &d.generation, &d.aggregation, &d.synthesis, &d.playout,
		&d.sttStage, &d.llmStage, &d.toolStage, &d.ttsStage, &d.stt, &d.llm, &d.token, &d.tokens, &d.tts,
	} {
		made := (*w)()
		*w = func() metric.MeasurementOption { return made }
	}
	return d
}
