// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv_test

import (
	"maps"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	core "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/voice-agents/telemetry/semconv"
)

// Core attributes have the name and type that OpenTelemetry's own package has.
func TestCoreAttributesAgreeWithOpenTelemetry(t *testing.T) {
	want := map[string]attribute.Type{}
	for _, kv := range []attribute.KeyValue{
		core.SessionID("v"),
		core.SessionPreviousID("v"),
		core.UserID("v"),
		core.ErrorTypeKey.String("v"),
		core.CodeFunctionName("v"),
		core.CodeFilePath("v"),
		core.CodeLineNumber(1),
		core.ThreadID(1),
		core.ProcessPID(1),
		core.ExceptionType("v"),
		core.ExceptionMessage("v"),
		core.ExceptionStacktrace("v"),
		core.ServerAddress("v"),
		core.ServerPort(1),
		core.ClientAddress("v"),
		core.ServiceName("v"),
		core.ServiceVersion("v"),
		core.ServiceInstanceID("v"),
		core.HTTPRequestMethodKey.String("v"),
		core.HTTPRequestMethodOriginal("v"),
		core.HTTPRequestResendCount(1),
		core.HTTPRoute("v"),
		core.URLFull("v"),
		core.URLPath("v"),
		core.URLScheme("v"),
		core.NetworkPeerAddress("v"),
		core.NetworkPeerPort(1),
		core.NetworkProtocolName("v"),
		core.NetworkProtocolVersion("v"),
		core.UserAgentOriginal("v"),
		core.HTTPResponseStatusCode(1),
		core.HTTPRequestBodySize(1),
		core.HTTPResponseBodySize(1),
	} {
		want[string(kv.Key)] = kv.Value.Type()
	}
	header := core.HTTPRequestHeader("content-type", "v")
	if got := semconv.HTTPRequestHeader("content-type", "v"); got != header {
		t.Errorf("HTTPRequestHeader: got %v, want %v", got, header)
	}
	want["http.request.header"] = header.Value.Type()

	got := map[string]attribute.Type{}
	for _, a := range semconv.Attributes() {
		if a.Source == "core" {
			got[a.Name] = a.Type
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("core attributes: got %v, want %v", got, want)
	}
	if semconv.SchemaURL != core.SchemaURL {
		t.Errorf("SchemaURL: got %s, want %s", semconv.SchemaURL, core.SchemaURL)
	}
}

// One function of each type, against the registry's entry.
func TestConstructorsAgreeWithTheRegistry(t *testing.T) {
	byName := map[string]semconv.Attribute{}
	for _, a := range semconv.Attributes() {
		byName[a.Name] = a
	}
	tests := []struct {
		got  attribute.KeyValue
		name string
		want attribute.Value
	}{
		{semconv.VoiceTurnID("turn_1"), "voice.turn.id", attribute.StringValue("turn_1")},
		{semconv.VoiceTurnIndex(3), "voice.turn.index", attribute.IntValue(3)},
		{semconv.VoiceSTTConfidence(0.5), "voice.stt.confidence", attribute.Float64Value(0.5)},
		{semconv.GenAIRequestStream(true), "gen_ai.request.stream", attribute.BoolValue(true)},
		{semconv.VoiceProviderRequestIDs("a", "b"), "voice.provider.request_ids", attribute.StringSliceValue([]string{"a", "b"})},
		{semconv.VoiceStage(semconv.VoiceStageSTT), "voice.stage", attribute.StringValue("stt")},
		{semconv.VoicePerformance(attribute.Bool("ok", true)), "voice.performance", attribute.MapValue(attribute.Bool("ok", true))},
	}
	for _, tt := range tests {
		if string(tt.got.Key) != tt.name || tt.got.Value != tt.want {
			t.Errorf("got %v, want %s with %v", tt.got, tt.name, tt.want)
		}
		if want := byName[tt.name].Type; tt.got.Value.Type() != want {
			t.Errorf("%s: got type %s, want the registry's %s", tt.name, tt.got.Value.Type(), want)
		}
	}
}

// Redaction, and the tests of what is recorded by default, depend on Sensitive.
func TestContentAndPersonalDataAreSensitive(t *testing.T) {
	var got []string
	for _, a := range semconv.Attributes() {
		if a.Sensitive {
			got = append(got, a.Name)
		}
	}
	slices.Sort(got)
	want := []string{
		"client.address",
		"gen_ai.evaluation.explanation",
		"gen_ai.input.messages",
		"gen_ai.output.messages",
		"gen_ai.system_instructions",
		"gen_ai.tool.call.arguments",
		"gen_ai.tool.call.result",
		"http.request.header",
		"network.peer.address",
		"user.id",
		"voice.dtmf.digits",
		"voice.http.request.body",
		"voice.http.response.body",
		"voice.llm.reply",
		"voice.operation.arguments",
		"voice.participant.identity",
		"voice.stt.transcript",
		"voice.transfer.address",
		"voice.tts.text",
	}
	if !slices.Equal(got, want) {
		t.Errorf("sensitive attributes: got %q, want %q", got, want)
	}
}

// A caller may change the returned slices.
func TestListsAreNewSlices(t *testing.T) {
	semconv.Attributes()[0].Name = "changed"
	semconv.Spans()[0].Required[0] = "changed"
	semconv.Events()[0].Spans[0] = "changed"
	m := semconv.MetricVoiceTurnResponseLatency()
	m.Buckets[0], m.Attributes[0] = -1, "changed"

	if got := semconv.Attributes()[0].Name; got == "changed" {
		t.Error("Attributes: got the change of an earlier caller")
	}
	if got := semconv.Spans()[0].Required[0]; got == "changed" {
		t.Error("Spans: got the change of an earlier caller")
	}
	if got := semconv.Events()[0].Spans[0]; got == "changed" {
		t.Error("Events: got the change of an earlier caller")
	}
	if m := semconv.MetricVoiceTurnResponseLatency(); m.Buckets[0] == -1 || m.Attributes[0] == "changed" {
		t.Error("MetricVoiceTurnResponseLatency: got the change of an earlier caller")
	}
}

// Each of the seven segments of a turn has an attribute named after it.
func TestEverySegmentHasAnAttribute(t *testing.T) {
	var members []string
	names := map[string]bool{}
	for _, a := range semconv.Attributes() {
		names[a.Name] = true
		if a.Name == string(semconv.VoiceSegmentKey) {
			members = a.Members
		}
	}
	if len(members) != 7 {
		t.Errorf("segments: got %q, want 7", members)
	}
	for _, segment := range members {
		if name := "voice.turn.segment." + segment; !names[name] {
			t.Errorf("got no attribute %s", name)
		}
	}
}
