// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/pull"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Responder is an instrumented [voiceprovider.Responder].
type Responder struct {
	Next  voiceprovider.Responder
	Model otelvoice.Model
}

// Respond generates an answer within a stage.
func (i *Responder) Respond(ctx context.Context, req voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		try := attemptFrom(ctx)
		ctx, stage := otelvoice.TurnFromContext(ctx).StartLLM(ctx, i.Model, try.option())
		defer stage.End(context.Canceled)
		var id, model, reason string
		var text strings.Builder
		var hasWords, hasCalls bool
		end := func(err error) {
			if id != "" || model != "" || reason != "" {
				var reasons []string
				if reason != "" {
					reasons = append(reasons, reason)
				}
				stage.SetResponse(id, model, reasons...)
			}
			stage.SetReply(text.String())
			stage.End(err)
		}
		for chunk, err := range pull.Seq(ctx, try.timeout, nil, func(ctx context.Context) iter.Seq2[voiceprovider.Chunk, error] {
			return i.Next.Respond(ctx, req)
		}) {
			if err != nil {
				end(err)
				yield(voiceprovider.Chunk{}, Wrap(LLM, err))
				return
			}
			id, model, reason = cmp.Or(chunk.ID, id), cmp.Or(chunk.Model, model), cmp.Or(chunk.FinishReason, reason)
			stage.AddRequestID(chunk.RequestID)
			if chunk.Usage != nil {
				stage.SetUsage(*chunk.Usage)
			}
			text.WriteString(chunk.Text)
			hasWords = hasWords || strings.TrimSpace(chunk.Text) != ""
			if chunk.Text != "" && hasWords {
				stage.FirstToken()
			} else {
				stage.Chunk() // Reasoning, or the empty lines that some models write after it.
			}
			hasCalls = hasCalls || len(chunk.ToolCalls) > 0
			if !yield(chunk, nil) {
				end(context.Canceled)
				return
			}
		}
		if n := len(req.Messages); !hasWords && !hasCalls && (n == 0 || req.Messages[n-1].Role != voiceprovider.ToolRole) {
			end(voiceprovider.ErrNothing)
			yield(voiceprovider.Chunk{}, Wrap(LLM, voiceprovider.ErrNothing))
			return
		}
		stage.SetAttributes(try.chosen()...)
		end(nil)
	}
}
