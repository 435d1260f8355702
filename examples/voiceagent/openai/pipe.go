// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// Transcriber returns the provider's recognizer for a pipeline. It transcribes whole
// utterances. The language may be empty.
func (c *Client) Transcriber(model, language string) voiceprovider.Transcriber {
	return voiceprovider.TranscribeFunc(func(ctx context.Context, format otelvoice.AudioFormat, audio []byte) (voiceprovider.Transcript, error) {
		said, err := c.Transcribe(ctx, TranscriptionRequest{
			Model: model, Language: language,
			WAV: io.MultiReader(bytes.NewReader(wavFormat(format).Header(len(audio))), bytes.NewReader(audio)),
		})
		t := voiceprovider.Transcript{Text: said.Text, Language: language}
		if confidence, ok := said.Confidence(); ok {
			t.Confidence = &confidence
		}
		return t, err
	})
}

// wavFormat returns a format as WAV files have it.
func wavFormat(f otelvoice.AudioFormat) wav.Format {
	w := wav.Format{Encoding: wav.PCM, SampleRate: uint32(f.SampleRate), Channels: uint16(max(f.Channels, 1)), BitsPerSample: 16}
	switch f.Codec {
	case otelvoice.CodecMuLaw:
		w.Encoding, w.BitsPerSample = wav.MuLaw, 8
	case otelvoice.CodecALaw:
		w.Encoding, w.BitsPerSample = wav.ALaw, 8
	}
	return w
}

// Responder returns the provider's model for a pipeline.
func (c *Client) Responder(model string) voiceprovider.Responder { return responder{c, model} }

type responder struct {
	client *Client
	model  string
}

func (r responder) Respond(ctx context.Context, req voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		var calls []ToolCall
		for chunk, err := range r.client.Chat(ctx, chatRequest(r.model, req)) {
			if err != nil {
				yield(voiceprovider.Chunk{}, err)
				return
			}
			calls = AppendDeltas(calls, chunk.ToolCalls)
			out := voiceprovider.Chunk{Text: chunk.Text, ID: chunk.ID, Model: chunk.Model, FinishReason: chunk.FinishReason}
			if chunk.Usage != nil {
				out.Usage = &otelvoice.Usage{
					InputTokens:          chunk.Usage.PromptTokens,
					OutputTokens:         chunk.Usage.CompletionTokens,
					CacheReadInputTokens: chunk.Usage.PromptTokensDetails.CachedTokens,

					ReasoningOutputTokens: chunk.Usage.CompletionTokensDetails.ReasoningTokens,
					AudioInputTokens:      chunk.Usage.PromptTokensDetails.AudioTokens,
					AudioOutputTokens:     chunk.Usage.CompletionTokensDetails.AudioTokens,
				}
			}
			if !yield(out, nil) {
				return
			}
		}
		// The calls are complete at the end of the answer. Finish reasons may come early, or twice.
		if len(calls) == 0 {
			return
		}
		var out voiceprovider.Chunk
		for _, call := range complete(calls) {
			out.ToolCalls = append(out.ToolCalls, voiceprovider.ToolCall{ID: call.ID, Name: call.Function.Name, Arguments: call.Function.Arguments})
		}
		yield(out, nil)
	}
}

func chatRequest(model string, req voiceprovider.Request) ChatRequest {
	chat := ChatRequest{Model: model}
	for _, m := range req.Messages {
		message := Message{Role: string(m.Role), Content: m.Text, ToolCallID: m.ToolCallID}
		for _, call := range m.ToolCalls {
			arguments := call.Arguments
			if !json.Valid([]byte(arguments)) {
				arguments = "{}" // Some providers reject a conversation with invalid arguments.
			}
			message.ToolCalls = append(message.ToolCalls, ToolCall{
				ID: call.ID, Type: "function", Function: FunctionCall{Name: call.Name, Arguments: arguments},
			})
		}
		chat.Messages = append(chat.Messages, message)
	}
	for _, t := range req.Tools {
		chat.Tools = append(chat.Tools, Tool{Type: "function", Function: Function{
			Name: t.Name, Description: t.Description, Parameters: json.RawMessage(t.Parameters),
		}})
	}
	return chat
}

// Synthesizer returns one of the provider's voices for a pipeline.
func (c *Client) Synthesizer(model, voice string) voiceprovider.Synthesizer {
	return synthesizer{c, model, voice}
}

type synthesizer struct {
	client       *Client
	model, voice string
}

// Voice returns the name of the voice.
func (s synthesizer) Voice() string { return s.voice }

func (s synthesizer) Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		input := strings.Join(slices.Collect(text), "")
		format := otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 24000, Channels: 1}
		for samples, err := range s.client.Speech(ctx, SpeechRequest{Model: s.model, Voice: s.voice, Input: input}) {
			if !yield(voiceprovider.Frame{Format: format, Data: samples}, err) {
				return
			}
		}
	}
}
