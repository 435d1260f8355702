// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

const answerText = "We open at eight."

// reply returns the answer that servers give.
func (s *sdk) reply() vendorserver.Reply {
	return vendorserver.Reply{
		Model: s.answered, Text: []string{"We", " open", " at", " eight."},
		Input: 58, Cached: 32, Output: 7, Reasoning: 2,
	}
}

// tools returns the answer of a model that asks for a tool.
func (s *sdk) tools() vendorserver.Reply {
	r := s.reply()
	r.Text = nil
	r.Tool = &vendorserver.Tool{ID: "call_1", Name: "opening_hours", Arguments: []string{`{"day"`, `:"Monday"}`}}
	return r
}

// start starts a call and a server, and returns the SDK's client of it.
func (s *sdk) start(t *testing.T, answers ...vendorserver.Answer) (*call, *vendorserver.Server, model) {
	t.Helper()
	c := startCall(t)
	server := vendorserver.New(answers...)
	t.Cleanup(server.Close)
	client, err := s.open(t.Context(), c.client, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c, server, client
}

// checkRequest checks what the stage knows of the request.
func (s *sdk) checkRequest(t *testing.T, stage sdktrace.ReadOnlySpan) {
	t.Helper()
	if want := semconv.SpanChat(s.asked); stage.Name() != want {
		t.Errorf("the stage is %q, want %q", stage.Name(), want)
	}
	has(t, stage, semconv.GenAIProviderName(s.provider), semconv.GenAIRequestModel(s.asked))
	hasAny(t, stage, semconv.VoiceProviderConnectionReusedKey)
	if got, ok := value(stage, semconv.GenAIRequestTemperatureKey); !ok || got.AsFloat64() < 0.299 || got.AsFloat64() > 0.301 {
		t.Errorf("the temperature is %s, want 0.3", got.String())
	}
}

// checkAnswer checks what the stage knows of a complete answer.
func (s *sdk) checkAnswer(t *testing.T, stage sdktrace.ReadOnlySpan, reason string) {
	t.Helper()
	s.checkRequest(t, stage)
	has(t, stage,
		semconv.GenAIResponseModel(s.answered),
		semconv.GenAIResponseFinishReasons(reason),
		semconv.GenAIUsageInputTokens(58), semconv.GenAIUsageOutputTokens(7),
		semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted),
	)
	if s.id != "" {
		has(t, stage, semconv.GenAIResponseID(s.id))
	}
	if s.requestID != "" {
		has(t, stage, semconv.VoiceProviderRequestIDs(s.requestID))
	}
	if s.hasCached {
		has(t, stage, semconv.GenAIUsageCacheReadInputTokens(32))
	}
	if s.hasReasoning {
		has(t, stage, semconv.GenAIUsageReasoningOutputTokens(2))
	}
	lacks(t, stage, semconv.ErrorTypeKey)
}

func TestPlainAnswer(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			c, _, client := s.start(t, s.dialect.Plain(s.reply()))
			text, err := client.ask(c.ctx)
			if err != nil || text != answerText {
				t.Fatalf("%q, %v", text, err)
			}
			stage := c.one(t)
			s.checkAnswer(t, stage, s.stop)
			lacks(t, stage, semconv.VoiceLLMTimeToFirstTokenKey, semconv.GenAIResponseTimeToFirstChunkKey, semconv.VoiceStageAttemptKey, semconv.VoiceLLMToolNamesKey)
		})
	}
}

// The server writes a part of the text only when the SDK's caller has the one before: no bytes wait
// in the transport.
func TestStreamIsNotDelayed(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			answer := s.dialect.Stream(s.reply())
			answer.IsPaced = true
			c, server, client := s.start(t, answer)
			got := ""
			for text, err := range client.stream(c.ctx) {
				if err != nil {
					t.Fatal(err)
				}
				if text != "" {
					got += text
					server.Next()
				}
			}
			if got != answerText {
				t.Errorf("the text is %q", got)
			}
			stage := c.one(t)
			s.checkAnswer(t, stage, s.stop)
			has(t, stage, semconv.GenAIRequestStream(true))
			hasAny(t, stage, semconv.VoiceLLMTimeToFirstTokenKey, semconv.GenAIResponseTimeToFirstChunkKey)
			lacks(t, stage, semconv.VoiceStageAttemptKey)
		})
	}
}

