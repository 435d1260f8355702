// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/observed"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// A Realtime is one response of a speech-to-speech model: the span "realtime_inference {model}", as
// OpenTelemetry's proposal #394 for GenAI names it. It takes the place of STT, LLM and TTS. A turn
// whose model calls tools has several responses. It is safe for concurrent use, and methods on a nil
// Realtime do nothing. Its methods have no effect after End, except [Realtime.SetUsage] and
// [Realtime.SetResponse].
type Realtime struct {
	stage      stage
	isUnderway bool // The response began before the stage, at a time that is not known.

	// Guarded by stage.mu.
	firstAudio time.Time
	usage      llmreport.Usage
	audio      audioclock.Audio // The agent's.
	input      audioclock.Audio // The user's.
	voice      string
	transcript string // Of the user.
	reply      string
	seen       observed.Realtime
}

// StartRealtime starts a response of a speech-to-speech model in the turn. Call it when the response
// is requested or when the model reports that it begins. It marks [LLMRequested], and the first audio
// marks [FirstToken] and [FirstByte], so that the segment generation is the model's work. Mark
// [TurnCommitted] when the model's detector has ended the user's turn: without a final transcript in
// between, the silence that the detector waits for is the segment endpointing.
//
// Tools that the model calls are started with [Turn.StartTool].
func (t *Turn) StartRealtime(ctx context.Context, model Model, opts ...StageOption) (context.Context, *Realtime) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	r := &Realtime{isUnderway: newStageConfig(opts).isUnderway, stage: stage{Record: stagerecord.Record{
		Stage:     calllog.Stage{Kind: semconv.VoiceStageRealtime, Model: calllog.Model(model)},
		Operation: semconv.GenAIOperationNameRealtimeInference,
	}}}
	r.stage.Owner, r.stage.Report = r, r.report
	ctx = r.stage.begin(ctx, t, semconv.SpanRealtimeInference(model.Name), asClient, opts)
	if !r.isUnderway {
		t.MarkAt(LLMRequested, r.stage.Start)
	}
	return ctx, r
}

// FirstAudio marks the arrival of the first byte of the agent's audio. It may be called for every
// piece; only the first call counts.
func (r *Realtime) FirstAudio() {
	if r == nil {
		return
	}
	if now, first := r.stage.Once(semconv.EventVoiceRealtimeFirstAudio, &r.firstAudio); first {
		emit.AddEvent(r.stage.Span, semconv.EventVoiceRealtimeFirstAudio, now)
		r.stage.turn.MarkAt(FirstToken, now)
		r.stage.turn.MarkAt(FirstByte, now)
	}
}

// AddAudio counts a piece of the agent's audio. It does not retain data. The first piece marks
// [Realtime.FirstAudio].
func (r *Realtime) AddAudio(data []byte) {
	if r == nil || len(data) == 0 {
		return
	}
	r.FirstAudio()
	r.stage.Set(func() { r.audio.Size += int64(len(data)) })
}

// AddUserAudio counts a piece of the user's audio that the response answers. It does not retain data.
func (r *Realtime) AddUserAudio(data []byte) {
	if r != nil {
		r.stage.Set(func() { r.input.Size += int64(len(data)) })
	}
}

// SetAudio describes the agent's audio, and SetUserAudio the user's. For raw PCM and G.711 durations are
// computed from sizes.
func (r *Realtime) SetAudio(format AudioFormat) {
	if r != nil {
		r.stage.Put(semconv.VoiceAudioCodecKey, func() { r.audio.Format = audioclock.Format(format) })
	}
}

// SetUserAudio describes the user's audio.
func (r *Realtime) SetUserAudio(format AudioFormat) {
	if r != nil {
		r.stage.Put(semconv.VoiceRealtimeInputAudioCodecKey, func() { r.input.Format = audioclock.Format(format) })
	}
}

// SetAudioDuration sets how long the agent's audio is.
func (r *Realtime) SetAudioDuration(d time.Duration) {
	if r != nil && r.stage.turn.session.tel.emit.Plausible(r.stage.Uncancelled, semconv.VoiceRealtimeOutputAudioDurationKey, d) {
		r.stage.Put(semconv.VoiceRealtimeOutputAudioDurationKey, func() { r.audio.Duration = d })
	}
}

