// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/internal/testing/samplecall"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// unusual are spans with what a call seldom has.
func unusual() []sdktrace.ReadOnlySpan {
	start := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	chat := semconv.GenAIOperationName(semconv.GenAIOperationNameChat)
	var spans []sdktrace.ReadOnlySpan
	for i, s := range []tracetest.SpanStub{
		{Name: "chat more cached than all", Attributes: []attribute.KeyValue{
			chat, semconv.GenAIUsageInputTokens(10), semconv.GenAIUsageCacheReadInputTokens(20), semconv.GenAIUsageOutputTokens(5),
			semconv.GenAIUsageReasoningOutputTokens(9), semconv.GenAIResponseModel("m-2026"), semconv.GenAIResponseTimeToFirstChunk(0.1234567),
		}},
		{Name: "chat cache written, output unknown", Attributes: []attribute.KeyValue{
			chat, semconv.GenAIUsageInputTokens(10), semconv.GenAIUsageCacheReadInputTokens(3), semconv.GenAIUsageCacheWriteInputTokens(2),
			semconv.VoiceCost(0.0000001), semconv.VoiceCostCurrency("USD"), semconv.GenAIRequestTopP(1), semconv.GenAIRequestModel("m"),
		}},
		{Name: "chat with attributes of its own", Attributes: []attribute.KeyValue{
			chat, attribute.String("langfuse.observation.type", "event"), attribute.String("openinference.span.kind", "CHAIN"), attribute.String("metadata", "{}"),
			semconv.GenAIInputMessages(`[{"role":"user"}]`), semconv.GenAIOutputMessages(`[{"role":"assistant"}]`), semconv.VoiceLLMReply("hello <b>"),
		}},
		{Name: "execute_tool failed", Status: sdktrace.Status{Code: codes.Error}, Attributes: []attribute.KeyValue{
			semconv.GenAIOperationName(semconv.GenAIOperationNameExecuteTool), semconv.ErrorType("timeout"), semconv.GenAIToolName("search"),
			semconv.GenAIToolCallArguments("plain words"), semconv.VoiceStageAttempt(2), semconv.VoiceProviderRequestIDs(`a"b`, "c&d"),
		}},
		{Name: "realtime_session x", Attributes: []attribute.KeyValue{
			semconv.GenAIOperationName(semconv.GenAIOperationNameRealtimeSession), semconv.VoiceStreamOutcome("ended"), semconv.GenAIProviderName("openai"),
		}},
		{Name: "GET /tables", Attributes: []attribute.KeyValue{attribute.String("http.request.method", "GET"), semconv.SessionID("call-1")}},
		{Name: semconv.SpanVoiceLine, Attributes: []attribute.KeyValue{semconv.VoiceLineProvider("twilio"), semconv.VoiceStreamOutcome("ended")}},
	} {
		s.StartTime, s.EndTime = start, start.Add(time.Second)
		s.SpanContext = trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{byte(i + 1)}, TraceFlags: trace.FlagsSampled})
		spans = append(spans, s.Snapshot())
	}
	return spans
}

// The configurations of deploy/collector/profiles add the attributes that package exporters/profile adds.
func TestProfilesEqualThoseOfTheToolkit(t *testing.T) {
	t.Parallel()
	spans := append(samplecall.Spans(t, otelvoice.WithContentCapture()), unusual()...)
	for _, tt := range []struct {
		profile  profile.Profile
		variable string
	}{{profile.Langfuse, "LANGFUSE_OTLP_ENDPOINT"}, {profile.OpenInference, "PHOENIX_OTLP_ENDPOINT"}} {
		t.Run(tt.profile.String(), func(t *testing.T) {
			want, got, rest := otlptest.NewReceiver(t), otlptest.NewReceiver(t), otlptest.NewReceiver(t)
			send(t, profile.NewExporter(tt.profile, exporterTo(t, want.HTTPEndpoint())), spans)
			collector := backend.NewCollector(t,
				[]string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml"), backend.Config(t, "profiles/"+tt.profile.String()+".yaml")},
				tt.variable+"="+got.HTTPEndpoint(), "JAEGER_OTLP_ENDPOINT="+rest.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+rest.HTTPEndpoint(), "LOGS_OTLP_ENDPOINT="+rest.HTTPEndpoint())
			send(t, exporterTo(t, "http://"+collector.HTTP), spans)
			backend.Eventually(t, "all spans arrive", func() bool { return len(got.AllSpans()) == len(spans) && len(rest.AllSpans()) == 2*len(spans) })
			compare(t, byID(got), byID(want))
			for _, s := range byID(rest) {
				if s.attributes["langfuse.session.id"]+s.attributes["llm.system"] != "" {
					t.Errorf("the other back ends get %s in the vocabulary of %s", s.name, tt.profile)
				}
			}
		})
	}
}

func exporterTo(t *testing.T, url string) sdktrace.SpanExporter {
	t.Helper()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(url+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	return exporter
}

func send(t *testing.T, exporter sdktrace.SpanExporter, spans []sdktrace.ReadOnlySpan) {
	t.Helper()
	if err := exporter.ExportSpans(t.Context(), spans); err != nil {
		t.Fatal(err)
	}
	if err := exporter.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// flat is a span with its attributes as text.
type flat struct {
	name       string
	attributes map[string]string
}

func byID(r *otlptest.Receiver) map[string]flat {
	all := make(map[string]flat)
	for _, s := range r.AllSpans() {
		f := flat{s.GetName(), make(map[string]string)}
		for _, kv := range s.GetAttributes() {
			f.attributes[kv.GetKey()] = kv.GetValue().String()
		}
		all[string(s.GetSpanId())] = f
	}
	return all
}

func compare(t *testing.T, got, want map[string]flat) {
	t.Helper()
	for id, w := range want {
		g := got[id]
		keys := slices.Sorted(maps.Keys(w.attributes))
		for key := range g.attributes {
			if _, ok := w.attributes[key]; !ok {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			if g.attributes[key] != w.attributes[key] {
				t.Errorf("%s: %s\ngot  %s\nwant %s", w.name, key, g.attributes[key], w.attributes[key])
			}
		}
	}
}
