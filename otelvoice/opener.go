// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// An opener opens the stages of the requests that the transport of voicehttp sends: in a turn, in a
// session or outside of both. It is the [vendorcall.Opener] of their contexts.
type opener struct {
	tel     *Telemetry
	session *Session // Nil outside of a session.
	turn    *Turn    // Nil outside of a turn.
}

// Content reports whether content may be recorded.
func (o *opener) Content() bool { return o.tel.content }

// OpenStage returns the stage of a request. A request that is late and cancelled is not recorded: it is not
// sent, and an agent that gave up an answer may not have stopped all of its goroutines when the turn ends.
func (o *opener) OpenStage(ctx context.Context, call *vendorcall.Call) (context.Context, vendorcall.Stage) {
	turn := o.turn
	if turn == nil && o.session != nil {
		turn = o.session.newestTurn()
	}
	kind := string(call.Request.Stage)
	if s := programStage(ctx, turn, kind); s != nil {
		return emit.Within(ctx, s.Span), &observer{stage: s, isProgram: true}
	}
	if turn == nil {
		turn = o.detached(ctx)
	}
	late := turn.hasEnded()
	if late && ctx.Err() != nil {
		return ctx, vendorcall.Ignored{}
	}
	model := Model{Provider: call.Request.Provider, Name: call.Request.Model}
	opts := []StageOption{filledStage{isLate: late}, WithStartTime(call.Start)}
	var s *stage
	switch call.Request.Stage {
	case wire.STT:
		var stt *STT
		ctx, stt = turn.StartSTT(ctx, model, opts...)
		s = &stt.stage
	case wire.TTS:
		var tts *TTS
		ctx, tts = turn.StartTTS(ctx, model, opts...)
		s = &tts.stage
	case wire.LLM:
		var llm *LLM
		ctx, llm = turn.StartLLM(ctx, model, opts...)
		s = &llm.stage
	case wire.Realtime:
		if call.IsUnderway {
			opts = append(opts, underwayStage{})
		}
		var realtime *Realtime
		ctx, realtime = turn.StartRealtime(ctx, model, opts...)
		s = &realtime.stage
	case wire.Line: // It is no stage.
	}
	if call.Attempt > 1 {
		s.AddAttributes([]attribute.KeyValue{semconv.VoiceStageAttempt(call.Attempt)})
	}
	return ctx, &observer{stage: s}
}

// programStage returns the stage that the program opened for a request: that of the context, else an
// open one of the turn that no request fills. A request with the context of a stage never fills
// another one: the stages of sentences that are synthesised at once would swap their values.
func programStage(ctx context.Context, turn *Turn, kind string) *stage {
	if r := stagerecord.FromContext(ctx); r != nil && r.Kind == kind {
		if r.Claim() {
			return stageOf(r)
		}
		return nil
	}
	if turn == nil {
		return nil
	}
	for _, s := range turn.openStages() { // Not under the turn's lock: stages take it while they end.
		if s.Kind == kind && s.Claim() {
			return s
		}
	}
	return nil
}

// stageOf returns the stage of a record.
func stageOf(r *stagerecord.Record) *stage {
	switch of := r.Owner.(type) {
	case *STT:
		return &of.stage
	case *LLM:
		return &of.stage
	case *TTS:
		return &of.stage
	case *Realtime:
		return &of.stage
	}
	return nil
}

// detached returns a turn that is not recorded, for a stage outside of a turn. The stage's span is a
// child of the span in ctx or, in a session, of the session's.
func (o *opener) detached(ctx context.Context) *Turn {
	if o.session != nil {
		return &Turn{session: o.session, isDetached: true, span: o.session.span, ids: o.session.ids}
	}
	t := &Turn{session: &Session{tel: o.tel}, isDetached: true, span: trace.SpanFromContext(ctx), ids: identity.FromContext(ctx)}
	t.ids.CorrelationID, t.ids.Chosen = o.tel.correlationID(ctx)
	return t
}
