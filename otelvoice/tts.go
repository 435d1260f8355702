// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"io"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/observed"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// A TTS is one synthesis of speech: the span "text_to_speech {model}". It is safe for concurrent
// use, and methods on a nil TTS do nothing. Values set after End are counted in
// voice.measurements.dropped. Audio added after End is ignored.
type TTS struct {
	stage stage

	// Guarded by stage.mu.
	firstByte    time.Time
	firstAudible time.Time
	playout      audioclock.Playout // Until the first audible sample.
	characters   int
	voice        string
	audio        audioclock.Audio
	text         string
	seen         observed.TTS
}

// StartTTS starts a synthesis in the turn. The first one marks [TTSRequested].
func (t *Turn) StartTTS(ctx context.Context, model Model, opts ...StageOption) (context.Context, *TTS) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	s := &TTS{stage: stage{Record: stagerecord.Record{
		Stage: calllog.Stage{Kind: semconv.VoiceStageTTS, Model: calllog.Model(model)}, Operation: semconv.GenAIOperationNameTextToSpeech,
	}}}
	s.stage.Owner, s.stage.Report = s, s.report
	ctx = s.stage.begin(ctx, t, semconv.SpanTextToSpeech(model.Name), asClient, opts,
		semconv.GenAIOutputType(semconv.GenAIOutputTypeSpeech))
	t.MarkAt(TTSRequested, s.stage.Start)
	return ctx, s
}

// FirstByte marks the arrival of the first audio byte, on the stage and on the turn. It may be
// called for every chunk; only the first call counts.
func (s *TTS) FirstByte() {
	if s == nil {
		return
	}
	if now, first := s.stage.Once(semconv.EventVoiceTTSFirstByte, &s.firstByte); first {
		emit.AddEvent(s.stage.Span, semconv.EventVoiceTTSFirstByte, now)
		s.stage.turn.MarkAt(FirstByte, now)
	}
}

// FirstAudible marks the first audible audio. It may be later than the first byte, because many
// voices begin with silence. Only the first call counts. [TTS.AddAudio] detects audible audio
// itself for raw PCM and G.711.
func (s *TTS) FirstAudible() {
	if s == nil {
		return
	}
	if now, first := s.stage.Once(semconv.EventVoiceTTSFirstAudible, &s.firstAudible); first {
		emit.AddEvent(s.stage.Span, semconv.EventVoiceTTSFirstAudible, now)
	}
}

// SetVoice sets the voice that speaks.
func (s *TTS) SetVoice(voice string) {
	if s != nil {
		s.stage.Put(semconv.GenAISpeechVoiceKey, func() { s.voice = voice })
	}
}

// AddText counts the characters of a piece of text to synthesise, in Unicode code points, as
// providers bill them. The text itself is recorded only if content capture is on; see
// [WithContentCapture].
func (s *TTS) AddText(text string) {
	if s == nil {
		return
	}
	n := utf8.RuneCountInString(text)
	keep := s.stage.turn.session.tel.content
	s.stage.Put(semconv.VoiceTTSCharactersKey, func() {
		s.characters += n
		if keep && len(s.text) < maxContent {
			s.text += text
		}
	})
}

// SetAudio describes the synthesised audio. For raw PCM and G.711 the audio's duration is computed
// from the bytes that [TTS.Reader], [TTS.AddAudio] and [StreamAudio] count.
func (s *TTS) SetAudio(format AudioFormat) {
	if s != nil {
		s.stage.Put(semconv.VoiceAudioCodecKey, func() { s.audio.Format = audioclock.Format(format) })
	}
}

// SetAudioDuration sets how long the audio is.
func (s *TTS) SetAudioDuration(d time.Duration) {
	if s != nil && s.stage.turn.session.tel.emit.Plausible(s.stage.Uncancelled, semconv.VoiceTTSAudioDurationKey, d) {
		s.stage.Put(semconv.VoiceTTSAudioDurationKey, func() { s.audio.Duration = d })
	}
}

