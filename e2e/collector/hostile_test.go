// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"net/http"
	"strings"
	"testing"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

func text(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

func list(values ...*commonpb.AnyValue) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: values}}}
}

// pairs returns attributes: a name and a value, and so on.
func pairs(nameAndValue ...any) (kvs []*commonpb.KeyValue) {
	for i := 0; i < len(nameAndValue); i += 2 {
		value, ok := nameAndValue[i+1].(*commonpb.AnyValue)
		if !ok {
			value = text(nameAndValue[i+1].(string))
		}
		kvs = append(kvs, &commonpb.KeyValue{Key: nameAndValue[i].(string), Value: value})
	}
	return kvs
}

func group(nameAndValue ...any) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: pairs(nameAndValue...)}}}
}

// hostile are values with a secret, which has the word hunter2, or an address of example.com.
var hostile = map[string]*commonpb.AnyValue{
	"a user in a URL": text("postgres://ada:hunter2@db:5432/calls"),
	"an address":      text("write to ada@example.com"),
	"an API key":      text("use sk-hunter2hunter2hunter2 now"),
	"a key of AWS":    text("AKIAHUNTER2HUNTER2AA"),
	"a bearer token":  text("> Authorization: Bearer hunter2hunter2hunter2"),
	"a JWT":           text("id_token=eyJhunter2hunter2.hunter2hunter2.hunter2"),
	"JSON":            text(`{"body":"{\"mail\":\"ada@example.com\"}"}`),
	"a list":          list(text("ada@example.com"), text("https://ada:hunter2@example.com/")),
	"a map":           group("user", group("mail", "ada@example.com")),
	"a map in a list": list(group("auth", "Bearer hunter2hunter2hunter2"), text("ada@example.com")),
}

// named are the names of attributes whose values are secrets.
var named = []string{
	"password", "db.password", "userPassword", "aws_secret_access_key", "accessToken", "refresh_token", "clientSecret", "x-api-key", "apikey", "private.key",
	"http.request.header.authorization", "http.response.header.set-cookie", "idToken", "token", "credentials",
}

// harmless stays as it is. Names and texts are those of the toolkit, or like it.
var harmless = pairs(
	"gen_ai.usage.input_tokens", "1200", "gen_ai.token.modality", "text", "voice.llm.time_to_first_token", "0.31", "voice.provider.rate_limit.remaining_tokens", "149984",
	"voice.session.id", "8f14e45f", "note", "turn 3 of call 20260101 took 1,234 ms: 17 tokens", "url.full", "https://example.com/oauth2/token?page=2",
	"gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"I forgot my password"}]}]`,
)

// attributes returns hostile values as attributes, and harmless ones.
func attributes() []*commonpb.KeyValue {
	kvs := append([]*commonpb.KeyValue{}, harmless...)
	for name, value := range hostile {
		kvs = append(kvs, &commonpb.KeyValue{Key: name, Value: proto.Clone(value).(*commonpb.AnyValue)})
	}
	for _, name := range named {
		kvs = append(kvs, pairs(name, "hunter2")...)
	}
	return kvs
}

// texts returns the hostile values that are texts.
func texts() (all []string) {
	for _, value := range hostile {
		if value.GetStringValue() != "" {
			all = append(all, value.GetStringValue())
		}
	}
	return all
}

