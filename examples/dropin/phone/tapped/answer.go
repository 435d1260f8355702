// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/openai/openai-go/v3"
)

// answer answers a question. It speaks each sentence when the model has written it.
func (c *call) answer(ctx context.Context, question string) {
	sentences := make(chan string, 100)
	var speaker sync.WaitGroup
	speaker.Go(func() { c.speak(ctx, sentences) })
	if err := c.think(ctx, question, sentences); err != nil {
		slog.ErrorContext(ctx, "no answer", "error", err)
	}
	close(sentences)
	speaker.Wait()
}

// think asks the model until it has called all the tools that it needs.
func (c *call) think(ctx context.Context, question string, sentences chan<- string) error {
	c.history = append(c.history, openai.UserMessage(question))
	for {
		reply, err := c.ask(ctx, sentences)
		if err != nil {
			return err
		}
		c.history = append(c.history, reply.ToParam())
		if len(reply.ToolCalls) == 0 {
			return nil
		}
		for _, tool := range reply.ToolCalls {
			result, err := findTable(ctx, tool.Function.Arguments)
			if err != nil {
				result = err.Error()
			}
			c.history = append(c.history, openai.ToolMessage(result, tool.ID))
		}
	}
}

// ask sends one request to the model.
func (c *call) ask(ctx context.Context, sentences chan<- string) (openai.ChatCompletionMessage, error) {
	stream := c.agent.openai.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
		Model: "gpt-4o-mini", Messages: c.history, Temperature: openai.Float(0.3),
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: "find_table", Parameters: openai.FunctionParameters{"type": "object"},
		})},
	})
	defer func() { _ = stream.Close() }()
	var all openai.ChatCompletionAccumulator
	var sentence strings.Builder
	for stream.Next() {
		chunk := stream.Current()
		all.AddChunk(chunk)
		if len(chunk.Choices) == 0 {
			continue
		}
		sentence.WriteString(chunk.Choices[0].Delta.Content)
		if text := strings.TrimSpace(sentence.String()); strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
			sentences <- text
			sentence.Reset()
		}
	}
	if err := stream.Err(); err != nil {
		return openai.ChatCompletionMessage{}, err
	}
	if len(all.Choices) == 0 {
		return openai.ChatCompletionMessage{}, errors.New("the model has no answer")
	}
	return all.Choices[0].Message, nil
}

// findTable is the tool.
func findTable(ctx context.Context, arguments string) (string, error) {
	select {
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	return fmt.Sprintf(`{"free":true,"request":%s}`, arguments), nil
}

// speak speaks the sentences, and sends a mark after them.
func (c *call) speak(ctx context.Context, sentences <-chan string) {
	for sentence := range sentences {
		if err := c.say(ctx, sentence); err != nil {
			if !errors.Is(context.Cause(ctx), errBargeIn) {
				slog.ErrorContext(ctx, "not said", "error", err)
			}
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() == nil {
		c.send(map[string]any{"event": "mark", "mark": map[string]string{"name": c.mark()}})
	}
}

// say speaks a sentence.
func (c *call) say(ctx context.Context, sentence string) error {
	body, err := json.Marshal(map[string]string{"text": sentence, "model_id": "eleven_flash_v2_5"})
	if err != nil {
		return err
	}
	url := os.Getenv("ELEVENLABS_BASE_URL") + "/v1/text-to-speech/rachel/stream?output_format=ulaw_8000"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body)) // #nosec G704 -- the host is a setting
	if err != nil {
		return err
	}
	request.Header.Set("Xi-Api-Key", os.Getenv("ELEVENLABS_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := c.agent.http.Do(request) // #nosec G704 -- the host is a setting
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("elevenlabs: %s", response.Status)
	}
	return c.play(ctx, response.Body)
}

// play sends audio to Twilio in frames of 100 ms.
func (c *call) play(ctx context.Context, audio io.Reader) error {
	frame := make([]byte, 800)
	for {
		n, err := io.ReadFull(audio, frame)
		c.mu.Lock()
		if n > 0 && ctx.Err() == nil {
			c.playing = true
			c.send(map[string]any{"event": "media", "media": map[string]string{"payload": base64.StdEncoding.EncodeToString(frame[:n])}})
		}
		c.mu.Unlock()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}
