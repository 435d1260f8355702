// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
)

// A Jaeger is a running Jaeger v2 with the configuration of deploy/jaeger.
type Jaeger struct {
	*Process

	OTLP  string // The URL for OTLP over HTTP.
	Host  string // The address of the query API.
	query string
}

// NewJaeger starts a Jaeger on free ports.
func NewJaeger(tb testing.TB) *Jaeger {
	tb.Helper()
	otlp, query, health := Free(tb), Free(tb), Free(tb)
	j := &Jaeger{OTLP: "http://" + otlp, Host: query, query: "http://" + query}
	j.Process = Start(tb, "Jaeger", Tool(tb, "jaeger", "jaeger"), []string{"--config", File(tb, "deploy", "jaeger", "jaeger.yaml")}, []string{
		"OTLP_HTTP_LISTEN=" + otlp, "OTLP_GRPC_LISTEN=" + Free(tb), "QUERY_LISTEN=" + query, "QUERY_GRPC_LISTEN=" + Free(tb), "HEALTH_LISTEN=" + health,
	}, Answers(tb, j.query+"/api/services"))
	return j
}

// A Span is a span as Jaeger's query API returns it.
type Span struct {
	TraceID, SpanID string
	OperationName   string
	References      []struct{ RefType, TraceID, SpanID string }
	StartTime       int64 // In microseconds of the Unix epoch.
	Duration        int64 // In microseconds.
	Tags            []struct {
		Key   string
		Value any
	}
}

// Tag returns the value of a tag, or nil if the span does not have it.
func (s Span) Tag(key string) any {
	for _, t := range s.Tags {
		if t.Key == key {
			return t.Value
		}
	}
	return nil
}

// Parent returns the ID of the span's parent, or "" for a root.
func (s Span) Parent() string {
	for _, r := range s.References {
		if r.RefType == "CHILD_OF" {
			return r.SpanID
		}
	}
	return ""
}

// Trace returns the spans of a trace. For an unknown trace it returns no spans and no error.
func (j *Jaeger) Trace(ctx context.Context, traceID string) ([]Span, error) {
	answer, err := getJSON[struct {
		Data []struct{ Spans []Span }
	}](ctx, j.query+"/api/traces/"+traceID)
	if err != nil || len(answer.Data) == 0 {
		return nil, err
	}
	return answer.Data[0].Spans, nil
}

// Services returns the names of the services in Jaeger.
func (j *Jaeger) Services(ctx context.Context) ([]string, error) {
	answer, err := getJSON[struct{ Data json.RawMessage }](ctx, j.query+"/api/services")
	if err != nil {
		return nil, err
	}
	var names []string
	if err := json.Unmarshal(answer.Data, &names); err != nil {
		return nil, fmt.Errorf("read the services: %w", err)
	}
	return names, nil
}
