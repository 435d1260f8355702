// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/otlp"
)

// The encoders are compared with OpenTelemetry's exporters, which encode with the official
// protobuf types. What they send for the same input must be the same bytes.
//
// One difference is intended: the exporters fail on a text that is not valid UTF-8, while the
// encoders replace the invalid bytes, bound texts and nesting, and in spans replace bytes by
// their size. Such an input is compared with what the exporters send for its cleaned copy, made
// here and not by the code under test. The members of maps and the attributes of resources and
// scopes are then compared without their order, because the SDK sorts them by the cleaned keys.

// capture is the network of an exporter. It keeps the body of the last request.
type capture struct{ body []byte }

// RoundTrip implements [http.RoundTripper].
func (c *capture) RoundTrip(r *http.Request) (*http.Response, error) {
	var err error
	c.body, err = io.ReadAll(r.Body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-protobuf"}}, Body: http.NoBody, Request: r}, err
}

// officialSpans returns the request of OpenTelemetry's exporter.
func officialSpans(tb testing.TB, spans tracetest.SpanStubs) ([]byte, error) {
	tb.Helper()
	var c capture
	e, err := otlptracehttp.New(tb.Context(), otlptracehttp.WithEndpointURL("http://localhost/v1/traces"), otlptracehttp.WithHTTPClient(&http.Client{Transport: &c}))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = e.Shutdown(tb.Context()) }()
	err = e.ExportSpans(tb.Context(), spans.Snapshots())
	return c.body, err
}

// ourSpans returns the request of the span processor.
func ourSpans(tb testing.TB, res *resource.Resource, spans tracetest.SpanStubs) (body []byte) {
	tb.Helper()
	p := otlp.NewSpanProcessor(otlp.BatchConfig{Resource: res, Put: func(request []byte, _ int) error {
		body = append(body, request...)
		return nil
	}})
	for _, s := range spans.Snapshots() {
		p.OnEnd(s)
	}
	if err := p.Shutdown(context.WithoutCancel(tb.Context())); err != nil {
		tb.Fatal(err)
	}
	return body
}

// FuzzSpans compares the encoding of spans with that of OpenTelemetry's exporter.
func FuzzSpans(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		a := newArbitrary(data)
		res := a.resource()
		var spans tracetest.SpanStubs
		for range 1 + a.n(3) {
			s := a.span()
			s.Resource, s.InstrumentationScope = res, a.scope()
			spans = append(spans, s)
		}
		got := ourSpans(t, res, spans)
		c := cleaner{bytesAsSize: true}
		cleaned := make(tracetest.SpanStubs, 0, len(spans))
		cleanedResource := c.resource(res)
		for _, s := range spans {
			s = c.span(s)
			s.Resource = cleanedResource
			cleaned = append(cleaned, s)
		}
		if !c.changed {
			cleaned = spans
		}
		want, err := officialSpans(t, cleaned)
		if err != nil {
			t.Fatalf("OpenTelemetry's exporter fails: %v", err)
		}
		compare(t, got, want, c.changed, &coltrace.ExportTraceServiceRequest{}, &coltrace.ExportTraceServiceRequest{})
	})
}

// recorded is a record with all that belongs to it.
type recorded struct {
	record log.Record
	span   trace.SpanContext
	scope  instrumentation.Scope
}

func emit(p log.LoggerProvider, records []recorded) {
	for _, r := range records {
		opts := []log.LoggerOption{log.WithInstrumentationVersion(r.scope.Version), log.WithSchemaURL(r.scope.SchemaURL)}
		if r.scope.Attributes.Len() > 0 {
			opts = append(opts, log.WithInstrumentationAttributes(r.scope.Attributes.ToSlice()...))
		}
		p.Logger(r.scope.Name, opts...).Emit(trace.ContextWithSpanContext(context.Background(), r.span), r.record)
	}
}

// keeper is a log processor that keeps records.
type keeper struct{ records []sdklog.Record }

func (k *keeper) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (k *keeper) Shutdown(context.Context) error                         { return nil }
func (k *keeper) ForceFlush(context.Context) error                       { return nil }
func (k *keeper) OnEmit(_ context.Context, r *sdklog.Record) error {
	k.records = append(k.records, r.Clone())
	return nil
}