// SetUserAudioDuration sets how long the user's audio is that the response answers.
func (r *Realtime) SetUserAudioDuration(d time.Duration) {
	if r != nil && r.stage.turn.session.tel.emit.Plausible(r.stage.Uncancelled, semconv.VoiceRealtimeInputAudioDurationKey, d) {
		r.stage.Put(semconv.VoiceRealtimeInputAudioDurationKey, func() { r.input.Duration = d })
	}
}

// SetVoice sets the voice that speaks.
func (r *Realtime) SetVoice(voice string) {
	if r != nil {
		r.stage.Put(semconv.GenAISpeechVoiceKey, func() { r.voice = voice })
	}
}

// SetSessionID sets the provider's ID of the session with the model, which is known after the dial.
func (r *Realtime) SetSessionID(id string) {
	if r != nil && id != "" {
		r.stage.AddAttributes([]attribute.KeyValue{semconv.GenAIRealtimeSessionID(boundID(id))})
	}
}

// SetUsage records the tokens of the response, by modality. Use [UsageOpenAI] or [UsageGemini] for
// the provider's report. A response that was interrupted has a report, too. SetUsage is accepted
// until a minute after End; see [LLM.SetUsage].
func (r *Realtime) SetUsage(usage Usage) {
	if r != nil {
		r.stage.setUsage(&r.usage, usage)
	}
}

// SetResponse sets the id of the response, the model that generated it and its status, as the provider
// reports them. Empty values are left out. See [LLM.SetResponse].
func (r *Realtime) SetResponse(id, model, status string) {
	if r == nil {
		return
	}
	var attrs []attribute.KeyValue
	if id != "" {
		attrs = append(attrs, semconv.GenAIResponseID(boundID(id)))
	}
	if model != "" {
		attrs = append(attrs, semconv.GenAIResponseModel(model))
	}
	if status != "" {
		attrs = append(attrs, semconv.VoiceRealtimeStatus(status))
	}
	r.stage.addOrLog(semconv.GenAIResponseIDKey, "response", attrs)
}

// Truncated records that the user heard only a part of the answer: the turn is interrupted, and its
// played position is the given one. It is for the message with which an agent tells the model what
// was played, such as conversation.item.truncate.
func (r *Realtime) Truncated(played time.Duration) {
	if r != nil {
		r.stage.turn.Interrupt(AudioActivity, PlayedFor(played))
	}
}

// SetTranscript sets what the user said, and SetReply what the agent said, as the model transcribes it.
// They are recorded only if content capture is on; see [WithContentCapture].
func (r *Realtime) SetTranscript(text string) {
	if r != nil && text != "" && r.stage.turn.session.tel.content {
		r.stage.Set(func() { r.transcript = text })
	}
}

// SetReply sets what the agent said.
func (r *Realtime) SetReply(text string) {
	if r != nil && text != "" && r.stage.turn.session.tel.content {
		r.stage.Set(func() { r.reply = text })
	}
}

// AddRequestID adds the id that the provider gave the connection, such as the header x-request-id.
func (r *Realtime) AddRequestID(id string) {
	if r != nil {
		r.stage.AddRequestID(id)
	}
}

// SetAttributes adds attributes to the span and to the end line of the stage when it ends.
func (r *Realtime) SetAttributes(attrs ...attribute.KeyValue) {
	if r != nil {
		r.stage.AddAttributes(attrs)
	}
}

// End ends the stage with the error of the response, if any. Only the first End counts. A deferred End
// records a panic as the error and panics again.
func (r *Realtime) End(err error) {
	if v := recover(); v != nil {
		r.end(failure.NewPanic(v), 0)
		panic(v)
	}
	if r != nil {
		r.end(err, r.stage.PC())
	}
}

func (r *Realtime) end(err error, pc uintptr) {
	if r != nil {
		r.stage.end(err, pc)
	}
}
