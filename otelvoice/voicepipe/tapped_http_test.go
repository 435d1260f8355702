// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// encoded returns the bytes of what a provider yields.
func encoded[T any](values iter.Seq2[T, error], encode func(T) []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for v, err := range values {
			var data []byte
			if err == nil {
				data = encode(v)
			}
			if !yield(data, err) {
				return
			}
		}
	}
}

// An answer is what a server sends.
type answer func(ctx context.Context) iter.Seq2[[]byte, error]

// post sends a request with the context of the call, and yields the response as it arrives. The server
// sends what response yields. An error before the first byte is the status 502, one after it a broken
// connection.
func (c *taps) post(ctx context.Context, url, body, contentType string, response answer) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		within, cancel := context.WithCancelCause(c.ctx)
		defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
		defer cancel(nil)
		r, err := http.NewRequestWithContext(within, http.MethodPost, url, strings.NewReader(body)) //nolint:contextcheck // It is that of the call, which has no handle.
		if err != nil {
			yield(nil, err)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := voicehttp.Transport(c.tel, serving{contentType, response}).RoundTrip(r)
		if err != nil {
			yield(nil, err)
			return
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			_, _ = io.Copy(io.Discard, res.Body)
			yield(nil, errDown)
			return
		}
		buf := make([]byte, 1<<16)
		for {
			n, err := res.Body.Read(buf)
			if n > 0 && !yield(bytes.Clone(buf[:n]), nil) || err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// serving is a connection to a server.
type serving struct {
	contentType string
	response    answer
}

func (s serving) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {s.contentType}}, Request: r}
	next, stop := iter.Pull2(s.response(r.Context()))
	data, err, ok := next()
	if err != nil {
		stop()
		if r.Context().Err() != nil {
			return nil, r.Context().Err()
		}
		res.StatusCode, res.Body = http.StatusBadGateway, io.NopCloser(strings.NewReader("bad gateway"))
		return res, nil
	}
	body, w := io.Pipe()
	res.Body = body
	go func() {
		defer stop()
		for ; ok && err == nil; data, err, ok = next() {
			if _, err := w.Write(data); err != nil {
				return // The client has closed the body.
			}
		}
		_ = w.CloseWithError(err)
	}()
	return res, nil
}

// tappedLLM is a language model over HTTP, with the protocol of OpenAI.
type tappedLLM struct {
	*taps

	next  voiceprovider.Responder
	model otelvoice.Model
}

// chunk is an event of a chat completion.
type chunk struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *tokens  `json:"usage,omitempty"`
}

type choice struct {
	Delta        delta   `json:"delta"`
	FinishReason *string `json:"finish_reason"`
}

type delta struct {
	Content string     `json:"content,omitempty"`
	Calls   []toolCall `json:"tool_calls,omitempty"`
}

type toolCall struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type tokens struct {
	Input  int64 `json:"prompt_tokens"`
	Output int64 `json:"completion_tokens"`
}

func (l *tappedLLM) Respond(ctx context.Context, req voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		url := "https://api.openai.com/v1/chat/completions"
		if l.model.Provider == "anthropic" {
			url = "https://api.anthropic.com/v1/chat/completions"
		}
		body := fmt.Sprintf(`{"model":%q,"stream":true,"messages":[{"role":"user","content":"…"}]}`, l.model.Name)
		response := func(ctx context.Context) iter.Seq2[[]byte, error] { return encoded(l.next.Respond(ctx, req), event) }
		for data, err := range l.post(ctx, url, body, "text/event-stream", response) {
			var said voiceprovider.Chunk
			if err == nil {
				said, err = parse(data)
			}
			if !yield(said, err) {
				return
			}
		}
	}
}

// event returns a chunk as an event of the stream.
func event(of voiceprovider.Chunk) []byte {
	c := chunk{ID: of.ID, Object: "chat.completion.chunk", Model: of.Model, Choices: []choice{{Delta: delta{Content: of.Text}}}}
	for i, call := range of.ToolCalls {
		called := toolCall{Index: i, ID: call.ID, Type: "function"}
		called.Function.Name, called.Function.Arguments = call.Name, call.Arguments
		c.Choices[0].Delta.Calls = append(c.Choices[0].Delta.Calls, called)
	}
	if of.FinishReason != "" {
		c.Choices[0].FinishReason = &of.FinishReason
	}
	if of.Usage != nil {
		c.Usage = &tokens{int64(of.Usage.InputTokens), int64(of.Usage.OutputTokens)}
	}
	data, _ := json.Marshal(c)
	return fmt.Appendf(nil, "data: %s\n\n", data)
}

func parse(data []byte) (of voiceprovider.Chunk, err error) {
	var c chunk
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("data: ")), &c); err != nil {
		return of, err
	}
	of.ID, of.Model, of.Text = c.ID, c.Model, c.Choices[0].Delta.Content
	for _, call := range c.Choices[0].Delta.Calls {
		of.ToolCalls = append(of.ToolCalls, voiceprovider.ToolCall{ID: call.ID, Name: call.Function.Name, Arguments: call.Function.Arguments})
	}
	if c.Choices[0].FinishReason != nil {
		of.FinishReason = *c.Choices[0].FinishReason
	}
	if c.Usage != nil {
		of.Usage = &otelvoice.Usage{InputTokens: int(c.Usage.Input), OutputTokens: int(c.Usage.Output)}
	}
	return of, nil
}
