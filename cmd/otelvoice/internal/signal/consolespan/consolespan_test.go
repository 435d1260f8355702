// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package consolespan_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/consolespan"
)

// export returns what the exporter writes of a span with all that a span can have.
func export(tb testing.TB, opts ...stdouttrace.Option) (text []byte, parent, child trace.SpanContext) {
	tb.Helper()
	var out bytes.Buffer
	exporter, err := stdouttrace.New(append(opts, stdouttrace.WithWriter(&out))...)
	if err != nil {
		tb.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter), sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "desk"))))
	at := time.Date(2026, 3, 4, 10, 0, 0, 5, time.UTC)
	ctx, session := provider.Tracer("otelvoice", trace.WithInstrumentationVersion("1.2")).Start(tb.Context(), "voice.session")
	_, span := provider.Tracer("otelvoice", trace.WithInstrumentationVersion("1.2")).Start(ctx, "chat x", trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(at),
		trace.WithLinks(trace.Link{SpanContext: session.SpanContext(), Attributes: []attribute.KeyValue{attribute.Int("n", 1)}}),
		trace.WithAttributes(attribute.String("s", "é\n"), attribute.Int64("i", 1<<60), attribute.Float64("f", 0.1), attribute.Bool("b", true), attribute.StringSlice("l", []string{"x", "y"})))
	span.AddEvent("e", trace.WithTimestamp(at.Add(1)), trace.WithAttributes(attribute.Int("k", 7)))
	span.SetStatus(codes.Error, "gone")
	span.End(trace.WithTimestamp(at.Add(time.Second)))
	return out.Bytes(), session.SpanContext(), span.SpanContext()
}

func TestParse(t *testing.T) {
	for name, opts := range map[string][]stdouttrace.Option{"a line": nil, "several lines": {stdouttrace.WithPrettyPrint()}} {
		t.Run(name, func(t *testing.T) {
			text, parent, child := export(t, opts...)
			got, err := consolespan.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			at := time.Date(2026, 3, 4, 10, 0, 0, 5, time.UTC)
			attrs := signal.FromMap
			want := &signal.Span{
				TraceID: child.TraceID(), SpanID: child.SpanID(), ParentID: parent.SpanID(), Name: "chat x", Kind: "client", Start: at, End: at.Add(time.Second),
				Failed: true, Status: "gone", Attributes: attrs(map[string]any{"s": "é\n", "i": int64(1 << 60), "f": 0.1, "b": true, "l": []any{"x", "y"}}),
				Events:   []signal.Event{{Name: "e", Time: at.Add(1), Attributes: attrs(map[string]any{"k": int64(7)})}},
				Links:    []signal.Link{{TraceID: parent.TraceID(), SpanID: parent.SpanID(), Attributes: attrs(map[string]any{"n": int64(1)})}},
				Resource: &signal.Resource{Attributes: attrs(map[string]any{"service.name": "desk"})}, Scope: &signal.Scope{Name: "otelvoice", Version: "1.2"},
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("\ngot  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestOthers(t *testing.T) {
	for text, isOther := range map[string]bool{
		`{}`: true, `{"Name":"x"}`: true, `{"SpanContext":{}}`: true, `{"Name":"x","SpanContext":7}`: false, `{"Name":"x","SpanContext":{`: false,
		`{"Name":"x","SpanContext":{},"StartTime":"noon"}`: false,
	} {
		if _, err := consolespan.Parse([]byte(text)); err == nil || errors.Is(err, consolespan.ErrOther) != isOther {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	text, _, _ := export(f)
	f.Add(text)
	f.Add([]byte(pythonText))
	f.Add([]byte(`{"Name":"x","SpanContext":{},"SpanKind":-9,"DroppedLinks":-1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := consolespan.Parse(text)
		if err == nil && (s.Name == "" || s.Resource == nil || s.Scope == nil || s.Dropped < 0) {
			t.Errorf("%+v", s)
		}
	})
}
