// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/otelvoice/internal/sttstream"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// An STTStream is the connection of a streaming recogniser, which serves many
// turns: the span "speech_to_text_stream {model}" under the session's. Its
// utterances are stages of their turns; see [STTStream.Utterance]. It is safe for
// concurrent use, and methods on a nil STTStream do nothing.
//
// A recogniser reports the start and end of words as offsets in the audio of its connection. The
// time at which the connection was opened plus an offset is not when the word was spoken: the
// audio may have paused, and after a reconnection offsets start at 0 again. If every frame is
// added with [STTStream.AddAudio], the stream knows when each one was heard. [STTStream.At]
// returns the time of an offset; [STT.SpeechStarted] and [STT.SpeechStopped] mark it on the turn.
type STTStream struct {
	session *Session
	model   atomic.Pointer[Model]
	ctx     context.Context //nolint:containedctx // The caller's, to read the cause of a cancellation.
	record  context.Context //nolint:containedctx // The same, never cancelled.
	span    trace.Span
	start   time.Time

	mu       sync.Mutex
	state    sttstream.Stream
	requests []string
	usage    llmreport.Usage // Of a recogniser that charges by token.
	account  spend.Account
	attrs    []attribute.KeyValue
}

// StartSTTStream starts a stream. Call it before connecting to the recogniser, and
// [STTStream.Connected] when the connection is open. The returned context is for the connection:
// it carries the stream's span and the session's ids, but no turn.
//
// A stream that is open at [Session.End] ends as abandoned. A stream that is started after
// [Session.End] is recorded in the session's trace, and only its own [STTStream.End] ends it.
func (s *Session) StartSTTStream(ctx context.Context, model Model, opts ...StageOption) (context.Context, *STTStream) {
	if ctx == nil {
		ctx = context.Background()
	}
	if s == nil {
		return ctx, nil
	}
	defer s.tel.emit.Guard.Underway.Leave(s.tel.emit.Guard.Underway.Enter())
	cfg := newStageConfig(opts)
	stream := &STTStream{session: s, start: s.tel.emit.StartTime(ctx, cfg.start, emit.LongestCall), attrs: cfg.attributes}
	stream.model.Store(&model)
	attrs := []attribute.KeyValue{
		semconv.GenAIOperationName(semconv.GenAIOperationNameSpeechToText),
		semconv.SessionID(s.ids.SessionID),
		semconv.GenAIConversationID(s.ids.SessionID),
		semconv.VoiceCorrelationID(s.ids.CorrelationID),
	}
	if s.ids.PipelineID != "" {
		attrs = append(attrs, semconv.VoicePipelineID(s.ids.PipelineID))
	}
	attrs = calllog.Model(model).Attributes(attrs)
	ctx, stream.span = s.tel.emit.Guard.Start(emit.Within(ctx, s.span), semconv.SpanSpeechToTextStream(model.Name),
		asClient, trace.WithTimestamp(stream.start), trace.WithAttributes(attrs...))
	ids := s.ids
	ids.Stage = semconv.VoiceStageSTT
	stream.ctx = context.WithValue(identity.NewContext(ctx, ids), vendorcall.StreamKey{}, (*observedStream)(stream))
	stream.record = &emit.Uncancelled{Context: stream.ctx}
	stream.line(calllog.Debug, "started", nil, semconv.VoicePhase(semconv.VoicePhaseStreamStart))
	s.streams.add(stream) // Last, because other goroutines can use the stream from now on.
	return stream.ctx, stream
}

// Connected records that a connection is open. The first call gives the time to connect. Later
// calls are the same as [STTStream.Reconnected], so that a client may call Connected for every
// connection.
func (s *STTStream) Connected() {
	if s != nil {
		s.connectedAt(time.Now())
	}
}

func (s *STTStream) connectedAt(now time.Time) {
	s.mu.Lock()
	ended, first := !s.state.Open(), s.state.Connect(now.Sub(s.start))
	s.mu.Unlock()
	switch {
	case ended:
		return
	case !first:
		s.reconnected(now)
		return
	}
	tel := s.session.tel
	emit.AddEvent(s.span, semconv.EventVoiceStreamConnected, now)
	defer tel.emit.Guard.Recovered(guard.Instruments)
	if d := now.Sub(s.start); tel.emit.Plausible(s.record, semconv.VoiceStreamConnectDurationKey, d) {
		s.meter("").Connected(s.record, d.Seconds())
	}
}

