// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/otelvoice"
)

// ownSDK is OpenTelemetry's SDK as a program sets it up without package voicesdk.
type ownSDK struct {
	spans  *tracetest.SpanRecorder
	reader *sdkmetric.ManualReader
	logs   recordedLogs

	tracers *sdktrace.TracerProvider
	meters  *sdkmetric.MeterProvider
	loggers *sdklog.LoggerProvider
}

func newOwnSDK(opts ...sdktrace.TracerProviderOption) *ownSDK {
	o := &ownSDK{spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
	o.tracers = sdktrace.NewTracerProvider(append(opts, sdktrace.WithSpanProcessor(o.spans))...)
	o.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(o.reader))
	o.loggers = sdklog.NewLoggerProvider(sdklog.WithProcessor(&o.logs))
	return o
}

// options returns the options that pass the providers to New.
func (o *ownSDK) options(more ...otelvoice.Option) []otelvoice.Option {
	return append([]otelvoice.Option{
		otelvoice.WithTracerProvider(o.tracers), otelvoice.WithMeterProvider(o.meters), otelvoice.WithLoggerProvider(o.loggers),
	}, more...)
}

// setGlobals makes the providers OpenTelemetry's globals.
func (o *ownSDK) setGlobals() {
	otel.SetTracerProvider(o.tracers)
	otel.SetMeterProvider(o.meters)
	otel.SetLoggerProvider(o.loggers)
}

// start returns a Telemetry on the SDK's providers.
func (o *ownSDK) start(t *testing.T, opts ...otelvoice.Option) *otelvoice.Telemetry {
	t.Helper()
	tel, err := otelvoice.New(o.options(opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// recordedLogs is a log processor that keeps the records.
type recordedLogs struct {
	mu      sync.Mutex
	records []sdklog.Record
}

func (l *recordedLogs) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

func (l *recordedLogs) OnEmit(_ context.Context, r *sdklog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r.Clone())
	return nil
}

func (l *recordedLogs) ForceFlush(context.Context) error { return nil }
func (l *recordedLogs) Shutdown(context.Context) error   { return nil }

func (l *recordedLogs) all() []sdklog.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}

// bodies returns the messages of the records.
func (l *recordedLogs) bodies() (bodies []string) {
	for _, r := range l.all() {
		bodies = append(bodies, r.Body().AsString())
	}
	return bodies
}

// names returns the names of the spans that have ended.
func (o *ownSDK) names() (names []string) {
	for _, s := range o.spans.Ended() {
		names = append(names, s.Name())
	}
	return names
}

// text returns everything that was recorded.
func (o *ownSDK) text(t *testing.T) string {
	t.Helper()
	return strings.Join(slices.Concat(
		spanShapes(o.spans.Ended()), logShapes(o.logs.all()), metricShapes(collect(t, o.reader), true)), "\n")
}

// has reports whether a metric of the name was recorded.
func (o *ownSDK) has(t *testing.T, name string) bool {
	t.Helper()
	for _, line := range metricShapes(collect(t, o.reader), false) {
		if strings.HasPrefix(line, "metric "+name+" ") {
			return true
		}
	}
	return false
}

func collect(t *testing.T, reader *sdkmetric.ManualReader) (rm metricdata.ResourceMetrics) {
	t.Helper()
	if err := reader.Collect(context.WithoutCancel(t.Context()), &rm); err != nil {
		t.Fatal(err)
	}
	return rm
}

// spanShapes returns a line for each span with everything except times and random IDs.
func spanShapes(spans []sdktrace.ReadOnlySpan) (lines []string) {
	for _, s := range spans {
		line := fmt.Sprintf("span %s %s %s@%s %s status=%v %q parent=%v links=%d attributes=%s",
			s.Name(), s.SpanKind(), s.InstrumentationScope().Name, s.InstrumentationScope().Version, s.InstrumentationScope().SchemaURL,
			s.Status().Code, s.Status().Description, s.Parent().IsValid(), len(s.Links()), attributesShape(s.Attributes()))
		for _, event := range s.Events() {
			line += fmt.Sprintf(" event %s %s", event.Name, attributesShape(event.Attributes))
		}
		lines = append(lines, line)
	}
	return lines
}

// logShapes returns a line for each record.
func logShapes(records []sdklog.Record) (lines []string) {
	for _, r := range records {
		var attrs []attribute.KeyValue
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			attrs = append(attrs, kv)
			return true
		})
		scope := r.InstrumentationScope()
		lines = append(lines, fmt.Sprintf("log %q %s %s %s@%s %s event=%q trace=%v span=%v attributes=%s",
			r.Body().String(), r.Severity(), r.SeverityText(), scope.Name, scope.Version, scope.SchemaURL, r.EventName(),
			r.TraceID().IsValid(), r.SpanID().IsValid(), attributesShape(attrs)))
	}
	return lines
}

// metricShapes returns a line for each series of the toolkit's scopes, or of all scopes.
func metricShapes(rm metricdata.ResourceMetrics, all bool) (lines []string) {
	for _, scope := range rm.ScopeMetrics {
		if !all && scope.Scope.Name != otelvoice.ScopeName {
			continue
		}
		for _, m := range scope.Metrics {
			head := fmt.Sprintf("metric %s %s %s %T %s@%s %s ", m.Name, m.Unit, m.Description, m.Data, scope.Scope.Name, scope.Scope.Version, scope.Scope.SchemaURL)
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					lines = append(lines, fmt.Sprint(head, attributesShape(p.Attributes.ToSlice()), " value=", p.Value))
				}
			case metricdata.Sum[float64]:
				for _, p := range data.DataPoints {
					lines = append(lines, fmt.Sprint(head, attributesShape(p.Attributes.ToSlice()), " value=", p.Value))
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					lines = append(lines, fmt.Sprint(head, attributesShape(p.Attributes.ToSlice()), " count=", p.Count, " sum=", p.Sum, " bounds=", p.Bounds))
				}
			default:
				lines = append(lines, head)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// attributesShape returns the attributes sorted by key, without the values that differ between
// runs.
func attributesShape(attrs []attribute.KeyValue) string {
	shapes := make([]string, 0, len(attrs))
	for _, kv := range attrs {
		switch key := string(kv.Key); {
		case strings.HasSuffix(key, ".id"), strings.HasPrefix(key, "code."):
			shapes = append(shapes, key)
		default:
			shapes = append(shapes, key+"="+kv.Value.String())
		}
	}
	slices.Sort(shapes)
	return strings.Join(shapes, " ")
}
