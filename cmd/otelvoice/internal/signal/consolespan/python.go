// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package consolespan

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// pythonContext is what names a span of Python. The IDs begin with 0x.
type pythonContext struct {
	TraceID string `json:"trace_id"`
	SpanID  string `json:"span_id"`
}

func (c pythonContext) ids() (t trace.TraceID, s trace.SpanID) {
	t, _ = trace.TraceIDFromHex(strings.TrimPrefix(c.TraceID, "0x"))
	return t, pythonSpanID(c.SpanID)
}

func pythonSpanID(text string) trace.SpanID {
	id, _ := trace.SpanIDFromHex(strings.TrimPrefix(text, "0x"))
	return id
}

// pythonSpan is a span of Python. It has no scope, and says not what was dropped.
type pythonSpan struct {
	Name       string         `json:"name"`
	Context    *pythonContext `json:"context"`
	Kind       string         `json:"kind"` // Such as "SpanKind.INTERNAL".
	ParentID   string         `json:"parent_id"`
	Start      time.Time      `json:"start_time"`
	End        time.Time      `json:"end_time"`
	Attributes map[string]any `json:"attributes"`
	Status     struct {
		Code        string `json:"status_code"`
		Description string `json:"description"`
	} `json:"status"`
	Events []struct {
		Name       string         `json:"name"`
		Time       time.Time      `json:"timestamp"`
		Attributes map[string]any `json:"attributes"`
	} `json:"events"`
	Links []struct {
		Context    pythonContext  `json:"context"`
		Attributes map[string]any `json:"attributes"`
	} `json:"links"`
	Resource struct {
		Attributes map[string]any `json:"attributes"`
	} `json:"resource"`
}

func parsePython(object []byte) (*signal.Span, error) {
	var head struct {
		Context json.RawMessage `json:"context"`
		Start   json.RawMessage `json:"start_time"`
	}
	if json.Unmarshal(object, &head) != nil || !bytes.HasPrefix(head.Context, []byte("{")) || head.Start == nil {
		return nil, ErrOther // Another program's object may have a context, too.
	}
	var s pythonSpan
	in := json.NewDecoder(bytes.NewReader(object))
	in.UseNumber()
	if err := in.Decode(&s); err != nil {
		return nil, err
	}
	traceID, spanID := s.Context.ids()
	if s.Name == "" || !traceID.IsValid() || !spanID.IsValid() {
		return nil, ErrOther
	}
	span := &signal.Span{
		TraceID: traceID, SpanID: spanID, ParentID: pythonSpanID(s.ParentID), Name: s.Name,
		Kind: strings.ToLower(strings.TrimPrefix(s.Kind, "SpanKind.")), Start: known(s.Start), End: known(s.End),
		Failed: s.Status.Code == "ERROR", Status: s.Status.Description, Attributes: signal.FromMap(s.Attributes),
		Resource: &signal.Resource{Attributes: signal.FromMap(s.Resource.Attributes)}, Scope: &signal.Scope{},
	}
	for _, e := range s.Events {
		span.Events = append(span.Events, signal.Event{Name: e.Name, Time: known(e.Time), Attributes: signal.FromMap(e.Attributes)})
	}
	for _, l := range s.Links {
		link := signal.Link{Attributes: signal.FromMap(l.Attributes)}
		link.TraceID, link.SpanID = l.Context.ids()
		span.Links = append(span.Links, link)
	}
	return span, nil
}
