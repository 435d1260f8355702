// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// An observer's attributes are on the span of the turn, whatever ends the turn. Observers are
// called once for each start and each end.
func TestObserversOfTurns(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	_, early := session.StartTurn(ctx) // No observer is registered yet.
	var heard []string
	session.OnTurn(nil)
	session.OnTurn(func(turn *otelvoice.Turn) func() {
		heard = append(heard, fmt.Sprint("start ", turn.Index()))
		return func() {
			heard = append(heard, fmt.Sprint("end ", turn.Index()))
			turn.SetAttributes(semconv.VoiceMediaPacketLost(turn.Index()))
		}
	})
	session.OnTurn(func(turn *otelvoice.Turn) func() {
		if turn.Index() == 4 {
			turn.End() // Before StartTurn returned, as another goroutine could.
		}
		return nil
	})
	(*otelvoice.Session)(nil).OnTurn(func(*otelvoice.Turn) func() { return nil })
	early.End()
	_, second := session.StartTurn(ctx)
	second.End()
	second.End()
	session.StartTurn(ctx) // The session's end ends it.
	session.StartTurn(ctx)
	session.End()

	if want := []string{"start 2", "end 2", "start 3", "start 4", "end 4", "end 3"}; !slices.Equal(heard, want) {
		t.Errorf("observers heard %v, want %v", heard, want)
	}
	told := 0
	for _, span := range rec.Spans() {
		for _, kv := range span.Attributes() {
			if kv.Key == semconv.VoiceMediaPacketLostKey {
				told += int(kv.Value.AsInt64())
			}
		}
	}
	if told != 2+3 {
		t.Errorf("the spans tell of %d, want 5", told)
	}
	voicetest.Check(t, rec)
}
