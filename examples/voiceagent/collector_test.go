// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// With a collector, every printed line also arrives there, with the same IDs and the same
// attributes.
func TestPrintedLinesArriveAtTheCollector(t *testing.T) {
	collector := otlptest.NewReceiver(t)
	var stdout, stderr bytes.Buffer
	env := variables("OTEL_EXPORTER_OTLP_ENDPOINT", collector.HTTPEndpoint(), "LOG_LEVEL", "DEBUG")
	if code := run(t.Context(), []string{"-speed", "20"}, env, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &stderr)
	}

	var printed, arrived []string
	for _, l := range parseLines(t, stdout.Bytes()) {
		printed = append(printed, recordOf(l.fields))
	}
	for _, r := range collector.AllLogs() {
		arrived = append(arrived, canonical(record{
			Trace: hex.EncodeToString(r.GetTraceId()), Span: hex.EncodeToString(r.GetSpanId()),
			Level: r.GetSeverityText(), Module: r.Scope.GetName(), Message: r.GetBody().GetStringValue(),
			Attributes: otlptest.Attributes(r.GetAttributes()),
		}))
	}
	slices.Sort(printed)
	slices.Sort(arrived)
	if len(printed) < 100 || !slices.Equal(printed, arrived) {
		t.Errorf("%d lines were printed and %d records arrived", len(printed), len(arrived))
		for _, p := range printed {
			if !slices.Contains(arrived, p) {
				t.Errorf("printed only: %s", p)
			}
		}
		for _, a := range arrived {
			if !slices.Contains(printed, a) {
				t.Errorf("arrived only: %s", a)
			}
		}
	}

	spans := collector.AllSpans()
	checkTree(t, spans)
	for _, s := range spans {
		checkRegistry(t, s)
		if service := otlptest.Attributes(s.Resource.GetAttributes())[string(semconv.ServiceNameKey)]; service != "voiceagent" {
			t.Errorf("%s comes from %v", s.GetName(), service)
		}
	}
	checkLinesBelongToSpans(t, stdout.Bytes(), spans)
	checkMetrics(t, collector)
}

// record has the fields that a line and an exported record have in common.
type record struct {
	Trace, Span, Level, Module, Message string
	Attributes                          map[string]any
}

// recordOf converts a line to the record from which it was made.
func recordOf(fields map[string]any) string {
	attrs := make(map[string]any)
	for name, key := range map[string]attribute.Key{
		"correlation_id": semconv.VoiceCorrelationIDKey, "request_id": semconv.VoiceRequestIDKey,
		"session_id": semconv.SessionIDKey, "turn_id": semconv.VoiceTurnIDKey, "user_id": semconv.UserIDKey,
		"component": semconv.VoiceComponentNameKey, "component_type": semconv.VoiceComponentTypeKey,
		"function": semconv.CodeFunctionNameKey, "line_number": semconv.CodeLineNumberKey,
		"file_path": semconv.CodeFilePathKey, "thread_id": semconv.ThreadIDKey,
		"pipeline_id": semconv.VoicePipelineIDKey, "phase": semconv.VoicePhaseKey, "stage": semconv.VoiceStageKey,
	} {
		if value, ok := fields[name]; ok {
			attrs[string(key)] = value
		}
	}
	if ms, ok := fields["duration_ms"].(float64); ok {
		attrs[string(semconv.VoiceDurationKey)] = ms / 1000
	}
	extra, _ := fields["extra_data"].(map[string]any)
	maps.Copy(attrs, extra)
	exception, _ := fields["exception"].(map[string]any)
	for name, value := range exception {
		attrs["exception."+name] = value
	}
	rename(attrs, "exception.chain", semconv.VoiceExceptionChainKey)
	rename(attrs, "error_code", semconv.VoiceErrorCodeKey)
	rename(attrs, "recovery_action", semconv.VoiceErrorRecoveryActionKey)
	if figures, ok := fields["performance_metrics"]; ok {
		attrs[string(semconv.VoicePerformanceKey)] = figures
	}
	text := func(name string) string { s, _ := fields[name].(string); return s }
	return canonical(record{
		Trace: text("trace_id"), Span: text("span_id"), Level: text("level"),
		Module: text("module"), Message: text("message"), Attributes: attrs,
	})
}

