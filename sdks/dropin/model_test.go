// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	ollama "github.com/ollama/ollama/api"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	goopenai "github.com/sashabaranov/go-openai"
	"google.golang.org/genai"

	"github.com/voice-agents/telemetry/sdks/vendorserver"
)

// maxRetries is how often the SDKs retry that retry by themselves.
const maxRetries = 3

// An sdk drives the SDK of a language model's vendor.
type sdk struct {
	name     string
	dialect  vendorserver.Dialect
	provider string // gen_ai.provider.name
	asked    string // The model.
	answered string // The model.
	id       string // Of the response; "" if the protocol has none.
	// requestID, stop and tool are the values in the dialect's answers.
	requestID, stop, tool string
	// retries is true if the SDK retries by itself, counts if its headers count the attempts.
	retries, counts bool
	// streamError is the error.type of an error in a stream.
	streamError string
	// hasCached and hasReasoning are true if the protocol reports these tokens.
	hasCached, hasReasoning bool
	// hidesCut is true if the SDK takes a broken connection for the end of the stream.
	hidesCut bool

	// open returns a client.
	open func(ctx context.Context, client *http.Client, url string) (model, error)
}

// A model is a client of an SDK.
type model struct {
	ask func(ctx context.Context) (string, error)
	// stream yields the texts of an answer, and "" for a part without.
	stream func(ctx context.Context) iter.Seq2[string, error]
}

func sdks() []sdk {
	return []sdk{
		{
			name: "openai-go, chat", dialect: vendorserver.OpenAIChat(), open: openOpenAIChat,
			provider: "openai", asked: "gpt-4o-mini", answered: "gpt-4o-mini-2024-07-18", id: "chatcmpl-1",
			requestID: "req_1", stop: "stop", tool: "tool_calls",
			retries: true, counts: true, streamError: "server_error", hasCached: true, hasReasoning: true,
		},
		{
			name: "openai-go, responses", dialect: vendorserver.OpenAIResponses(), open: openOpenAIResponses,
			provider: "openai", asked: "gpt-5-mini", answered: "gpt-5-mini-2025-08-07", id: "resp_1",
			requestID: "req_1", stop: "completed", tool: "completed",
			retries: true, counts: true, streamError: "server_error", hasCached: true, hasReasoning: true,
		},
		{
			name: "go-openai", dialect: vendorserver.OpenAIChat(), open: openGoOpenAI,
			provider: "openai", asked: "gpt-4o-mini", answered: "gpt-4o-mini-2024-07-18", id: "chatcmpl-1",
			requestID: "req_1", stop: "stop", tool: "tool_calls",
			streamError: "server_error", hasCached: true, hasReasoning: true,
		},
		{
			name: "anthropic-sdk-go", dialect: vendorserver.Anthropic(), open: openAnthropic,
			provider: "anthropic", asked: "claude-sonnet-4-5", answered: "claude-sonnet-4-5-20250929", id: "msg_1",
			requestID: "req_1", stop: "end_turn", tool: "tool_use",
			retries: true, counts: true, streamError: "overloaded_error", hasCached: true,
		},
		{
			name: "genai", dialect: vendorserver.Gemini(), open: openGenAI,
			provider: "gcp.gemini", asked: "gemini-2.5-flash", answered: "gemini-2.5-flash", id: "abc-1",
			stop: "STOP", tool: "STOP",
			retries: true, streamError: "UNAVAILABLE", hasCached: true, hasReasoning: true,
		},
		{
			name: "ollama", dialect: vendorserver.Ollama(), open: openOllama,
			provider: "ollama", asked: "llama3.2", answered: "llama3.2:latest",
			stop: "stop", tool: "stop",
			streamError: "_OTHER", hidesCut: true,
		},
	}
}

const question = "When do you open?"

func openOpenAIChat(_ context.Context, client *http.Client, url string) (model, error) {
	c := openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithBaseURL(url+"/v1"),
		openaioption.WithAPIKey("k"), openaioption.WithMaxRetries(maxRetries))
	params := openai.ChatCompletionNewParams{
		Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		Temperature: openai.Float(0.3), StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: "opening_hours", Parameters: openai.FunctionParameters{"type": "object"},
		})},
	}
	return model{
		ask: func(ctx context.Context) (string, error) {
			plain := params
			plain.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
			answer, err := c.Chat.Completions.New(ctx, plain)
			if err != nil {
				return "", err
			}
			return answer.Choices[0].Message.Content, nil
		},
		stream: func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				s := c.Chat.Completions.NewStreaming(ctx, params)
				defer func() { _ = s.Close() }()
				for s.Next() {
					text := ""
					if chunk := s.Current(); len(chunk.Choices) > 0 {
						text = chunk.Choices[0].Delta.Content
					}
					if !yield(text, nil) {
						return
					}
				}
				if err := s.Err(); err != nil {
					yield("", err)
				}
			}
		},
	}, nil
}

func openOpenAIResponses(_ context.Context, client *http.Client, url string) (model, error) {
	c := openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithBaseURL(url+"/v1"),
		openaioption.WithAPIKey("k"), openaioption.WithMaxRetries(maxRetries))
	params := responses.ResponseNewParams{
		Model: "gpt-5-mini", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(question)},
		Temperature: openai.Float(0.3),
		Tools:       []responses.ToolUnionParam{responses.ToolParamOfFunction("opening_hours", map[string]any{"type": "object"}, false)},
	}
	return model{
		ask: func(ctx context.Context) (string, error) {
			answer, err := c.Responses.New(ctx, params)
			if err != nil {
				return "", err
			}
			return answer.OutputText(), nil
		},
		stream: func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				s := c.Responses.NewStreaming(ctx, params)
				defer func() { _ = s.Close() }()
				for s.Next() {
					text := ""
					switch event := s.Current(); event.Type {
					case "response.output_text.delta":
						text = event.Delta
					case "error": // The SDK returns it as an event.
						yield("", errors.New(event.Message))
						return
					}
					if !yield(text, nil) {
						return
					}
				}
				if err := s.Err(); err != nil {
					yield("", err)
				}
			}
		},
	}, nil
}