func TestToolCall(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			for _, tt := range []struct {
				name   string
				answer vendorserver.Answer
				run    func(client model, ctx context.Context) error
			}{
				{"plain", s.dialect.Plain(s.tools()), func(client model, ctx context.Context) error {
					_, err := client.ask(ctx)
					return err
				}},
				{"streamed", s.dialect.Stream(s.tools()), func(client model, ctx context.Context) error {
					return drain(client.stream(ctx))
				}},
			} {
				t.Run(tt.name, func(t *testing.T) {
					c, _, client := s.start(t, tt.answer)
					if err := tt.run(client, c.ctx); err != nil {
						t.Fatal(err)
					}
					stage := c.one(t)
					s.checkAnswer(t, stage, s.tool)
					has(t, stage, semconv.VoiceLLMToolNames("opening_hours"))
					lacks(t, stage, semconv.VoiceLLMTimeToFirstTokenKey) // A tool call has no token of the answer.
				})
			}
		})
	}
}

// Each attempt is a stage of its own.
func TestRetry(t *testing.T) {
	statuses := []int{429, 503, 529}
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			answers := make([]vendorserver.Answer, 0, 4)
			for _, status := range statuses {
				answers = append(answers, s.dialect.Refused(status))
			}
			c, server, client := s.start(t, append(answers, s.dialect.Stream(s.reply()))...)
			err := drain(client.stream(c.ctx))
			for range statuses {
				if err == nil || s.retries {
					break
				}
				err = drain(client.stream(c.ctx))
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := len(server.Requests()); n != 4 {
				t.Fatalf("%d requests, want 4", n)
			}
			stages := c.end(t)
			if len(stages) != 4 {
				t.Fatalf("%d stages, want 4:\n%s", len(stages), c.rec.Shape())
			}
			for i, status := range statuses {
				s.checkRequest(t, stages[i])
				has(t, stages[i],
					semconv.ErrorType(strconv.Itoa(status)),
					semconv.VoiceProviderRetryAfter(0.01),
					semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeFailed))
			}
			s.checkAnswer(t, stages[3], s.stop)
			for i, stage := range stages {
				if i > 0 && s.retries {
					has(t, stage, semconv.VoiceStageAttempt(i+1))
				} else if i == 0 {
					lacks(t, stage, semconv.VoiceStageAttemptKey)
				}
			}
			for i, request := range c.requests() {
				if request.Parent().SpanID() != stages[i].SpanContext().SpanID() {
					t.Errorf("request %d is not a child of its stage", i+1)
				}
			}
		})
	}
}

// A caller that takes long for each part, such as one that speaks it, does not change what the
// stage has, and the time that it takes is not the provider's.
func TestSlowConsumer(t *testing.T) {
	const pause = 30 * time.Millisecond
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			c, _, client := s.start(t, s.dialect.Stream(s.reply()))
			got := ""
			for text, err := range client.stream(c.ctx) {
				if err != nil {
					t.Fatal(err)
				}
				got += text
				select { // As long as the program works on the part.
				case <-t.Context().Done():
				case <-time.After(pause):
				}
			}
			if got != answerText {
				t.Errorf("the text is %q", got)
			}
			stage := c.one(t)
			s.checkAnswer(t, stage, s.stop)
		})
	}
}

// drain reads a stream to its end.
func drain(stream func(yield func(string, error) bool)) error {
	for _, err := range stream {
		if err != nil {
			return err
		}
	}
	return nil
}

// The stage counts the parts that the SDK returns, as a program does that counts them by hand.
func TestChunksAreThoseOfTheSDK(t *testing.T) {
	for _, s := range sdks() {
		t.Run(s.name, func(t *testing.T) {
			c, _, client := s.start(t, s.dialect.Stream(s.reply()))
			parts := 0
			for _, err := range client.stream(c.ctx) {
				if err != nil {
					t.Fatal(err)
				}
				parts++
			}
			has(t, c.one(t), semconv.VoiceLLMChunkCount(parts))
		})
	}
}
