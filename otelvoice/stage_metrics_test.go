// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"errors"
	"io"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func TestStageMetrics(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{InputTokens: 10, OutputTokens: 3})
	llm.End(nil)
	_, tool := turn.StartTool(ctx, "menu")
	tool.End(nil)
	turn.End()
	session.End()
	voicetest.Check(t, rec)

	stages := turn.Stages()
	if len(stages) != 2 {
		t.Fatalf("%d stages, want 2", len(stages))
	}
	m := stages[0]
	if m.Stage != otelvoice.StageLLM || m.Model != gpt || m.Outcome != otelvoice.Completed || m.Duration != m.End.Sub(m.Start) {
		t.Errorf("got %+v", m)
	}
	if m.InputTokens == nil || *m.InputTokens != 10 || m.OutputTokens == nil || *m.OutputTokens != 3 || m.Chunks == nil || *m.Chunks != 1 || m.TimeToFirstToken == nil {
		t.Errorf("got %+v", m)
	}
	if m.ReasoningOutputTokens != nil || m.AudioDuration != nil || m.Attempt != 0 {
		t.Errorf("unknown measurements are set: %+v", m)
	}
	if m := stages[1]; m.Stage != otelvoice.StageTool || m.Model.Name != "menu" {
		t.Errorf("got %+v", m)
	}
}

func TestErrPanic(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	_, turn := session.StartTurn(ctx)
	func() {
		defer func() { _ = recover() }()
		_, tool := turn.StartTool(ctx, "menu")
		defer tool.End(nil)
		panic(io.ErrUnexpectedEOF)
	}()
	turn.End()
	session.End()
	voicetest.Check(t, rec)
	err := turn.Stages()[0].Err
	if !errors.Is(err, otelvoice.ErrPanic) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want a panic with an error", err)
	}
	if errors.Is(io.ErrUnexpectedEOF, otelvoice.ErrPanic) {
		t.Error("an ordinary error matches ErrPanic")
	}
}
