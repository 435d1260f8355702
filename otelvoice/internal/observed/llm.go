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
	Tools      []string
	Chunks     int
	FirstChunk time.Time
	FirstToken time.Time
	Reply      []byte
}

// IsFirst reports whether an event is the first chunk or the first token, whose time counts.
func (l *LLM) IsFirst(kind wire.Kind) bool {
	return kind == wire.Chunk && l.FirstChunk.IsZero() || kind == wire.Token && l.FirstToken.IsZero()
}

// Event adds an event. The time is that of the event if it [LLM.IsFirst].
func (l *LLM) Event(e *wire.Event, now time.Time) {
	switch e.Kind {
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
		if len(l.Tools) < maxNames {
			l.Tools = append(l.Tools, e.Name)
		}
	case wire.Finished:
		if len(l.Reasons) < maxNames && !slices.Contains(l.Reasons, e.Name) {
			l.Reasons = append(l.Reasons, e.Name)
		}
	default:
	}
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
		attrs = append(attrs, semconv.VoiceLLMToolNames(l.Tools...))
	}
	return attrs
}

func setText(to *string, text string) {
	if text != "" {
		*to = text
	}
}