// officialRecords returns the request of OpenTelemetry's exporter. The SDK's provider removes
// empty and duplicate keys first.
func officialRecords(tb testing.TB, res *resource.Resource, records []recorded) ([]byte, error) {
	tb.Helper()
	var c capture
	e, err := otlploghttp.New(tb.Context(), otlploghttp.WithEndpointURL("http://localhost/v1/logs"), otlploghttp.WithHTTPClient(&http.Client{Transport: &c}))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = e.Shutdown(tb.Context()) }()
	var k keeper
	p := sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(&k))
	emit(p, records)
	err = e.Export(tb.Context(), k.records)
	return c.body, err
}

// ourRecords returns the request of the logger provider.
func ourRecords(tb testing.TB, res *resource.Resource, records []recorded) (body []byte) {
	tb.Helper()
	p := otlp.NewLoggerProvider(otlp.BatchConfig{Resource: res, Put: func(request []byte, _ int) error {
		body = append(body, request...)
		return nil
	}})
	emit(p, records)
	if err := p.Shutdown(context.WithoutCancel(tb.Context())); err != nil {
		tb.Fatal(err)
	}
	return body
}

// FuzzLogRecords compares the encoding of log records with that of OpenTelemetry's exporter.
func FuzzLogRecords(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		a := newArbitrary(data)
		res := resource.Default()
		if r, err := resource.Merge(res, a.resource()); err == nil { // As the provider does.
			res = r
		}
		var records []recorded
		for range 1 + a.n(3) {
			r, span := a.logRecord()
			records = append(records, recorded{r, span, a.scope()})
		}
		got := ourRecords(t, res, records)
		var c cleaner
		cleaned := make([]recorded, 0, len(records))
		cleanedResource := c.resource(res)
		for _, r := range records {
			cleaned = append(cleaned, recorded{c.record(r.record), r.span, c.scope(r.scope)})
		}
		if !c.changed {
			cleaned, cleanedResource = records, res
		}
		want, err := officialRecords(t, cleanedResource, cleaned)
		if err != nil {
			t.Fatalf("OpenTelemetry's exporter fails: %v", err)
		}
		compare(t, got, want, c.changed, &collogs.ExportLogsServiceRequest{}, &collogs.ExportLogsServiceRequest{})
	})
}

// compare fails unless two requests are the same: to the byte, or as messages if
// the input was cleaned.
func compare[M proto.Message](t *testing.T, got, want []byte, cleaned bool, gotMessage, wantMessage M) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	if err := proto.Unmarshal(got, gotMessage); err != nil {
		t.Fatalf("the request cannot be decoded: %v", err)
	}
	if err := proto.Unmarshal(want, wantMessage); err != nil {
		t.Fatal(err)
	}
	if cleaned {
		sortKeys(gotMessage.ProtoReflect())
		sortKeys(wantMessage.ProtoReflect())
	}
	switch {
	case !proto.Equal(gotMessage, wantMessage):
		got, want := difference(protojson.Format(gotMessage), protojson.Format(wantMessage))
		t.Errorf("the messages differ (input cleaned: %t)\ngot  %s\nwant %s", cleaned, got, want)
	case !cleaned:
		t.Errorf("the messages are equal, but not their bytes\ngot  %.2000x\nwant %.2000x", got, want)
	}
}

// difference returns the first lines that differ, and some around them.
func difference(got, want string) (string, string) {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < len(a) && i < len(b) && strings.ReplaceAll(a[i], " ", "") == strings.ReplaceAll(b[i], " ", "") {
		i++
	}
	around := func(lines []string) string {
		var b strings.Builder
		for _, l := range lines[max(0, min(i, len(lines))-8):min(i+8, len(lines))] {
			fmt.Fprintf(&b, "%.80s…%s\n", l, l[max(0, len(l)-40):])
		}
		return b.String()
	}
	return around(a), around(b)
}

// sortKeys sorts the members of maps and the attributes of resources and scopes, which the
// cleaned copy has in the order of its cleaned keys.
func sortKeys(m protoreflect.Message) {
	switch m := m.Interface().(type) {
	case *commonpb.KeyValueList:
		sortPairs(m.GetValues())
	case *commonpb.InstrumentationScope:
		sortPairs(m.GetAttributes())
	case *resourcepb.Resource:
		sortPairs(m.GetAttributes())
	}
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.Message() == nil:
		case field.IsList():
			for i := range v.List().Len() {
				sortKeys(v.List().Get(i).Message())
			}
		default:
			sortKeys(v.Message())
		}
		return true
	})
}

func sortPairs(attrs []*commonpb.KeyValue) {
	slices.SortStableFunc(attrs, func(a, b *commonpb.KeyValue) int { return strings.Compare(a.GetKey(), b.GetKey()) })
}

