// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// A barge-in cancels the request in the middle of the stream.
func TestBargeIn(t *testing.T) {
	for _, tt := range []struct {
		name    string
		cause   error
		outcome attribute.KeyValue
		ofHTTP  attribute.KeyValue
	}{
		{
			"interrupted", otelvoice.ErrInterrupted,
			semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeInterrupted), semconv.VoiceHTTPOutcome(semconv.VoiceHTTPOutcomeInterrupted),
		},
		{
			"abandoned", nil,
			semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeAbandoned), semconv.VoiceHTTPOutcome(semconv.VoiceHTTPOutcomeAbandoned),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, s := range sdks() {
				t.Run(s.name, func(t *testing.T) {
					answer := s.dialect.Stream(s.reply())
					answer.IsPaced = true
					c, server, client := s.start(t, answer)
					ctx, cancel := context.WithCancelCause(c.ctx)
					defer cancel(nil)
					texts := 0
					for text, err := range client.stream(ctx) {
						if err != nil {
							break
						}
						if text == "" {
							continue
						}
						texts++
						if texts == 2 {
							cancel(tt.cause) // The server waits: only the cancellation ends the stream.
							continue
						}
						server.Next()
					}
					server.Gone()
					if texts != 2 {
						t.Errorf("%d texts, want 2", texts)
					}
					stage := c.one(t)
					s.checkRequest(t, stage)
					has(t, stage, tt.outcome)
					hasAny(t, stage, semconv.VoiceLLMTimeToFirstTokenKey)
					lacks(t, stage, semconv.ErrorTypeKey, semconv.GenAIResponseFinishReasonsKey)
					for _, request := range c.requests() {
						has(t, request, tt.ofHTTP)
						lacks(t, request, semconv.ErrorTypeKey)
					}
				})
			}
		})
	}
}

// The caller drops the stream in its middle, without a cancellation.
func TestStreamIsDropped(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			answer := s.dialect.Stream(s.reply())
			answer.IsPaced = true
			c, server, client := s.start(t, answer)
			for text, err := range client.stream(c.ctx) {
				if err != nil {
					t.Fatal(err)
				}
				if text != "" {
					break
				}
			}
			server.Gone()
			stage := c.one(t)
			s.checkRequest(t, stage)
			has(t, stage, semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeAbandoned))
			lacks(t, stage, semconv.ErrorTypeKey)
		})
	}
}

// The vendor reports an error in a stream with status 200.
func TestErrorInStream(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			c, _, client := s.start(t, s.dialect.Broken(s.reply()))
			if err := drain(client.stream(c.ctx)); err == nil {
				t.Error("the SDK returned no error")
			}
			stage := c.one(t)
			s.checkRequest(t, stage)
			has(t, stage,
				semconv.ErrorType(s.streamError), semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeFailed))
			hasAny(t, stage, semconv.VoiceLLMTimeToFirstTokenKey)
		})
	}
}

// The connection breaks in the middle of a stream.
func TestConnectionBreaksInStream(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			answer := s.dialect.Stream(s.reply())
			answer.IsCut, answer.Stream = true, answer.Stream[:len(answer.Stream)/2]
			c, _, client := s.start(t, answer)
			if err := drain(client.stream(c.ctx)); (err == nil) != s.hidesCut {
				t.Errorf("the SDK returned the error %v", err)
			}
			stage := c.one(t)
			s.checkRequest(t, stage)
			has(t, stage, semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeFailed))
			hasAny(t, stage, semconv.ErrorTypeKey)
		})
	}
}