// TestHostileRecords sends secrets at each place of spans and log records, in each form.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	kept := otlptest.NewReceiver(t)
	collector := backend.NewCollector(t, []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")},
		"JAEGER_OTLP_ENDPOINT="+kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+otlptest.NewReceiver(t).HTTPEndpoint(), "LOGS_OTLP_ENDPOINT="+kept.HTTPEndpoint())

	resource, scope := &resourcepb.Resource{Attributes: attributes()}, &commonpb.InstrumentationScope{Name: "plain", Attributes: attributes()}
	var sent []*tracepb.Span
	for _, s := range texts() {
		sent = append(sent, &tracepb.Span{
			TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Name: s, Status: &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: s},
			Events: []*tracepb.Span_Event{{Name: s, Attributes: pairs("exception.message", s)}},
		})
	}
	sent = append(sent, &tracepb.Span{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Name: "call", Attributes: attributes(), Events: []*tracepb.Span_Event{{Name: "said", Attributes: attributes()}},
	})
	var records []*logspb.LogRecord
	for _, value := range hostile {
		records = append(records, &logspb.LogRecord{Body: value}, &logspb.LogRecord{Body: group("outer", list(value))})
	}
	for _, name := range named {
		records = append(records, &logspb.LogRecord{Body: group(name, "hunter2", "inner", group(name, "hunter2"))})
	}
	records = append(records, &logspb.LogRecord{Body: text("call"), Attributes: attributes()})
	if status := collector.Post(t, "/v1/traces", &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: resource, ScopeSpans: []*tracepb.ScopeSpans{{Scope: scope, Spans: sent}},
	}}}); status != http.StatusOK {
		t.Fatalf("the collector answers spans with %d", status)
	}
	if status := collector.Post(t, "/v1/logs", &collogs.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{
		Resource: resource, ScopeLogs: []*logspb.ScopeLogs{{Scope: scope, LogRecords: records}},
	}}}); status != http.StatusOK {
		t.Fatalf("the collector answers records with %d", status)
	}

	backend.Eventually(t, "all arrive", func() bool { return len(kept.AllSpans()) == len(sent) && len(kept.AllLogs()) == len(records) })
	check := func(place string, messages ...proto.Message) {
		for _, m := range messages {
			for line := range strings.Lines(protojson.Format(m)) {
				if strings.Contains(strings.ToLower(line), "hunter2") || strings.Contains(line, "ada@") {
					t.Errorf("%s: not removed: %s", place, strings.TrimSpace(line))
				}
			}
		}
	}
	stays := func(place string, kvs []*commonpb.KeyValue) {
		got := otlptest.Attributes(kvs)
		for _, kv := range harmless {
			if got[kv.GetKey()] != kv.GetValue().GetStringValue() {
				t.Errorf("%s: %s is %v, want %q", place, kv.GetKey(), got[kv.GetKey()], kv.GetValue().GetStringValue())
			}
		}
	}
	spans, logs := kept.AllSpans(), kept.AllLogs()
	for _, s := range spans {
		check("a span", s.Span)
	}
	for _, l := range logs {
		check("a record", l.LogRecord)
	}
	last, record := spans[len(spans)-1], logs[len(logs)-1]
	check("a resource of spans", last.Resource)
	check("a scope of spans", last.Scope)
	check("a resource of records", record.Resource)
	check("a scope of records", record.Scope)
	for place, kvs := range map[string][]*commonpb.KeyValue{
		"a span": last.GetAttributes(), "an event": last.GetEvents()[0].GetAttributes(), "a record": record.GetAttributes(),
		"a resource of spans": last.Resource.GetAttributes(), "a scope of spans": last.Scope.GetAttributes(),
		"a resource of records": record.Resource.GetAttributes(), "a scope of records": record.Scope.GetAttributes(),
	} {
		stays(place, kvs)
	}
}

// TestNotRedacted checks what deploy/README.md says the collector does not see. If one of these is removed, the
// text there is to be changed.
func TestNotRedacted(t *testing.T) {
	t.Parallel()
	kept := otlptest.NewReceiver(t)
	collector := backend.NewCollector(t, []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")},
		"JAEGER_OTLP_ENDPOINT="+kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+otlptest.NewReceiver(t).HTTPEndpoint())
	span := &tracepb.Span{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Name: "call", TraceState: "vendor=hunter2", Status: &tracepb.Status{},
		Links:      []*tracepb.Span_Link{{TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), Attributes: pairs("password", "hunter2")}},
		Attributes: pairs("ada@example.com", "a name", "said", "my password is hunter2", "query", "password=hunter2", "body", `{"password":"hunter2"}`, "map", group("password", "hunter2")),
	}
	if status := collector.Post(t, "/v1/traces", &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{span}}},
	}}}); status != http.StatusOK {
		t.Fatalf("the collector answers spans with %d", status)
	}
	backend.Eventually(t, "the span arrives", func() bool { return len(kept.AllSpans()) == 1 })
	if got := kept.AllSpans()[0].Span; !proto.Equal(got, span) {
		t.Errorf("the span is now %s", protojson.Format(got))
	}
}
