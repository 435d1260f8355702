// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

const stray = "caf\xc3" // Cut in the middle of a rune.

// nested has values of every kind, each with an invalid byte.
var nested = []attribute.KeyValue{
	attribute.String("text", stray),
	attribute.String("key"+stray, "x"),
	attribute.StringSlice("list", []string{"a", stray}),
	attribute.Slice("mixed", attribute.IntValue(1), attribute.StringValue(stray)),
	attribute.Map("map", attribute.String(stray, stray), attribute.Map("in", attribute.String("deep", stray))),
	attribute.String("NUL", "a\x00b"),
	attribute.String("surrogate", "\xed\xa0\x80"),
}

// entry is an API through which text enters telemetry.
type entry struct {
	name     string
	resource []attribute.KeyValue
	schema   string
	scope    scope
	span     func(context.Context, trace.Tracer)
	log      func(*log.Record)
	metric   func(context.Context, metric.Meter)
	views    []sdkmetric.View
}

type scope struct {
	name, version, schema string
	attrs                 []attribute.KeyValue
}

var entries = []entry{
	{name: "resource", resource: nested},
	{name: "resource's schema", schema: "https://" + stray},
	{name: "scope's name", scope: scope{name: stray}},
	{name: "scope's version", scope: scope{version: stray}},
	{name: "scope's schema", scope: scope{schema: "https://" + stray}},
	{name: "scope's attributes", scope: scope{attrs: nested}},
	{name: "span's name", span: func(ctx context.Context, t trace.Tracer) { start(ctx, t, stray).End() }},
	{name: "span's attributes", span: func(ctx context.Context, t trace.Tracer) { start(ctx, t, "s", trace.WithAttributes(nested...)).End() }},
	{name: "span's status", span: func(ctx context.Context, t trace.Tracer) {
		s := start(ctx, t, "s")
		s.SetStatus(codes.Error, stray)
		s.End()
	}},
	{name: "span's event", span: func(ctx context.Context, t trace.Tracer) {
		s := start(ctx, t, "s")
		s.AddEvent(stray, trace.WithAttributes(nested...))
		s.End()
	}},
	{name: "span's link", span: func(ctx context.Context, t trace.Tracer) {
		start(ctx, t, "s", trace.WithLinks(trace.Link{Attributes: nested})).End()
	}},
	{name: "event's name", log: func(r *log.Record) { r.SetEventName(stray) }},
	{name: "severity's text", log: func(r *log.Record) { r.SetSeverityText(stray) }},
	{name: "body", log: func(r *log.Record) { r.SetBody(attribute.StringValue(stray)) }},
	{name: "body that is a map", log: func(r *log.Record) { r.SetBody(attribute.MapValue(nested...)) }},
	{name: "body that is a list", log: func(r *log.Record) {
		r.SetBody(attribute.SliceValue(attribute.StringValue(stray), attribute.MapValue(nested...)))
	}},
	{name: "record's attributes", log: func(r *log.Record) { r.AddAttributes(nested...) }},
	{name: "instrument's unit and description", metric: func(ctx context.Context, m metric.Meter) {
		count(ctx, m, nil, metric.WithUnit(stray), metric.WithDescription(stray))
	}},
	{name: "measurement's attributes", metric: func(ctx context.Context, m metric.Meter) { count(ctx, m, nested) }},
	{name: "exemplar's attributes", metric: func(ctx context.Context, m metric.Meter) { count(ctx, m, nested) }, views: []sdkmetric.View{
		sdkmetric.NewView(sdkmetric.Instrument{Name: "*"}, sdkmetric.Stream{AttributeFilter: func(attribute.KeyValue) bool { return false }}),
	}},
	{name: "metric's name", metric: func(ctx context.Context, m metric.Meter) { count(ctx, m, nil) }, views: []sdkmetric.View{
		func(i sdkmetric.Instrument) (sdkmetric.Stream, bool) {
			return sdkmetric.Stream{Name: i.Name + stray, Description: i.Description, Unit: i.Unit}, i.Name == "bad.count"
		},
	}},
	{name: "every kind of metric", metric: func(ctx context.Context, m metric.Meter) {
		with := metric.WithAttributes(nested...)
		h, _ := m.Float64Histogram("bad.histogram")
		h.Record(ctx, 1, with)
		g, _ := m.Int64Gauge("bad.gauge")
		g.Record(ctx, 1, with)
		u, _ := m.Float64UpDownCounter("bad.level")
		u.Add(ctx, 1, with)
		_, _ = m.Int64ObservableGauge("bad.observed", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(1, with)
			return nil
		}))
	}},
}

func start(ctx context.Context, t trace.Tracer, name string, opts ...trace.SpanStartOption) trace.Span {
	_, s := t.Start(ctx, name, opts...)
	return s
}

func count(ctx context.Context, m metric.Meter, attrs []attribute.KeyValue, opts ...metric.Int64CounterOption) {
	c, _ := m.Int64Counter("bad.count", opts...)
	c.Add(ctx, 1, metric.WithAttributes(attrs...))
}

