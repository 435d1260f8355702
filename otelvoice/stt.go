// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"io"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/observed"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// An STT is one utterance going through speech recognition: the span
// "speech_to_text {model}". It is safe for concurrent use, and methods on a nil
// STT do nothing. Values set after End are counted in voice.measurements.dropped.
// Audio and interim transcripts added after End are ignored.
type STT struct {
	stage    stage
	isRepeat bool // Another recogniser has reported the words.

	// Guarded by stage.mu.
	confidence      float64
	hasConfidence   bool
	audio           audioclock.Audio
	stream          *STTStream // Nil for an utterance outside a stream.
	speech          audioclock.Utterance
	live, liveKnown bool // Set by SetLive.
	fed             audioclock.Feed
	partials        int
	final           time.Time
	transcript      string
	seen            observed.STT
}

// StartSTT starts a recognition in the turn. The context it returns carries the
// stage's span to the client that does the work.
func (t *Turn) StartSTT(ctx context.Context, model Model, opts ...StageOption) (context.Context, *STT) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	s := &STT{isRepeat: vendorcall.IsRepetition(ctx), stage: stage{Record: stagerecord.Record{
		Stage: calllog.Stage{Kind: semconv.VoiceStageSTT, Model: calllog.Model(model)}, Operation: semconv.GenAIOperationNameSpeechToText,
	}}}
	s.stage.Owner, s.stage.Report = s, s.report
	ctx = s.stage.begin(ctx, t, semconv.SpanSpeechToText(model.Name), asClient, opts)
	return ctx, s
}

// Partial counts an interim transcript.
func (s *STT) Partial() {
	if s != nil {
		s.stage.Set(func() { s.partials++ })
	}
}

// Final marks the transcript as final now, on the stage and on the turn. If the recogniser sends
// several final transcripts, the last one counts.
func (s *STT) Final() {
	if s == nil {
		return
	}
	now := time.Now()
	if s.stage.Put(semconv.EventVoiceTranscriptFinal, func() { s.final = now }) {
		emit.AddEvent(s.stage.Span, semconv.EventVoiceTranscriptFinal, now)
		if s.marks(FinalTranscript) {
			s.stage.turn.MarkAt(FinalTranscript, now)
		}
	}
}

// marks reports whether what the stage knows of a mark counts for the turn.
func (s *STT) marks(m Mark) bool {
	if !s.isRepeat {
		return true
	}
	t := s.stage.turn
	t.mu.Lock()
	defer t.mu.Unlock()
	_, isMarked := t.marks.Last(latency.Mark(m))
	return !isMarked
}

// SetConfidence sets the recogniser's confidence in the transcript, from 0 to 1. If the
// recogniser reports none, do not call SetConfidence: an unknown confidence is not 0.
func (s *STT) SetConfidence(confidence float64) {
	if s == nil || !s.stage.turn.session.tel.emit.InRange(s.stage.Uncancelled, semconv.VoiceSTTConfidenceKey, confidence, 1) {
		return
	}
	s.stage.Put(semconv.VoiceSTTConfidenceKey, func() { s.confidence, s.hasConfidence = confidence, true })
}

// SetLanguage sets the language of the speech, as BCP 47: "en", "de-CH".
func (s *STT) SetLanguage(language string) {
	if s != nil {
		s.stage.Put(semconv.GenAISpeechInputLanguageKey, func() { s.stage.Language = language })
	}
}

// SetAudio describes the audio that is sent. For raw PCM and G.711 the audio's duration is
// computed from the bytes that [STT.Reader] and [STT.AddAudio] count.
func (s *STT) SetAudio(format AudioFormat) {
	if s != nil {
		s.stage.Put(semconv.VoiceAudioCodecKey, func() { s.audio.Format = audioclock.Format(format) })
	}
}

// SetAudioDuration sets how long the audio is.
func (s *STT) SetAudioDuration(d time.Duration) {
	if s != nil && s.stage.turn.session.tel.emit.Plausible(s.stage.Uncancelled, semconv.VoiceSTTAudioDurationKey, d) {
		s.stage.Put(semconv.VoiceSTTAudioDurationKey, func() { s.audio.Duration = d })
	}
}

// SetLive sets whether the audio is recognised while it is spoken (live) or from a recording.
// The real-time factor is recorded only for recordings: for live audio it is about 1, whatever
// the recogniser's speed. Without SetLive an utterance is live if it belongs to an [STTStream],
// if it has interim transcripts, or if its audio arrived at less than twice the speed of speech.
func (s *STT) SetLive(live bool) {
	if s != nil {
		s.stage.Set(func() { s.live, s.liveKnown = live, true })
	}
}