func rename(attrs map[string]any, name string, key attribute.Key) {
	if value, ok := attrs[name]; ok {
		attrs[string(key)] = value
		delete(attrs, name)
	}
}

// canonical writes a record for comparison. A line gives durations to the
// microsecond.
func canonical(r record) string {
	if seconds, ok := r.Attributes[string(semconv.VoiceDurationKey)].(float64); ok {
		r.Attributes[string(semconv.VoiceDurationKey)] = time.Duration(seconds * float64(time.Second)).Round(time.Microsecond).String()
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// checkTree checks that each span of the toolkit has the documented parent.
func checkTree(t *testing.T, spans []otlptest.Span) {
	t.Helper()
	byID := make(map[string]otlptest.Span)
	for _, s := range spans {
		byID[string(s.GetSpanId())] = s
	}
	stages, turns, sessions := 0, 0, 0
	for _, s := range spans {
		parent, ok := byID[string(s.GetParentSpanId())]
		if ok && !bytes.Equal(parent.GetTraceId(), s.GetTraceId()) {
			t.Errorf("%s is in another trace than its parent", s.GetName())
		}
		attrs := otlptest.Attributes(s.GetAttributes())
		var want string
		switch {
		case attrs[string(semconv.VoiceStageOutcomeKey)] != nil:
			stages++
			want = semconv.SpanVoiceTurn
		case s.GetName() == semconv.SpanVoiceTurn:
			turns++
			want = semconv.SpanVoiceSession
		case s.GetName() == semconv.SpanVoiceSession:
			sessions++
			want = "POST /call"
		default:
			continue
		}
		if !ok || parent.GetName() != want {
			t.Errorf("%s is under %q, want %q", s.GetName(), parent.GetName(), want)
		}
		turn := string(semconv.VoiceTurnIDKey)
		if of := otlptest.Attributes(parent.GetAttributes())[turn]; want == semconv.SpanVoiceTurn && of != attrs[turn] {
			t.Errorf("%s of turn %v is under turn %v", s.GetName(), attrs[turn], of)
		}
	}
	if sessions != 2 || turns != 10 || stages < 40 {
		t.Errorf("%d sessions, %d turns and %d stages, want 2, 10 and at least 40", sessions, turns, stages)
	}
}

// checkRegistry checks name, kind and attributes of a span.
func checkRegistry(t *testing.T, s otlptest.Span) {
	t.Helper()
	attrs := otlptest.Attributes(s.GetAttributes())
	for key, value := range attrs {
		at := slices.IndexFunc(semconv.Attributes(), func(a semconv.Attribute) bool { return a.Name == key })
		namespace, _, _ := strings.Cut(key, ".")
		if at < 0 {
			if slices.Contains([]string{"voice", "gen_ai", "session", "error"}, namespace) {
				t.Errorf("%s has %s, which the registry does not know", s.GetName(), key)
			}
			continue
		}
		types := map[attribute.Type]string{
			attribute.STRING: "string", attribute.INT64: "int64", attribute.FLOAT64: "float64",
			attribute.BOOL: "bool", attribute.STRINGSLICE: "[]interface {}",
		}
		def := semconv.Attributes()[at]
		if got := fmt.Sprintf("%T", value); got != types[def.Type] {
			t.Errorf("%s has %s as %s, want %s", s.GetName(), key, got, def.Type)
		}
		if def.Sensitive && s.Scope.GetName() == otelvoice.ScopeName {
			t.Errorf("%s has the content attribute %s without WithContentCapture", s.GetName(), key)
		}
	}

	name, _, _ := strings.Cut(s.GetName(), " ")
	at := slices.IndexFunc(semconv.Spans(), func(def semconv.Span) bool { return def.ID == name })
	switch {
	case at >= 0:
	case s.Scope.GetName() != otelvoice.ScopeName:
		return // Spans of HTTP.
	default: // The program names operations.
		at = slices.IndexFunc(semconv.Spans(), func(def semconv.Span) bool { return def.ID == "operation" })
	}
	def := semconv.Spans()[at]
	kinds := map[tracepb.Span_SpanKind]string{tracepb.Span_SPAN_KIND_INTERNAL: "internal", tracepb.Span_SPAN_KIND_CLIENT: "client"}
	if got := kinds[s.GetKind()]; got != def.Kind {
		t.Errorf("%s is %s, want %s", s.GetName(), s.GetKind(), def.Kind)
	}
	for _, name := range def.Required {
		if attrs[name] == nil {
			t.Errorf("%s lacks %s", s.GetName(), name)
		}
	}
}

// checkLinesBelongToSpans checks that each log line leads to its span.
func checkLinesBelongToSpans(t *testing.T, stdout []byte, spans []otlptest.Span) {
	t.Helper()
	ids := make(map[string]bool)
	for _, s := range spans {
		ids[hex.EncodeToString(s.GetTraceId())+hex.EncodeToString(s.GetSpanId())] = true
	}
	for _, l := range parseLines(t, stdout) {
		trace, _ := l.fields["trace_id"].(string)
		span, _ := l.fields["span_id"].(string)
		if !ids[trace+span] {
			t.Errorf("no span %s arrived for %s", span, l)
		}
	}
}

func checkMetrics(t *testing.T, collector *otlptest.Receiver) {
	t.Helper()
	arrived := make(map[string]bool)
	for _, m := range collector.AllMetrics() {
		arrived[m.GetName()] = true
	}
	for _, want := range []semconv.Metric{
		semconv.MetricVoiceTurnResponseLatency(), semconv.MetricVoiceTurnSegmentLatency(),
		semconv.MetricVoiceSessionDuration(), semconv.MetricVoiceStageDuration(),
		semconv.MetricVoiceInterruptionCount(), semconv.MetricVoiceTTSTimeToFirstByte(),
		semconv.MetricVoiceSTTFinalLatency(), semconv.MetricGenAIClientInferenceDuration(),
	} {
		if !arrived[want.Name] {
			t.Errorf("no %s arrived", want.Name)
		}
	}
}

// With the variables of OpenAI's clients set, the provider that they name is called. Requests
// carry the trace ID, but not the caller's identity.
func TestProviderOfTheEnvironmentIsUsed(t *testing.T) {
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := provider.Serve(t.Context(), &provider.Options{Speed: 20, Script: script})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = vendor.Close() }()
	var stdout, stderr bytes.Buffer
	env := variables("OPENAI_BASE_URL", vendor.BaseURL(), "OPENAI_API_KEY", "any", "OPENAI_CHAT_MODEL", "gpt-5")
	if code := run(t.Context(), []string{"-calls", "1", "-turns", "1", "-speed", "20"}, env, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &stderr)
	}
	if !strings.Contains(stderr.String(), "chat gpt-5") {
		t.Errorf("the model of the environment was not used:\n%s", &stderr)
	}
	id := newUUID(1)
	requests := vendor.Requests()
	if len(requests) < 5 {
		t.Errorf("the provider saw %d requests", len(requests))
	}
	for _, r := range requests {
		traceparent, correlationID := r.Header.Get("Traceparent"), r.Header.Get(otelvoice.CorrelationHeader)
		if !strings.HasPrefix(traceparent, "00-"+strings.ReplaceAll(id, "-", "")) || correlationID != "" || r.Header.Get("Baggage") != "" {
			t.Errorf("%s came with traceparent %q, correlation ID %q and baggage %q", r.Path, traceparent, correlationID, r.Header.Get("Baggage"))
		}
	}
}