// cleaner makes the copies that the exporters accept.
type cleaner struct {
	bytesAsSize bool // Bytes are replaced by their size.
	changed     bool
}

func (c *cleaner) text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	c.changed = true
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (c *cleaner) value(v attribute.Value, depth int) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(c.text(v.AsString()))
	case attribute.STRINGSLICE:
		texts := v.AsStringSlice()
		for i := range texts {
			texts[i] = c.text(texts[i])
		}
		return attribute.StringSliceValue(texts)
	case attribute.BYTESLICE:
		if c.bytesAsSize {
			c.changed = true
			return attribute.MapValue(attribute.Int(cleantext.SizeKey, len(v.AsByteSlice())))
		}
	case attribute.SLICE, attribute.MAP:
		if depth == cleantext.MaxDepth {
			c.changed = true
			return attribute.StringValue("…")
		}
		if v.Type() == attribute.MAP {
			return attribute.MapValue(c.attributes(v.AsMap(), depth+1)...)
		}
		values := v.AsSlice()
		for i := range values {
			values[i] = c.value(values[i], depth+1)
		}
		return attribute.SliceValue(values...)
	}
	return v
}

// attributes cleans attributes. If cleaning changes a key, the last of equal keys remains, in the
// place of the first.
func (c *cleaner) attributes(attrs []attribute.KeyValue, depth int) []attribute.KeyValue {
	out := make([]attribute.KeyValue, 0, len(attrs))
	keys := false
	for _, kv := range attrs {
		key := attribute.Key(c.text(string(kv.Key)))
		keys = keys || key != kv.Key
		out = append(out, attribute.KeyValue{Key: key, Value: c.value(kv.Value, depth)})
	}
	if !keys {
		return out
	}
	return lastValues(out)
}

// lastValues removes duplicate keys: the last value remains, in the place of the first.
func lastValues(attrs []attribute.KeyValue) []attribute.KeyValue {
	var kept []attribute.KeyValue
	for _, kv := range attrs {
		if i := slices.IndexFunc(kept, func(k attribute.KeyValue) bool { return k.Key == kv.Key }); i >= 0 {
			kept[i].Value = kv.Value
			continue
		}
		kept = append(kept, kv)
	}
	return kept
}

// origin cleans the attributes of a resource or a scope, which keep their bytes.
func (c *cleaner) origin(attrs []attribute.KeyValue) []attribute.KeyValue {
	o := cleaner{}
	out := o.attributes(attrs, 0)
	c.changed = c.changed || o.changed
	return out
}

func (c *cleaner) resource(res *resource.Resource) *resource.Resource {
	schema, attrs := c.text(res.SchemaURL()), c.origin(res.Attributes())
	return resource.NewWithAttributes(schema, attrs...)
}

func (c *cleaner) scope(s instrumentation.Scope) instrumentation.Scope {
	s.Name, s.Version, s.SchemaURL = c.text(s.Name), c.text(s.Version), c.text(s.SchemaURL)
	if s.Attributes.Len() > 0 {
		s.Attributes = attribute.NewSet(c.origin(s.Attributes.ToSlice())...)
	}
	return s
}

func (c *cleaner) span(s tracetest.SpanStub) tracetest.SpanStub {
	s.Name, s.Status.Description = c.text(s.Name), c.text(s.Status.Description)
	s.Attributes = c.attributes(s.Attributes, 0)
	s.Events, s.Links = slices.Clone(s.Events), slices.Clone(s.Links)
	for i := range s.Events {
		e := &s.Events[i]
		e.Name, e.Attributes = c.text(e.Name), c.attributes(e.Attributes, 0)
	}
	for i := range s.Links {
		s.Links[i].Attributes = c.attributes(s.Links[i].Attributes, 0)
	}
	s.InstrumentationScope = c.scope(s.InstrumentationScope)
	return s
}

func (c *cleaner) record(r log.Record) log.Record {
	var attrs []attribute.KeyValue
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		attrs = append(attrs, kv)
		return true
	})
	var out log.Record
	out.SetTimestamp(r.Timestamp())
	out.SetObservedTimestamp(r.ObservedTimestamp())
	out.SetSeverity(r.Severity())
	out.SetSeverityText(c.text(r.SeverityText()))
	out.SetEventName(c.text(r.EventName()))
	out.SetBody(c.value(r.Body(), 0))
	out.AddAttributes(c.attributes(lastValues(attrs), 0)...) // Records have no duplicate keys when they are cleaned.
	return out
}