// SetTranscript sets the transcript. It is recorded only if content capture is on; see
// [WithContentCapture].
func (s *STT) SetTranscript(text string) {
	if s != nil && s.stage.turn.session.tel.content {
		s.stage.Put(semconv.VoiceSTTTranscriptKey, func() { s.transcript = text })
	}
}

// Reader returns a reader that counts the audio read through it, without retaining it. It does
// not end the stage, because the transcript arrives after the audio.
func (s *STT) Reader(r io.Reader) io.ReadCloser {
	if s == nil {
		return readCloser(r)
	}
	return &meter{r: r, read: func(data []byte, _ error) { s.AddAudio(data) }}
}

// AddAudio counts a piece of the audio that is sent. It does not retain data.
func (s *STT) AddAudio(data []byte) {
	if s != nil && len(data) > 0 {
		s.stage.Set(func() {
			s.audio.Size += int64(len(data))
			s.fed.Add(time.Now())
		})
	}
}

// AddRequestID adds the id that the provider gave the request, such as the header x-request-id.
// The transport of package voicehttp calls it.
func (s *STT) AddRequestID(id string) {
	if s != nil {
		s.stage.AddRequestID(id)
	}
}

// SetAttributes adds attributes to the span and to the end line of the stage when it ends.
func (s *STT) SetAttributes(attrs ...attribute.KeyValue) {
	if s != nil {
		s.stage.AddAttributes(attrs)
	}
}

// End ends the stage with the error of the recognition, if any. Only the first End counts. A
// deferred End records a panic as the error and panics again.
func (s *STT) End(err error) {
	if r := recover(); r != nil {
		s.end(failure.NewPanic(r), 0)
		panic(r)
	}
	if s != nil {
		s.end(err, s.stage.PC())
	}
}

func (s *STT) end(err error, pc uintptr) {
	if s != nil {
		s.stage.end(err, pc)
	}
}

func (s *STT) report(end stagerecord.End, meter *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue {
	ctx := s.stage.Uncancelled
	s.fill()
	attrs = s.audio.Attributes(attrs)
	if s.partials > 0 {
		attrs = append(attrs, semconv.VoiceSTTPartialCount(s.partials))
	}
	if s.stage.Language != "" {
		attrs = append(attrs, semconv.GenAISpeechInputLanguage(s.stage.Language))
	}
	if s.hasConfidence {
		attrs = append(attrs, semconv.VoiceSTTConfidence(s.confidence))
		meter.STTConfidence(ctx, s.confidence)
	}
	if start, known := s.speech.Start(); known {
		attrs = append(attrs, semconv.VoiceSTTSpeechStart(start.Seconds()))
	}
	if end, known := s.speech.End(); known {
		attrs = append(attrs, semconv.VoiceSTTSpeechEnd(end.Seconds()))
	}
	if duration := s.length(); duration > 0 {
		attrs = append(attrs, semconv.VoiceSTTAudioDuration(duration.Seconds()))
		meter.STTAudio(ctx, duration.Seconds())
		if factor, ok := s.stage.RealTimeFactor(end, duration); ok && !s.isLive(duration) {
			attrs = append(attrs, semconv.VoiceSTTRealTimeFactor(factor))
			meter.STTRealTimeFactor(ctx, factor)
		}
	}
	if latency, ok := s.finalLatency(); ok {
		attrs = append(attrs, semconv.VoiceSTTFinalLatency(latency.Seconds()))
		meter.STTFinalLatency(ctx, latency.Seconds())
	}
	if s.transcript != "" {
		attrs = append(attrs, semconv.VoiceSTTTranscript(s.transcript))
	}
	return s.stage.charge(end, attrs)
}

// isLive reports whether the audio was recognised as it was spoken.
func (s *STT) isLive(audio time.Duration) bool {
	switch {
	case s.liveKnown:
		return s.live
	case s.stream != nil || s.partials > 0:
		return true
	}
	return s.fed.Took() >= audio/2
}

// length returns the duration of the utterance: the one that was set, else the one between the
// recogniser's offsets, else the one computed from the size of the audio.
func (s *STT) length() time.Duration {
	if d := s.speech.Length(); d > 0 && s.audio.Duration <= 0 {
		return d
	}
	return s.audio.Length()
}

// finalLatency returns the time from the end of the user's speech to the final transcript. It is
// unknown if the turn has no [UserStopped] before the final transcript.
func (s *STT) finalLatency() (time.Duration, bool) {
	if s.final.IsZero() {
		return 0, false
	}
	s.stage.turn.mu.Lock()
	stopped, ok := s.stage.turn.marks.LastUntil(latency.UserStopped, s.final)
	s.stage.turn.mu.Unlock()
	if !ok {
		return 0, false
	}
	d := s.final.Sub(stopped.At)
	return d, s.stage.turn.session.tel.emit.Plausible(s.stage.Uncancelled, semconv.VoiceSTTFinalLatencyKey, d)
}
