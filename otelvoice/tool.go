// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// A Tool is one execution of a tool that the model called: the span
// "execute_tool {tool}". It is safe for concurrent use, and methods on a nil
// Tool do nothing. Values set after End are counted in voice.measurements.dropped.
type Tool struct {
	stage stage
}

// StartTool starts a tool in the turn. Its time is part of the segment generation and is also
// recorded as [Latency.ToolTime].
func (t *Turn) StartTool(ctx context.Context, name string, opts ...StageOption) (context.Context, *Tool) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	s := &Tool{stage: stage{Record: stagerecord.Record{
		Stage: calllog.Stage{Kind: semconv.VoiceStageTool, Tool: name}, Operation: semconv.GenAIOperationNameExecuteTool,
	}}}
	s.stage.Report = s.report
	ctx = s.stage.begin(ctx, t, semconv.SpanExecuteTool(name), asInternal, opts,
		semconv.GenAIToolName(name), semconv.GenAIToolType(semconv.GenAIToolTypeFunction))
	return ctx, s
}

// SetCallID sets the id that the model gave the call.
func (s *Tool) SetCallID(id string) {
	if s != nil && id != "" {
		s.stage.AddAttributes([]attribute.KeyValue{semconv.GenAIToolCallID(id)})
	}
}

// SetArguments sets the arguments of the call. They are recorded only if content capture is on;
// see [WithContentCapture].
func (s *Tool) SetArguments(arguments string) {
	if s != nil && s.stage.turn.session.tel.content {
		s.stage.AddAttributes([]attribute.KeyValue{semconv.GenAIToolCallArguments(arguments)})
	}
}

// SetResult sets the result of the tool. It is recorded only if content capture is on; see
// [WithContentCapture].
func (s *Tool) SetResult(result string) {
	if s != nil && s.stage.turn.session.tel.content {
		s.stage.AddAttributes([]attribute.KeyValue{semconv.GenAIToolCallResult(result)})
	}
}

// SetAttributes adds attributes to the span and to the end line of the stage when it ends.
func (s *Tool) SetAttributes(attrs ...attribute.KeyValue) {
	if s != nil {
		s.stage.AddAttributes(attrs)
	}
}

// End ends the stage with the tool's error, if any. Only the first End counts. A deferred End
// records a panic as the error and panics again.
func (s *Tool) End(err error) {
	if r := recover(); r != nil {
		s.end(failure.NewPanic(r), 0)
		panic(r)
	}
	if s != nil {
		s.end(err, s.stage.PC())
	}
}

func (s *Tool) end(err error, pc uintptr) {
	if s != nil {
		s.stage.end(err, pc)
	}
}

func (s *Tool) report(_ stagerecord.End, _ *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue {
	return attrs
}
