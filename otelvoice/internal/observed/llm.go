// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package observed holds what a transport observes of the requests of stages: the events of a
// provider's decoder, collected until the stage ends. A stage uses a value from here where the
// program has set none.
package observed

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/content"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/semconv"
)

// The limits of what is kept.
const (
	maxText  = 64 << 10 // Bytes of content.
	maxNames = 16       // Finish reasons and tools.
)

// An LLM is what is observed of a request to a language model. Its user guards it with a lock.
type LLM struct {
	ID, Model  string // Of the response.
	Reasons    []string
	Tools      []content.ToolCall
	Chunks     int
	FirstChunk time.Time
	FirstToken time.Time
	Reply      []byte

	earlier llmreport.Usage // Of the requests before the newest.
	usage   llmreport.Usage // Of the newest request.
	dropped bool            // The newest call was not kept.
	// isContradictory is whether the tokens of an earlier request contradict each other.
	isContradictory bool
}

// IsFirst reports whether an event is the first chunk or the first token, whose time counts.
func (l *LLM) IsFirst(kind wire.Kind) bool {
	return kind == wire.Chunk && l.FirstChunk.IsZero() || kind == wire.Token && l.FirstToken.IsZero()
}

// Event adds an event. The time is that of the event if it [LLM.IsFirst].
func (l *LLM) Event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.Requested:
		l.isContradictory = l.isContradictory || l.usage.IsContradictory()
		l.earlier, l.usage = l.Usage(), llmreport.Usage{}
	case wire.Answered:
		setText(&l.ID, e.ID)
		setText(&l.Model, e.Name)
	case wire.Chunk, wire.Token:
		l.Chunks++
		if l.FirstChunk.IsZero() {
			l.FirstChunk = now
		}
		if e.Kind == wire.Token && l.FirstToken.IsZero() {
			l.FirstToken = now
		}
	case wire.Answer:
		l.Reply = append(l.Reply, e.Text[:min(len(e.Text), maxText-len(l.Reply))]...)
	case wire.ToolCalled:
		if l.dropped = len(l.Tools) == maxNames; !l.dropped {
			l.Tools = append(l.Tools, content.ToolCall{ID: e.ID, Name: e.Name})
		}
	case wire.ToolArguments:
		if n := len(l.Tools); n > 0 && !l.dropped && len(l.Tools[n-1].Arguments) < maxText {
			l.Tools[n-1].Arguments += string(e.Text)
		}
	case wire.Finished:
		if len(l.Reasons) < maxNames && !slices.Contains(l.Reasons, e.Name) {
			l.Reasons = append(l.Reasons, e.Name)
		}
	default:
	}
}

// Use adds the tokens that the provider reports of the newest request.
func (l *LLM) Use(u llmreport.Usage) { l.usage = l.usage.Merged(u) }

// Usage returns the tokens of all requests of the stage.
func (l *LLM) Usage() llmreport.Usage { return l.earlier.Plus(l.usage) }

// IsContradictory reports whether the tokens of one of several requests contradict each other. Their sum may hide
// it.
func (l *LLM) IsContradictory() bool {
	return l.isContradictory || l.earlier != (llmreport.Usage{}) && l.usage.IsContradictory()
}

// Attributes appends what was observed of the response.
func (l *LLM) Attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if l.ID != "" {
		attrs = append(attrs, semconv.GenAIResponseID(l.ID))
	}
	if l.Model != "" {
		attrs = append(attrs, semconv.GenAIResponseModel(l.Model))
	}
	if len(l.Reasons) > 0 {
		attrs = append(attrs, semconv.GenAIResponseFinishReasons(l.Reasons...))
	}
	if len(l.Tools) > 0 {
		names := make([]string, len(l.Tools))
		for i, tool := range l.Tools {
			names[i] = tool.Name
		}
		attrs = append(attrs, semconv.VoiceLLMToolNames(names...))
	}
	return attrs
}

// Content appends the messages of the answer.
func (l *LLM) Content(attrs []attribute.KeyValue) []attribute.KeyValue {
	reason := ""
	if len(l.Reasons) > 0 {
		reason = l.Reasons[0]
	}
	if output := content.Output(string(l.Reply), l.Tools, reason); output != nil {
		attrs = append(attrs, semconv.GenAIOutputMessages(string(output)))
	}
	return attrs
}

func setText(to *string, text string) {
	if text != "" {
		*to = text
	}
}