func openGoOpenAI(_ context.Context, client *http.Client, url string) (model, error) {
	cfg := goopenai.DefaultConfig("k")
	cfg.BaseURL, cfg.HTTPClient = url+"/v1", client
	c := goopenai.NewClientWithConfig(cfg)
	request := goopenai.ChatCompletionRequest{
		Model: "gpt-4o-mini", Messages: []goopenai.ChatCompletionMessage{{Role: "user", Content: question}}, Temperature: 0.3,
		Tools: []goopenai.Tool{{Type: goopenai.ToolTypeFunction, Function: &goopenai.FunctionDefinition{
			Name: "opening_hours", Parameters: map[string]any{"type": "object"},
		}}},
	}
	return model{
		ask: func(ctx context.Context) (string, error) {
			answer, err := c.CreateChatCompletion(ctx, request)
			if err != nil {
				return "", err
			}
			return answer.Choices[0].Message.Content, nil
		},
		stream: func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				streamed := request
				streamed.StreamOptions = &goopenai.StreamOptions{IncludeUsage: true}
				s, err := c.CreateChatCompletionStream(ctx, streamed)
				if err != nil {
					yield("", err)
					return
				}
				defer func() { _ = s.Close() }()
				for {
					chunk, err := s.Recv()
					if isEOF(err) {
						return
					}
					text := ""
					if err == nil && len(chunk.Choices) > 0 {
						text = chunk.Choices[0].Delta.Content
					}
					if !yield(text, err) || err != nil {
						return
					}
				}
			}
		},
	}, nil
}

func openAnthropic(_ context.Context, client *http.Client, url string) (model, error) {
	c := anthropic.NewClient(anthropicoption.WithHTTPClient(client), anthropicoption.WithBaseURL(url),
		anthropicoption.WithAPIKey("k"), anthropicoption.WithMaxRetries(maxRetries))
	params := anthropic.MessageNewParams{
		Model: "claude-sonnet-4-5", MaxTokens: 256, Temperature: anthropic.Float(0.3),
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))},
		Tools:    []anthropic.ToolUnionParam{anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{}, "opening_hours")},
	}
	return model{
		ask: func(ctx context.Context) (string, error) {
			answer, err := c.Messages.New(ctx, params)
			if err != nil {
				return "", err
			}
			text := ""
			for _, part := range answer.Content {
				text += part.Text
			}
			return text, nil
		},
		stream: func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				s := c.Messages.NewStreaming(ctx, params)
				defer func() { _ = s.Close() }()
				for s.Next() {
					if !yield(s.Current().Delta.Text, nil) {
						return
					}
				}
				if err := s.Err(); err != nil {
					yield("", err)
				}
			}
		},
	}, nil
}

func openGenAI(ctx context.Context, client *http.Client, url string) (model, error) {
	c, err := genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: "k", Backend: genai.BackendGeminiAPI, HTTPClient: client,
		HTTPOptions: genai.HTTPOptions{BaseURL: url, RetryOptions: &genai.HTTPRetryOptions{
			Attempts: new(int32(maxRetries + 1)), InitialDelay: new(0.0), Jitter: new(0.0),
			HTTPStatusCodes: []int32{429, 503, 529},
		}},
	})
	config := &genai.GenerateContentConfig{
		Temperature: new(float32(0.3)),
		Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{
			Name: "opening_hours", Parameters: &genai.Schema{Type: genai.TypeObject},
		}}}},
	}
	return model{
		ask: func(ctx context.Context) (string, error) {
			answer, err := c.Models.GenerateContent(ctx, "gemini-2.5-flash", genai.Text(question), config)
			if err != nil {
				return "", err
			}
			return answer.Text(), nil
		},
		stream: func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for chunk, err := range c.Models.GenerateContentStream(ctx, "gemini-2.5-flash", genai.Text(question), config) {
					text := ""
					if err == nil {
						text = chunk.Text()
					}
					if !yield(text, err) || err != nil {
						return
					}
				}
			}
		},
	}, err
}

func openOllama(_ context.Context, client *http.Client, base string) (model, error) {
	u, err := url.Parse(base)
	if err != nil {
		return model{}, err
	}
	c := ollama.NewClient(u, client)
	chat := func(ctx context.Context, stream bool, take func(ollama.ChatResponse) error) error {
		return c.Chat(ctx, &ollama.ChatRequest{
			Model: "llama3.2", Messages: []ollama.Message{{Role: "user", Content: question}}, Stream: &stream,
			Options: map[string]any{"temperature": 0.3},
			Tools: ollama.Tools{{Type: "function", Function: ollama.ToolFunction{
				Name: "opening_hours", Parameters: ollama.ToolFunctionParameters{Type: "object"},
			}}},
		}, take)
	}
	return model{
		ask: func(ctx context.Context) (text string, err error) {
			err = chat(ctx, false, func(r ollama.ChatResponse) error {
				text += r.Message.Content
				return nil
			})
			return text, err
		},
		stream: func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				isOver := false
				err := chat(ctx, true, func(r ollama.ChatResponse) error {
					if !yield(r.Message.Content, nil) {
						isOver = true
						return errStop
					}
					return nil
				})
				if err != nil && !isOver {
					yield("", err)
				}
			}
		},
	}, nil
}