// Reader returns a reader that measures the audio read through it, without retaining it. The
// first byte marks [TTS.FirstByte]. The stage ends at the end of the audio, at an error or at
// Close. If the caller closes the reader before the end of the audio, the stage is completed,
// unless its context was cancelled or the turn was interrupted.
//
// The time between two reads, in which the caller processes audio, is not the provider's. It is
// recorded as voice.stage.held_up.
func (s *TTS) Reader(r io.Reader) io.ReadCloser {
	if s == nil {
		return readCloser(r)
	}
	return &meter{
		r:      r,
		before: s.stage.Release,
		read: func(data []byte, err error) {
			s.AddAudio(data)
			if err != nil {
				s.end(eofIsNil(err), 0)
				return
			}
			s.stage.Hold()
		},
		closed: func() { s.stage.end(s.stage.Ctx.Err(), 0) },
	}
}

// AddAudio counts a piece of the synthesised audio. It does not retain data. The first piece
// marks [TTS.FirstByte]. For raw PCM and G.711 (see [TTS.SetAudio]) AddAudio also finds the first
// audible sample. Its time is not when the piece arrived but when the sample plays, if playback
// starts with the first byte. Audio with a second of silence and then a voice is audible after a
// second, in one piece or in many.
func (s *TTS) AddAudio(data []byte) {
	if s == nil || len(data) == 0 {
		return
	}
	s.FirstByte()
	var audible time.Time
	s.stage.Set(func() {
		if s.firstAudible.IsZero() {
			audible = s.playout.Add(s.audio.Format, data, s.audio.Size, s.firstByte, time.Now())
			s.firstAudible, s.audio.Header = audible, s.playout.Header()
		}
		s.audio.Size += int64(len(data))
	})
	if !audible.IsZero() {
		emit.AddEvent(s.stage.Span, semconv.EventVoiceTTSFirstAudible, audible)
	}
}

// AddRequestID adds the id that the provider gave the request, such as the header x-request-id.
// The transport of package voicehttp calls it.
func (s *TTS) AddRequestID(id string) {
	if s != nil {
		s.stage.AddRequestID(id)
	}
}

// SetAttributes adds attributes to the span and to the end line of the stage when it ends.
func (s *TTS) SetAttributes(attrs ...attribute.KeyValue) {
	if s != nil {
		s.stage.AddAttributes(attrs)
	}
}

// End ends the stage with the error of the synthesis, if any. Only the first End counts. A
// deferred End records a panic as the error and panics again.
func (s *TTS) End(err error) {
	if r := recover(); r != nil {
		s.end(failure.NewPanic(r), 0)
		panic(r)
	}
	if s != nil {
		s.end(err, s.stage.PC())
	}
}

func (s *TTS) end(err error, pc uintptr) {
	if s != nil {
		s.stage.end(err, pc)
	}
}

func (s *TTS) report(end stagerecord.End, meter *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue {
	ctx := s.stage.Uncancelled
	s.fill()
	attrs = s.audio.Attributes(attrs)
	if s.voice != "" {
		attrs = append(attrs, semconv.GenAISpeechVoice(s.voice))
	}
	if s.characters > 0 {
		attrs = append(attrs, semconv.VoiceTTSCharacters(s.characters))
		meter.TTSCharacters(ctx, int64(s.characters))
	}
	if seconds, ok := s.stage.Since(semconv.VoiceTTSTimeToFirstByteKey, s.firstByte); ok {
		attrs = append(attrs, semconv.VoiceTTSTimeToFirstByte(seconds))
		meter.TTSFirstByte(ctx, seconds)
	}
	if seconds, ok := s.stage.Since(semconv.VoiceTTSTimeToFirstAudibleKey, s.firstAudible); ok {
		attrs = append(attrs, semconv.VoiceTTSTimeToFirstAudible(seconds))
		meter.TTSFirstAudible(ctx, seconds)
	}
	if duration := s.audio.Length(); duration > 0 {
		attrs = append(attrs, semconv.VoiceTTSAudioDuration(duration.Seconds()))
		meter.TTSAudio(ctx, duration.Seconds())
		if factor, ok := s.stage.RealTimeFactor(end, duration); ok {
			attrs = append(attrs, semconv.VoiceTTSRealTimeFactor(factor))
			meter.TTSRealTimeFactor(ctx, factor)
		}
	}
	if s.text != "" {
		attrs = append(attrs, semconv.VoiceTTSText(s.text))
	}
	return s.stage.charge(end, attrs)
}
