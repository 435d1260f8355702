// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package stagerecord holds the record of a stage: its span, its start, its one end, and the
// measurements that all kinds of stages have.
package stagerecord

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/semconv"
)

// A Record is the record of a stage. Each kind of stage adds its own measurements with its Report
// function.
type Record struct {
	calllog.Stage

	Owner       any             // The stage that the record is of, for the user of [FromContext].
	Operation   string          // gen_ai.operation.name
	Ctx         context.Context //nolint:containedctx // The work, below the caller's, to read the cause of a cancellation.
	Uncancelled context.Context //nolint:containedctx // The same, never cancelled, for recording.
	Span        trace.Span
	Start       time.Time
	Number      int // In the turn, from 1.
	Language    string
	// Seen are attributes that the transport of voicehttp observed. The lock of Set guards them.
	Seen []attribute.KeyValue
	// Finished is when the work was done, if the stage ends later: the provider has told all of an answer,
	// and holds it open. The lock of Set guards it. The zero time is unknown.
	Finished time.Time
	// Report appends the attributes of the kind and records its metrics. It is called once,
	// under the lock of Set.
	Report func(end End, meter *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue

	emit       *emit.Emitter
	work       workContext      // The value of Ctx.
	recording  emit.Uncancelled // The value of Uncancelled.
	isDetached bool             // The turn is not recorded.
	resends    resend.Log       // Requests that the transport of voicehttp sent again.

	mu          sync.Mutex
	over        ending
	interrupted bool // A barge-in came while the stage was open.
	waits       waits
	requests    []string
	attrs       []attribute.KeyValue
	isFilled    bool // A request fills the stage.
}

// A Parent is the turn of a stage.
type Parent struct {
	Emit  *emit.Emitter
	IDs   identity.Identity
	Span  trace.Span
	Index int
	Ended bool
	// IsDetached is true for a stage outside of a turn.
	IsDetached bool
}

// MaxRequestIDs is how many request ids a stage or stream keeps.
const MaxRequestIDs = 16

// Begin starts the stage's span under the turn's. The zero start is now. own are the attributes of
// the end, and attrs those of the start.
func (s *Record) Begin(ctx context.Context, turn *Parent, name string, kind trace.SpanStartOption, start time.Time, own, attrs []attribute.KeyValue) {
	s.emit, s.isDetached, s.TurnIndex = turn.Emit, turn.IsDetached, turn.Index
	s.Start, s.attrs = s.emit.StartTime(ctx, start, latency.Max), own
	attrs = append(slices.Grow(slices.Clip(attrs), 10), // At most 10 attributes follow.
		semconv.GenAIOperationName(s.Operation),
		semconv.VoiceCorrelationID(turn.IDs.CorrelationID))
	if turn.IDs.SessionID != "" {
		attrs = append(attrs, semconv.SessionID(turn.IDs.SessionID), semconv.GenAIConversationID(turn.IDs.SessionID))
	}
	if !turn.IsDetached {
		attrs = append(attrs, semconv.VoiceTurnID(turn.IDs.TurnID), semconv.VoiceTurnIndex(turn.Index))
	}
	if turn.IDs.PipelineID != "" {
		attrs = append(attrs, semconv.VoicePipelineID(turn.IDs.PipelineID))
	}
	attrs = s.Model.Attributes(attrs)
	if turn.Ended {
		attrs = append(attrs, semconv.VoiceStartedLate(true))
	}
	ctx, s.Span = s.emit.Guard.Start(emit.Within(ctx, turn.Span), name,
		kind, trace.WithTimestamp(s.Start), trace.WithAttributes(attrs...))
	ids := turn.IDs
	ids.Stage = s.Kind
	s.work.record = s
	s.work.Set(ctx, ids)
	s.recording = emit.Uncancelled{Context: &s.work}
	s.Ctx, s.Uncancelled = &s.work, &s.recording
	s.logStart()
}

func (s *Record) logStart() {
	s.emit.Log.Stage(s.Uncancelled, &s.Stage, calllog.Debug, "started", nil, 0, semconv.VoicePhase(semconv.VoicePhaseStageStart))
}
