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

// Attributes that observers set on a turn are on its span, whatever ended it. Observers are called
// once for each start and each end.
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
			turn.End() // Before StartTurn returns, as another goroutine could.
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
	found := 0
	for _, span := range rec.Spans() {
		for _, kv := range span.Attributes() {
			if kv.Key == semconv.VoiceMediaPacketLostKey {
				found += int(kv.Value.AsInt64())
			}
		}
	}
	if found != 2+3 {
		t.Errorf("the spans have %d, want 5", found)
	}
	voicetest.Check(t, rec)
}
