// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/observed"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// An LLM is one request to a language model: the span "chat {model}". A turn with tool calls has
// several. It is safe for concurrent use, and methods on a nil LLM do nothing. Its methods have
// no effect after End, except for those that record data which providers send late:
// [LLM.SetUsage], [LLM.SetResponse] and [LLM.SetReply].
type LLM struct {
	stage stage

	// Guarded by stage.mu.
	firstChunk time.Time
	firstToken time.Time
	chunks     int
	usage      llmreport.Usage
	reply      string
	seen       observed.LLM
}

// StartLLM starts a request to a language model in the turn. The first one
// marks [LLMRequested].
func (t *Turn) StartLLM(ctx context.Context, model Model, opts ...StageOption) (context.Context, *LLM) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	l := &LLM{stage: stage{Record: stagerecord.Record{
		Stage: calllog.Stage{Kind: semconv.VoiceStageLLM, Model: calllog.Model(model)}, Operation: semconv.GenAIOperationNameChat,
	}}}
	l.stage.Owner, l.stage.Report = l, l.report
	ctx = l.stage.begin(ctx, t, semconv.SpanChat(model.Name), asClient, opts)
	t.MarkAt(LLMRequested, l.stage.Start)
	return ctx, l
}

// Chunk counts a chunk of the response of any kind: thinking, a part of a tool call, an empty
// delta. The first call sets the time to first chunk.
func (l *LLM) Chunk() { l.chunk(false) }

// FirstToken counts a chunk that holds a token of the answer. It may be called for every such
// chunk. The first call marks [FirstToken] on the turn.
func (l *LLM) FirstToken() { l.chunk(true) }

func (l *LLM) chunk(answer bool) {
	if l == nil {
		return
	}
	var first, firstAnswer bool
	var now time.Time
	l.stage.Set(func() {
		l.chunks++
		first = l.firstChunk.IsZero()
		firstAnswer = answer && l.firstToken.IsZero()
		if !first && !firstAnswer {
			return // Read the clock twice per request, not for each token.
		}
		now = time.Now()
		if first {
			l.firstChunk = now
		}
		if firstAnswer {
			l.firstToken = now
		}
	})
	if first {
		emit.AddEvent(l.stage.Span, semconv.EventVoiceLLMFirstChunk, now)
	}
	if firstAnswer {
		emit.AddEvent(l.stage.Span, semconv.EventVoiceLLMFirstToken, now)
		l.stage.turn.MarkAt(FirstToken, now)
	}
}

// SetResponse sets the id of the response, the model that generated it and the finish reasons, as
// the provider reports them. Empty values are left out. Values set within a minute after the end
// of the stage are recorded in a log line "llm response", as with [LLM.SetUsage].
func (l *LLM) SetResponse(id, model string, finishReasons ...string) {
	if l == nil {
		return
	}
	var attrs []attribute.KeyValue
	if id != "" {
		attrs = append(attrs, semconv.GenAIResponseID(id))
	}
	if model != "" {
		attrs = append(attrs, semconv.GenAIResponseModel(model))
	}
	if len(finishReasons) > 0 {
		attrs = append(attrs, semconv.GenAIResponseFinishReasons(finishReasons...))
	}
	l.stage.addOrLog(semconv.GenAIResponseIDKey, "response", attrs)
}

// SetReply sets the text of the model's answer. It is recorded only if content capture is on; see
// [WithContentCapture].
func (l *LLM) SetReply(text string) {
	if l == nil || text == "" || !l.stage.turn.session.tel.content {
		return
	}
	if !l.stage.Set(func() { l.reply = text }) {
		l.stage.addOrLog(semconv.VoiceLLMReplyKey, "reply", []attribute.KeyValue{semconv.VoiceLLMReply(text)})
	}
}

// AddRequestID adds the id that the provider gave the request, such as the header x-request-id.
// The transport of package voicehttp calls it.
func (l *LLM) AddRequestID(id string) {
	if l != nil {
		l.stage.AddRequestID(id)
	}
}

// SetAttributes adds attributes to the span and to the end line of the stage when it ends.
func (l *LLM) SetAttributes(attrs ...attribute.KeyValue) {
	if l != nil {
		l.stage.AddAttributes(attrs)
	}
}

// End ends the stage with the error of the request, if any. Only the first End counts. A deferred
// End records a panic as the error and panics again.
func (l *LLM) End(err error) {
	if r := recover(); r != nil {
		l.end(failure.NewPanic(r), 0)
		panic(r)
	}
	if l != nil {
		l.end(err, l.stage.PC())
	}
}

func (l *LLM) end(err error, pc uintptr) {
	if l != nil {
		l.stage.end(err, pc)
	}
}

func (l *LLM) report(end stagerecord.End, meter *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue {
	ctx := l.stage.Uncancelled
	l.stage.Seen = l.fill(l.stage.Seen)
	meter.InferenceEnded(ctx, l.stage.Worked(end).Seconds())
	if seconds, ok := l.stage.Since(semconv.GenAIResponseTimeToFirstChunkKey, l.firstChunk); ok {
		attrs = append(attrs, semconv.GenAIResponseTimeToFirstChunk(seconds))
		meter.InferenceFirstChunk(ctx, seconds)
	}
	if seconds, ok := l.stage.Since(semconv.VoiceLLMTimeToFirstTokenKey, l.firstToken); ok {
		attrs = append(attrs, semconv.VoiceLLMTimeToFirstToken(seconds))
		meter.FirstToken(ctx, seconds)
	}
	if l.chunks > 0 {
		attrs = append(attrs, semconv.GenAIRequestStream(true), semconv.VoiceLLMChunkCount(l.chunks))
	}
	l.usage = l.stage.consistent(l.usage)
	attrs = l.usage.Attributes(attrs)
	meter.Tokens(ctx, instrument.Tokens(l.usage))
	if l.reply != "" {
		attrs = append(attrs, semconv.VoiceLLMReply(l.reply))
	}
	return l.stage.charge(end, attrs)
}
