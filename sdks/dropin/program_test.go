// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"testing"

	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

// A stage that the program has opened for the call is filled, and no second one is made.
func TestStageOfTheProgram(t *testing.T) {
	for _, tt := range []struct {
		name    string
		isOfCtx bool // The request has the context of the stage.
	}{
		{"with the stage's context", true},
		{"with the turn's context", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := startCall(t)
			server := vendorserver.New(vendorserver.OpenAIChat().Stream(vendorserver.Reply{
				Model: "gpt-4o-mini-2024-07-18", Text: []string{"We", " open"}, Input: 58, Output: 7,
			}))
			t.Cleanup(server.Close)
			sdk := openai.NewClient(openaioption.WithHTTPClient(c.client), openaioption.WithBaseURL(server.URL+"/v1"), openaioption.WithAPIKey("k"))
			ctx, llm := c.turn.StartLLM(c.ctx, otelvoice.Model{Provider: "the program's", Name: "fast"})
			if !tt.isOfCtx {
				ctx = c.ctx
			}
			s := otelvoice.WrapStream(llm, sdk.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
				Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
			}))
			for s.Next() {
			}
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			llm.End(nil)
			stage := c.one(t)
			if stage.Name() != "chat fast" {
				t.Errorf("the stage is %q", stage.Name())
			}
			has(t, stage,
				semconv.GenAIProviderName("the program's"), semconv.GenAIRequestModel("fast"), semconv.GenAIResponseModel("gpt-4o-mini-2024-07-18"),
				semconv.GenAIUsageInputTokens(58), semconv.GenAIUsageOutputTokens(7), semconv.GenAIResponseFinishReasons("stop"))
			for _, request := range c.requests() {
				if tt.isOfCtx && request.Parent().SpanID() != stage.SpanContext().SpanID() {
					t.Error("the request is not a child of the stage")
				}
			}
		})
	}
}