// A byte that is not UTF-8 costs one U+FFFD, not its request.
func TestOneByteThatIsNotUTF8LosesNothing(t *testing.T) {
	for _, protocol := range []export.Protocol{export.HTTP, export.GRPC} {
		for _, limited := range []bool{false, true} {
			for _, d := range entries {
				t.Run(fmt.Sprintf("%s/limited %t/%s", protocol, limited, d.name), func(t *testing.T) {
					testEntry(t, d, protocol, limited)
				})
			}
		}
	}
}

const good = 500 // Of each signal, beside the invalid one.

func testEntry(t *testing.T, d entry, protocol export.Protocol, limited bool) {
	t.Helper()
	receiver := otlptest.NewReceiver(t)
	res := resource.NewWithAttributes(d.schema, append([]attribute.KeyValue{attribute.String("service.name", "agent")}, d.resource...)...)
	variables := []string{"OTEL_EXPORTER_OTLP_PROTOCOL", string(protocol), "OTEL_EXPORTER_OTLP_ENDPOINT", receiver.HTTPEndpoint()}
	if protocol == export.GRPC {
		variables[3] = receiver.GRPCEndpoint()
	}
	if limited { // The SDK's exporter sends log records.
		variables = append(variables, "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "128")
	}
	cfg, err := fromEnv(variables...)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Resource = res
	set, err := export.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ctx, end := inSpan(ctx)
	defer end()

	tracers := sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithSpanProcessor(set.SpanProcessors[0]))
	tracer := tracers.Tracer("s"+d.scope.name, trace.WithInstrumentationVersion(d.scope.version), trace.WithSchemaURL(d.scope.schema),
		trace.WithInstrumentationAttributes(d.scope.attrs...))
	for range good {
		start(ctx, tracer, "good").End()
	}
	if d.span == nil {
		d.span = func(ctx context.Context, t trace.Tracer) { start(ctx, t, "bad").End() }
	}
	d.span(ctx, tracer)

	var (
		logs     log.LoggerProvider
		shutdown func(context.Context) error
	)
	if !limited {
		logs, shutdown = set.Logs, set.Logs.Shutdown
	} else {
		provider := sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(set.LogProcessors[0]))
		logs, shutdown = provider, provider.Shutdown
	}
	logger := logs.Logger("s"+d.scope.name, log.WithInstrumentationVersion(d.scope.version), log.WithSchemaURL(d.scope.schema),
		log.WithInstrumentationAttributes(d.scope.attrs...))
	for i := range good + 1 {
		var r log.Record
		r.SetTimestamp(time.Now())
		r.SetBody(attribute.StringValue("line " + strconv.Itoa(i)))
		if i == good/2 && d.log != nil {
			d.log(&r)
		}
		logger.Emit(ctx, r)
	}

	meters := sdkmetric.NewMeterProvider(sdkmetric.WithResource(res), sdkmetric.WithReader(set.Readers[0]), sdkmetric.WithView(d.views...))
	meter := meters.Meter("s"+d.scope.name, metric.WithInstrumentationVersion(d.scope.version), metric.WithSchemaURL(d.scope.schema),
		metric.WithInstrumentationAttributes(d.scope.attrs...))
	for i := range good {
		c, err := meter.Int64Counter("good." + strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		c.Add(ctx, 1)
	}
	if d.metric != nil {
		d.metric(ctx, meter)
	}

	for _, end := range []func(context.Context) error{tracers.Shutdown, shutdown, meters.Shutdown, set.Spool.Shutdown} {
		if err := end(ctx); err != nil {
			t.Error(err)
		}
	}
	if got := len(receiver.AllSpans()); got != good+1 {
		t.Errorf("%d of %d spans arrived", got, good+1)
	}
	if got := len(receiver.AllLogs()); got != good+1 {
		t.Errorf("%d of %d log records arrived", got, good+1)
	}
	want := good
	switch {
	case d.name == "every kind of metric":
		want += 4
	case d.metric != nil:
		want++
	}
	if got := len(receiver.AllMetrics()); got != want {
		t.Errorf("%d of %d metrics arrived", got, want)
	}
	replaced := false
	for _, request := range receiver.Messages() {
		replaced = replaced || hasReplacement(request.ProtoReflect())
	}
	if !replaced {
		t.Error("no U+FFFD arrived: the stray byte was elsewhere")
	}
	for _, h := range set.Spool.Health() {
		for reason, n := range h.Dropped {
			if n > 0 {
				t.Errorf("%d %s were lost: %s", n, h.Signal, reason)
			}
		}
	}
}

// inSpan returns a context in a sampled span, so that exemplars are kept.
func inSpan(ctx context.Context) (context.Context, func()) {
	ctx, s := sdktrace.NewTracerProvider().Tracer("").Start(ctx, "call")
	return ctx, func() { s.End() }
}

// hasReplacement reports whether a text of the message contains U+FFFD.
func hasReplacement(m protoreflect.Message) (found bool) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsList() && field.Message() != nil:
			for i := range v.List().Len() {
				found = found || hasReplacement(v.List().Get(i).Message())
			}
		case field.Message() != nil:
			found = hasReplacement(v.Message())
		case field.Kind() == protoreflect.StringKind && !field.IsList():
			found = strings.ContainsRune(v.String(), utf8.RuneError)
		}
		return !found
	})
	return found
}