// Reconnecting records that the connection was lost, with its error if any, and that the client
// is connecting again. It may be called for each attempt; only the first call counts. Audio that
// is added until the next connection is open is ignored, because it was not sent.
func (s *STTStream) Reconnecting(err error) {
	if s == nil {
		return
	}
	now := time.Now()
	s.mu.Lock()
	lost := s.state.Lose(now)
	s.mu.Unlock()
	if !lost {
		return
	}
	var attrs []attribute.KeyValue
	if err != nil {
		attrs = append(attrs, semconv.ErrorType(failure.Type(err)))
	}
	emit.AddEvent(s.span, semconv.EventVoiceStreamDisconnected, now, attrs...)
	s.line(calllog.Warn, "disconnected", err)
}

// Reconnected records that another connection is open. The recogniser's offsets start at 0 again,
// and offsets of the previous connection can no longer be converted to times.
func (s *STTStream) Reconnected() {
	if s != nil {
		s.reconnected(time.Now())
	}
}

func (s *STTStream) reconnected(now time.Time) {
	s.mu.Lock()
	if !s.state.Open() {
		s.mu.Unlock()
		return
	}
	outage, known := s.state.Reconnect(now)
	s.mu.Unlock()
	emit.AddEvent(s.span, semconv.EventVoiceStreamConnected, now)
	s.line(calllog.Info, "reconnected", nil)
	defer s.session.tel.emit.Guard.Recovered(guard.Instruments)
	meter := s.meter("")
	meter.Reconnect(s.record)
	if known && s.session.tel.emit.Plausible(s.record, semconv.VoiceStreamOutageKey, outage) {
		meter.Reconnected(s.record, outage.Seconds())
	}
}

// SetBilled sets how much audio the provider bills for the connection. Providers report it at the
// end of the connection. The values of several connections are added up. SetBilled is accepted
// until a minute after [STTStream.End]. After End the value is only recorded in the metrics.
func (s *STTStream) SetBilled(audio time.Duration) {
	if s == nil || !s.session.tel.emit.PlausibleUpTo(s.record, semconv.VoiceStreamAudioBilledKey, audio, emit.LongestCall) {
		return
	}
	s.mu.Lock()
	late := emit.TooLate(s.state.Ended(), time.Now())
	var more time.Duration
	if !late {
		more = s.state.SetBilled(audio)
		s.recharge()
	}
	s.mu.Unlock()
	defer s.session.tel.emit.Guard.Recovered(guard.Instruments)
	switch {
	case late:
		s.session.tel.emit.Dropped(s.record, semconv.VoiceStreamAudioBilledKey, semconv.VoiceDropReasonLate)
	case more > 0:
		s.meter("").Billed(s.record, more.Seconds())
	}
}

// Utterance starts the recognition of an utterance in a turn, as [Turn.StartSTT] does. Its span
// is a child of the turn's and has a link to the stream's. Pass the offsets at which the
// recogniser reports the start and end of speech to [STT.SpeechStarted] and [STT.SpeechStopped].
func (s *STTStream) Utterance(ctx context.Context, turn *Turn, opts ...StageOption) (context.Context, *STT) {
	if s == nil {
		return turn.StartSTT(ctx, Model{}, opts...)
	}
	ctx, stt := turn.StartSTT(ctx, *s.model.Load(), opts...)
	if stt == nil {
		return ctx, nil
	}
	stt.stage.Span.AddLink(trace.Link{SpanContext: s.span.SpanContext()})
	s.mu.Lock()
	defer s.mu.Unlock()
	format := s.state.AddUtterance()
	stt.stage.Set(func() { stt.stream, stt.audio.Format = s, format })
	return ctx, stt
}

// AddRequestID adds the id that the provider gave a connection, such as the header dg-request-id
// of Deepgram's handshake.
func (s *STTStream) AddRequestID(id string) {
	if s == nil || id == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if id = boundID(id); s.state.Open() && len(s.requests) < stagerecord.MaxRequestIDs && !slices.Contains(s.requests, id) {
		s.requests = append(s.requests, id)
	}
}

// SetAttributes adds attributes to the span when it ends.
func (s *STTStream) SetAttributes(attrs ...attribute.KeyValue) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Open() {
		s.attrs = slices.Clip(emit.AppendBounded(s.attrs, attrs))
	}
}

// meter returns the meter of streams of the model.
func (s *STTStream) meter(errorType string) *instrument.StreamMeter {
	model := s.model.Load()
	return s.session.tel.emit.Metrics.Stream(instrument.Stream{
		Kind: semconv.VoiceStageSTT, Provider: model.Provider, Model: model.Name, ErrorType: errorType,
	})
}
