// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// observe records an event of the model's connection.
func (r *Realtime) observe(e *wire.Event, isProgram bool) {
	if e.Kind == wire.Used {
		counts := e.Usage.Plausible(r.stage.dropUsage)
		if !r.stage.Set(func() { r.seen.Answer.Use(counts) }) {
			r.stage.lateUsage(&r.usage, counts)
		}
		return
	}
	now := time.Now()
	var firstAudio, firstToken bool
	r.stage.Set(func() {
		if !isProgram {
			r.finished(e.Kind, now)
		}
		hadAudio, hadToken := !r.seen.Speech.FirstByte.IsZero(), !r.seen.Answer.FirstToken.IsZero()
		r.seen.Event(e, now)
		firstAudio = !hadAudio && !r.seen.Speech.FirstByte.IsZero()
		firstToken = !hadToken && (firstAudio || !r.seen.Answer.FirstToken.IsZero())
	})
	if firstToken {
		r.stage.turn.MarkAt(FirstToken, now)
	}
	if firstAudio {
		if !isProgram {
			emit.AddEvent(r.stage.Span, semconv.EventVoiceRealtimeFirstAudio, now)
		}
		r.stage.turn.MarkAt(FirstByte, now)
	}
}

// finished follows whether the model has made all of the response. It is called under the lock of Set.
func (r *Realtime) finished(kind wire.Kind, now time.Time) {
	switch kind {
	case wire.Finished:
		r.stage.Finished = now
	case wire.Audio, wire.ToolCalled: // It goes on after a tool.
		r.stage.Finished = time.Time{}
	default:
	}
}

// fill uses what was observed where the program set nothing.
func (r *Realtime) fill(attrs []attribute.KeyValue) []attribute.KeyValue {
	speech, answer := &r.seen.Speech, &r.seen.Answer
	if r.firstAudio.IsZero() {
		r.firstAudio = speech.FirstByte
	}
	if r.voice == "" {
		r.voice = speech.Voice
	}
	if r.stage.Language == "" {
		r.stage.Language = r.seen.Language
	}
	if r.input.Length() == 0 {
		r.input.Duration = r.seen.Input
	}
	if r.seen.Status != "" {
		attrs = append(attrs, semconv.VoiceRealtimeStatus(r.seen.Status))
	}
	r.audio.Fill(speech.Format, speech.Size, speech.Header, speech.Duration)
	r.usage = answer.Usage().Merged(r.usage)
	r.stage.isContradictory = answer.IsContradictory()
	attrs = answer.Attributes(attrs)
	if !r.stage.turn.session.tel.content {
		return attrs
	}
	if r.transcript == "" {
		r.transcript = r.seen.Transcript
	}
	if r.reply == "" {
		r.reply = string(answer.Reply)
	}
	return answer.Content(attrs)
}

func (r *Realtime) report(end stagerecord.End, meter *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue {
	ctx := r.stage.Uncancelled
	r.stage.Seen = r.fill(r.stage.Seen)
	if !r.isUnderway {
		meter.InferenceEnded(ctx, r.stage.Worked(end).Seconds())
	}
	attrs = r.audio.Attributes(attrs)
	if seconds, ok := r.stage.Since(semconv.VoiceRealtimeTimeToFirstAudioKey, r.firstAudio); ok && !r.isUnderway {
		attrs = append(attrs, semconv.VoiceRealtimeTimeToFirstAudio(seconds))
		meter.RealtimeFirstAudio(ctx, seconds)
	}
	if d := r.audio.Length(); d > 0 {
		attrs = append(attrs, semconv.VoiceRealtimeOutputAudioDuration(d.Seconds()))
		meter.RealtimeOutputAudio(ctx, d.Seconds())
	}
	if d := r.input.Length(); d > 0 {
		attrs = append(attrs, semconv.VoiceRealtimeInputAudioDuration(d.Seconds()))
		meter.RealtimeInputAudio(ctx, d.Seconds())
	}
	if codec := r.input.Format.Codec; codec != "" {
		attrs = append(attrs, semconv.VoiceRealtimeInputAudioCodec(codec))
	}
	if rate := r.input.Format.SampleRate; rate > 0 {
		attrs = append(attrs, semconv.VoiceRealtimeInputAudioSampleRate(rate))
	}
	if r.voice != "" {
		attrs = append(attrs, semconv.GenAISpeechVoice(r.voice))
	}
	if n := len(r.seen.Answer.Tools); n > 0 {
		attrs = append(attrs, semconv.VoiceRealtimeToolCount(n))
	}
	r.usage = r.stage.consistent(r.usage)
	attrs = r.usage.Attributes(attrs)
	meter.Tokens(ctx, instrument.Tokens(r.usage))
	if r.transcript != "" {
		attrs = append(attrs, semconv.VoiceSTTTranscript(r.transcript))
	}
	if r.reply != "" {
		attrs = append(attrs, semconv.VoiceLLMReply(r.reply))
	}
	return r.stage.charge(end, attrs)
}
